import { required } from '../adapters/aws/environment.ts';
import { sqsRetryQueue } from '../adapters/aws/retry-queue.ts';
import { handleOnPayment } from '../messaging/on-payment.ts';
import { worker } from '../messaging/worker.ts';

export const handler = worker(handleOnPayment, {
  queue: sqsRetryQueue,
  maxReceiveCount: Number(required('MAX_RECEIVE_COUNT')),
});
