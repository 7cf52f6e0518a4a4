import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { logger, observed } from '../observability.ts';

/**
 * Handles the changes of a table one after the other. A stream is read in order, so the first change that fails is where
 * the next try begins.
 */
export function streamConsumer(handle: (record: DynamoDBRecord) => Promise<void>) {
  return ({ Records }: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> =>
    observed(context, async () => {
      for (const record of Records) {
        try {
          await handle(record);
        } catch (error) {
          const itemIdentifier = record.dynamodb?.SequenceNumber ?? '';
          logger.error('change failed', { itemIdentifier, error });
          return { batchItemFailures: [{ itemIdentifier }] };
        }
      }
      return { batchItemFailures: [] };
    });
}
