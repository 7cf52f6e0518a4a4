import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleHearAudits } from '../messaging/hear-audits.ts';
import { messageWorker } from '../messaging/worker.ts';

export const handler = messageWorker(handleHearAudits, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
