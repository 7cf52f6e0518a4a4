import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../http/message.ts';

/** How old a signed timestamp may be; the tolerance that Stripe, Slack and Standard Webhooks recommend. */
const TOLERANCE_SECONDS = 300;

type SignedRequest = Pick<HttpRequest, 'headers' | 'body'>;

export interface Provider {
  /** What the provider calls this delivery in every repeat of it. */
  deliveryId(request: SignedRequest): string | undefined;
  verify(request: SignedRequest, secret: string, now: Date): boolean;
  /** What to echo when the provider only asks whether the endpoint is ours. */
  challenge?(body: Buffer): string | undefined;
}

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
const github: Provider = {
  deliveryId: ({ headers }) => headers['x-github-delivery'],
  verify: ({ headers, body }, secret) =>
    isEqual(headers['x-hub-signature-256'], `sha256=${hmac(secret, body).toString('hex')}`),
};

/** https://docs.stripe.com/webhooks#verify-manually */
const stripe: Provider = {
  deliveryId: ({ body }) => stringMember(body, 'id'),
  verify: ({ headers, body }, secret, now) => {
    const fields = (headers['stripe-signature'] ?? '').split(',').map((field) => field.trim().split('=', 2));
    const timestamp = fields.find(([name]) => name === 't')?.[1];
    const expected = hmac(secret, `${timestamp ?? ''}.`, body).toString('hex');
    const isSigned = fields.some(([name, value]) => name === 'v1' && isEqual(value, expected));
    return isSigned && isFresh(timestamp, now);
  },
};

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
const slack: Provider = {
  deliveryId: ({ headers, body }) => stringMember(body, 'event_id') ?? headers['x-slack-signature'],
  verify: ({ headers, body }, secret, now) => {
    const timestamp = headers['x-slack-request-timestamp'];
    const expected = `v0=${hmac(secret, `v0:${timestamp ?? ''}:`, body).toString('hex')}`;
    return isEqual(headers['x-slack-signature'], expected) && isFresh(timestamp, now);
  },
  challenge: (body) => stringMember(body, 'challenge'),
};

/** https://www.standardwebhooks.com: secrets are base64, usually with the prefix `whsec_`. */
const custom: Provider = {
  deliveryId: ({ headers }) => headers['webhook-id'],
  verify: ({ headers, body }, secret, now) => {
    const timestamp = headers['webhook-timestamp'];
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signed = `${headers['webhook-id'] ?? ''}.${timestamp ?? ''}.`;
    const expected = `v1,${hmac(key, signed, body).toString('base64')}`;
    const signatures = (headers['webhook-signature'] ?? '').split(' ');
    return signatures.some((signature) => isEqual(signature, expected)) && isFresh(timestamp, now);
  },
};

const PROVIDERS = new Map<string, Provider>([
  ['github', github],
  ['stripe', stripe],
  ['slack', slack],
  ['custom', custom],
]);

export function providerOf(name: string): Provider | undefined {
  return PROVIDERS.get(name);
}

function hmac(key: string | Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const digest = createHmac('sha256', key);
  for (const part of parts) {
    digest.update(part);
  }
  return digest.digest();
}

function isEqual(given: string | undefined, expected: string): boolean {
  const left = Buffer.from(given ?? '');
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}

function isFresh(timestamp: string | undefined, now: Date): boolean {
  const age = Math.abs(now.getTime() / 1000 - Number(timestamp));
  return age <= TOLERANCE_SECONDS;
}

function stringMember(body: Buffer, name: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(body.toString('utf8')) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
