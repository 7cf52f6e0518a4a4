import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleReadImports } from '../messaging/read-imports.ts';
import { messageWorker } from '../messaging/worker.ts';

export const handler = messageWorker(handleReadImports, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
