import type { DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { handler } from '../../src/functions/project-reports.ts';
import { aContext } from '../support/samples.ts';

const good = { eventName: 'INSERT', dynamodb: { SequenceNumber: '1', Keys: { pk: { S: 'a' } } } };
const bad = { eventName: 'INSERT', dynamodb: { SequenceNumber: '2' } };

describe('project-reports', () => {
  it('handles changes', async () => {
    const event = { Records: [good] } as DynamoDBStreamEvent;
    expect(await handler(event, aContext)).toEqual({ batchItemFailures: [] });
  });

  it('begins again at the change that it could not handle', async () => {
    const event = { Records: [good, bad] } as DynamoDBStreamEvent;
    expect(await handler(event, aContext)).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  });
});
