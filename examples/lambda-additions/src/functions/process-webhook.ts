import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { dynamoWebhookStore } from '../adapters/aws/webhook-store.ts';
import { webhookHandler } from '../messaging/handlers.ts';
import { worker } from '../messaging/worker.ts';

export const handler = worker(webhookHandler({ webhooks: dynamoWebhookStore }), {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
