import type { DynamoDBRecord } from 'aws-lambda';
import { logger } from '../observability.ts';

/** Handles one change of the table reports. It may come twice: doing the same again must do no harm. */
export function handleProjectReports({ eventName, dynamodb }: DynamoDBRecord): Promise<void> {
  const key = dynamodb?.Keys?.['pk']?.S;
  if (key === undefined) {
    return Promise.reject(new Error('the record has no key'));
  }
  logger.info('change handled', { key, eventName });
  return Promise.resolve();
}
