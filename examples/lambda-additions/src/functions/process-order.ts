import { required } from '../adapters/aws/environment.ts';
import { dynamoOrderStore } from '../adapters/aws/order-store.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { orderHandler } from '../messaging/handlers.ts';
import { worker } from '../messaging/worker.ts';

export const handler = worker(orderHandler({ orders: dynamoOrderStore, now: () => new Date() }), {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
