import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleNotify } from '../messaging/notify.ts';
import { messageWorker } from '../messaging/worker.ts';

export const handler = messageWorker(handleNotify, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
