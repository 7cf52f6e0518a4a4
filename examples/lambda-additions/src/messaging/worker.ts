import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord, Context } from 'aws-lambda';
import type { CloudEvent } from '../domain/events.ts';
import type { RetryQueue } from '../domain/ports.ts';
import { logger, observed } from '../observability.ts';
import { parseEvent } from './cloud-event.ts';

const BACKOFF_BASE_SECONDS = 2;
const BACKOFF_CAP_SECONDS = 900;

export interface WorkerOptions {
  readonly queue: RetryQueue;
  /** After how many receives a message is given up; the queue's own redrive policy says the same number. */
  readonly maxReceiveCount: number;
  /** Between 0 and 1; drawn anew for every retry. */
  readonly random?: () => number;
}

/** Handles the CloudEvents of a queue. */
export function worker(handle: (event: CloudEvent) => Promise<void>, options: WorkerOptions) {
  return messageWorker((body) => {
    const event = parseEvent(body);
    logger.appendKeys({
      eventId: event.id,
      ...(event.correlationid !== undefined && { requestId: event.correlationid }),
    });
    return handle(event);
  }, options);
}

/**
 * Handles each message of a batch by itself: one that fails comes back later, after an exponential backoff with
 * full jitter, and the others are done. A message that fails for the last time goes to the dead-letter queue with its cause.
 */
export function messageWorker(handle: (body: string) => Promise<void>, options: WorkerOptions) {
  return ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    observed(context, async () => {
      const batchItemFailures: SQSBatchItemFailure[] = [];
      for (const record of Records) {
        if (!(await settle(record, handle, options))) {
          batchItemFailures.push({ itemIdentifier: record.messageId });
        }
      }
      return { batchItemFailures };
    });
}

/** Whether the queue may forget the message. */
async function settle(
  record: SQSRecord,
  handle: (body: string) => Promise<void>,
  options: WorkerOptions,
): Promise<boolean> {
  logger.appendKeys({ requestId: record.messageId });
  try {
    await handle(record.body);
    return true;
  } catch (error) {
    return giveBack(record, error, options);
  }
}

async function giveBack(record: SQSRecord, error: unknown, options: WorkerOptions): Promise<boolean> {
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const isLast = receives >= options.maxReceiveCount;
  logger.error('message failed', { messageId: record.messageId, receives, isLast, error });
  const message = { receiptHandle: record.receiptHandle, body: record.body, attributes: stringAttributes(record) };
  try {
    if (isLast) {
      await options.queue.bury(message, causeOf(record, error));
      return true;
    }
    await options.queue.delay(message, backoff(receives, options.random ?? Math.random));
  } catch (failure) {
    // The queue's own visibility timeout and redrive policy take over.
    logger.error('message could not be given back', { messageId: record.messageId, error: failure });
  }
  return false;
}

function backoff(receives: number, random: () => number): number {
  return Math.round(random() * Math.min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** (receives - 1)));
}

function causeOf(record: SQSRecord, error: unknown): Record<string, string> {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    ErrorType: name,
    ErrorMessage: message.slice(0, 1024),
    OriginalMessageId: record.messageId,
    ReceiveCount: record.attributes.ApproximateReceiveCount,
  };
}

function stringAttributes({ messageAttributes }: SQSRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(messageAttributes).flatMap(([name, { stringValue }]) =>
      stringValue === undefined ? [] : [[name, stringValue]],
    ),
  );
}
