import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeAws } from '../support/aws.ts';
import { aContext } from '../support/samples.ts';

let aws: FakeAws;

beforeAll(async () => {
  aws = await FakeAws.start();
});

afterAll(() => aws.stop());

const good = JSON.stringify({ id: '1' });

const batch = (body: string) =>
  ({
    Records: [{ messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' }, messageAttributes: {} }],
  }) as unknown as SQSEvent;

describe('hear-audits', () => {
  it('handles a message', async () => {
    const { handler } = await import('../../src/functions/hear-audits.ts');
    expect(await handler(batch(good), aContext)).toEqual({ batchItemFailures: [] });
  });

  it('gives back a message that it does not understand', async () => {
    const { handler } = await import('../../src/functions/hear-audits.ts');
    aws.reply({});
    expect(await handler(batch('{}'), aContext)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(aws.requests[0]?.operation).toBe('ChangeMessageVisibility');
  });
});
