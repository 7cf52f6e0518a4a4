import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryOutbox } from '../../src/adapters/memory/outbox.ts';
import { memoryWebhookStore } from '../../src/adapters/memory/webhook-store.ts';
import type { CloudEvent } from '../../src/domain/events.ts';
import type { WebhookStore } from '../../src/domain/ports.ts';
import { answer } from '../../src/http/gateway.ts';
import { receiveWebhookRoute } from '../../src/http/routes/receive-webhook.ts';
import { webhookHandler } from '../../src/messaging/handlers.ts';
import { aRequest, NOW, now } from '../support/samples.ts';

const SECRET = Buffer.from('a secret of 24 bytes....').toString('base64');
const SECONDS = NOW.getTime() / 1000;
const BODY = '{"id":"evt_1","event_id":"Ev1"}';

const hex = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex');
const base64 = (text: string) => createHmac('sha256', Buffer.from(SECRET, 'base64')).update(text).digest('base64');

type Sign = (time: number) => Record<string, string>;

/** Each scheme as its provider documents it. */
const SCHEMES: Record<string, Sign> = {
  github: () => ({ 'x-github-delivery': 'd-1', 'x-hub-signature-256': `sha256=${hex(BODY)}` }),
  stripe: (time) => ({ 'stripe-signature': `t=${String(time)},v1=00,v1=${hex(`${String(time)}.${BODY}`)}` }),
  slack: (time) => ({
    'x-slack-request-timestamp': String(time),
    'x-slack-signature': `v0=${hex(`v0:${String(time)}:${BODY}`)}`,
  }),
  custom: (time) => ({
    'webhook-id': 'm-1',
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,${base64(`m-1.${String(time)}.${BODY}`)}`,
  }),
};

let outbox: MemoryOutbox;
let webhooks: WebhookStore;
let events: CloudEvent[];

beforeEach(() => {
  outbox = new MemoryOutbox();
  webhooks = memoryWebhookStore(outbox);
  events = [];
  outbox.subscribe('webhook.received', (event) => Promise.resolve(void events.push(event)));
});

async function deliver(provider: string, headers: Record<string, string>, body = BODY) {
  const secrets = { for: () => Promise.resolve(['an older secret', SECRET]) };
  const request = aRequest({ path: `/webhooks/${provider}`, pathParameters: { provider }, headers, claims: undefined });
  const response = await answer(receiveWebhookRoute({ webhooks, secrets, now }), {
    ...request,
    body: Buffer.from(body),
  });
  await outbox.drained();
  return response.status;
}

describe.each(Object.entries(SCHEMES))('a webhook of %s', (provider, sign) => {
  it('is accepted once, and its repeat is ignored', async () => {
    expect(await deliver(provider, sign(SECONDS))).toBe(202);
    expect(await deliver(provider, sign(SECONDS))).toBe(202);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ data: { provider, payload: Buffer.from(BODY).toString('base64') } });
  });

  it('is refused when its body was changed', async () => {
    expect(await deliver(provider, sign(SECONDS), `${BODY} `)).toBe(401);
    expect(events).toHaveLength(0);
  });

  it('is refused without a signature', async () => {
    expect(await deliver(provider, {})).toBe(401);
  });

  it.each(Object.keys(sign(SECONDS)))('is refused without its header %s', async (name) => {
    const others = Object.entries(sign(SECONDS)).filter(([key]) => key !== name);
    expect(await deliver(provider, Object.fromEntries(others))).not.toBe(202);
  });
});

describe.each(['stripe', 'slack', 'custom'])('a webhook of %s with a timestamp', (provider) => {
  it.each([-301, 301])('is refused when it is %i seconds off', async (offset) => {
    expect(await deliver(provider, SCHEMES[provider]?.(SECONDS + offset) ?? {})).toBe(401);
  });

  it('is accepted within 300 seconds', async () => {
    expect(await deliver(provider, SCHEMES[provider]?.(SECONDS - 299) ?? {})).toBe(202);
  });
});

describe('the webhook route', () => {
  it('knows no other provider', async () => {
    expect(await deliver('unknown', {})).toBe(404);
  });

  it('refuses a body over 256 KiB', async () => {
    expect(await deliver('github', SCHEMES['github']?.(SECONDS) ?? {}, ' '.repeat(256 * 1024 + 1))).toBe(413);
  });

  it('echoes the challenge with which Slack asks for the owner of the endpoint', async () => {
    const body = '{"challenge":"c-1"}';
    const time = String(SECONDS);
    const headers = { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${hex(`v0:${time}:${body}`)}` };

    expect(await deliver('slack', headers, body)).toBe(200);
  });

  it('takes a body that is not JSON', async () => {
    const headers = { 'x-slack-request-timestamp': String(SECONDS), 'x-slack-signature': 'v0=00' };

    expect(await deliver('slack', headers, 'command=/ship')).toBe(401);
  });
});

describe('handling a webhook', () => {
  it('may happen twice', async () => {
    await deliver('github', SCHEMES['github']?.(SECONDS) ?? {});
    const complete = vi.spyOn(webhooks, 'complete');
    for (const event of [...events, ...events]) {
      await webhookHandler({ webhooks })(event);
    }

    expect(await Promise.all(complete.mock.results.map(({ value }) => value as Promise<boolean>))).toEqual([
      true,
      false,
    ]);
  });
});
