import { cachedWebhookSecrets } from '../adapters/aws/webhook-secrets.ts';
import { dynamoWebhookStore } from '../adapters/aws/webhook-store.ts';
import { gatewayHandler } from '../http/gateway.ts';
import { receiveWebhookRoute } from '../http/routes/receive-webhook.ts';

export const handler = gatewayHandler(
  receiveWebhookRoute({ webhooks: dynamoWebhookStore, secrets: cachedWebhookSecrets(), now: () => new Date() }),
);
