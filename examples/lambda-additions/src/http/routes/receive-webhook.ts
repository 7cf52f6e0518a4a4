import { type WebhookDelivery, webhookEvent } from '../../domain/events.ts';
import type { Clock, WebhookSecrets, WebhookStore } from '../../domain/ports.ts';
import { logger, service } from '../../observability.ts';
import { providerOf, type Provider } from '../../webhooks/providers.ts';
import { limitBody } from '../body.ts';
import { type HttpRequest, json, type Route } from '../message.ts';
import { Problem } from '../problem.ts';

export interface WebhookDependencies {
  readonly webhooks: WebhookStore;
  readonly secrets: WebhookSecrets;
  readonly now: Clock;
}

export function receiveWebhookRoute({ webhooks, secrets, now }: WebhookDependencies): Route {
  return async (request) => {
    const name = request.pathParameters['provider'] ?? '';
    const provider = providerOf(name);
    if (provider === undefined) {
      throw new Problem('not_found', 'There is no such webhook.');
    }
    limitBody(request);
    const deliveryId = verify(request, provider, await secrets.for(name), now());
    const challenge = provider.challenge?.(request.body);
    if (challenge !== undefined) {
      return json(200, { challenge });
    }
    const payload = request.body.toString('base64');
    const delivery: WebhookDelivery = { provider: name, deliveryId, receivedAt: now().toISOString(), payload };
    const event = webhookEvent(delivery, { source: service, correlationId: request.requestId });
    const isNew = await webhooks.accept(delivery, event);
    logger.info('webhook accepted', { provider: name, deliveryId, replayed: !isNew });
    return { status: 202 };
  };
}

/** The delivery's id, if the body was signed with one of the secrets. */
function verify(request: HttpRequest, provider: Provider, secrets: readonly string[], now: Date): string {
  const deliveryId = provider.deliveryId(request);
  if (deliveryId === undefined || !secrets.some((secret) => provider.verify(request, secret, now))) {
    throw new Problem('unauthorized', 'The signature is not valid.');
  }
  return deliveryId;
}
