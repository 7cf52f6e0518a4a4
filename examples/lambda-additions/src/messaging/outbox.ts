import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { CloudEvent } from '../domain/events.ts';
import type { EventPublisher } from '../domain/ports.ts';
import { logger, observed } from '../observability.ts';
import { parseEvent } from './cloud-event.ts';

/**
 * Publishes the events that were stored together with the change they tell of. A stream is read in order, so the
 * first record that could not be published is where the next try begins.
 */
export function outboxPublisher(publisher: EventPublisher) {
  return ({ Records }: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> =>
    observed(context, async () => {
      const published = await publisher.publish(Records.map(eventOf));
      logger.info('events published', { published, of: Records.length, requestId: context.awsRequestId });
      return resumeAt(Records[published]);
    });
}

function eventOf({ dynamodb }: DynamoDBRecord): CloudEvent {
  return parseEvent(dynamodb?.NewImage?.['event']?.S ?? '');
}

function resumeAt(record: DynamoDBRecord | undefined): DynamoDBBatchResponse {
  const itemIdentifier = record?.dynamodb?.SequenceNumber;
  return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] };
}
