import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleResize } from '../messaging/resize.ts';
import { messageWorker } from '../messaging/worker.ts';

export const handler = messageWorker(handleResize, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
