import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleAuditOrders } from '../messaging/audit-orders.ts';
import { messageWorker } from '../messaging/worker.ts';

export const handler = messageWorker(handleAuditOrders, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
