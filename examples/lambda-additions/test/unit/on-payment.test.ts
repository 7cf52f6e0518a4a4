import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeAws } from '../support/aws.ts';
import { aContext, anEvent } from '../support/samples.ts';

let aws: FakeAws;

beforeAll(async () => {
  aws = await FakeAws.start();
});

afterAll(() => aws.stop());

const data = { provider: 'stripe', deliveryId: '1', receivedAt: '2026-01-15T12:00:00.000Z', payload: '{}' };
const good = JSON.stringify(anEvent({ type: 'webhook.received', data }));

const batch = (body: string) =>
  ({
    Records: [{ messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' }, messageAttributes: {} }],
  }) as unknown as SQSEvent;

describe('on-payment', () => {
  it('handles a message', async () => {
    const { handler } = await import('../../src/functions/on-payment.ts');
    expect(await handler(batch(good), aContext)).toEqual({ batchItemFailures: [] });
  });

  it('gives back a message that it does not understand', async () => {
    const { handler } = await import('../../src/functions/on-payment.ts');
    aws.reply({});
    expect(await handler(batch('{}'), aContext)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    expect(aws.requests[0]?.operation).toBe('ChangeMessageVisibility');
  });
});
