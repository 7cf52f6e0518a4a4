import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAws } from '../support/aws.ts';
import { gatewayEvent } from '../support/gateway.ts';
import { aContext, anEvent, anOrder } from '../support/samples.ts';

let aws: FakeAws;

beforeAll(async () => {
  aws = await FakeAws.start();
});

beforeEach(() => {
  aws.reset();
});

afterAll(() => aws.stop());

const message = (event: object) =>
  ({
    Records: [
      {
        messageId: 'm',
        body: JSON.stringify(event),
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: {},
      },
    ],
  }) as unknown as SQSEvent;

describe('the functions as they are deployed', () => {
  it('place-order', async () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1');
    const { handler } = await import('../../src/functions/place-order.ts');
    aws.reply({});

    expect(await handler(gatewayEvent(), aContext)).toMatchObject({ statusCode: 201 });
    expect(JSON.stringify(aws.requests[0]?.input)).toContain('00-67891233abcdef012345678912345678-463ac35c9f6413ad-01');
    vi.unstubAllEnvs();
  });

  it('get-order', async () => {
    const { handler } = await import('../../src/functions/get-order.ts');
    aws.reply({ body: { Item: marshall(anOrder()) } });

    const event = gatewayEvent({ pathParameters: { id: anOrder().id }, body: undefined });
    expect(await handler(event, aContext)).toMatchObject({ statusCode: 200 });
  });

  it('health', async () => {
    const { handler } = await import('../../src/functions/health.ts');

    const event = gatewayEvent({ claims: undefined });
    expect(await handler(event, aContext)).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
  });

  it('receive-webhook', async () => {
    const { handler } = await import('../../src/functions/receive-webhook.ts');
    aws.reply({ body: { SecretString: '{"github":["s"]}' } });

    const event = gatewayEvent({ pathParameters: { provider: 'github' } });
    expect(await handler(event, aContext)).toMatchObject({ statusCode: 401 });
  });

  it('process-order', async () => {
    const { handler } = await import('../../src/functions/process-order.ts');
    aws.reply({ body: { Item: marshall(anOrder()) } }, {}, { body: { Item: marshall(anOrder({ status: 'failed' })) } });

    expect(await handler(message(anEvent()), aContext)).toEqual({ batchItemFailures: [] });
    expect(await handler(message(anEvent()), aContext)).toEqual({ batchItemFailures: [] });
    expect(aws.requests.map(({ operation }) => operation)).toEqual(['GetItem', 'TransactWriteItems', 'GetItem']);
  });

  it('process-order, for an order that no shipment can carry', async () => {
    const { handler } = await import('../../src/functions/process-order.ts');
    const items = Array.from({ length: 11 }, (_, index) => ({ id: `prod-${String(index)}`, quantity: 1000 }));
    aws.reply({ body: { Item: marshall(anOrder({ items })) } }, {});

    expect(await handler(message(anEvent()), aContext)).toEqual({ batchItemFailures: [] });
    expect(JSON.stringify(aws.requests[1]?.input)).toContain('order.failed');
  });

  it('process-webhook', async () => {
    const { handler } = await import('../../src/functions/process-webhook.ts');
    aws.reply({});

    const data = { provider: 'github', deliveryId: '1', receivedAt: '2026-01-15T12:00:00.000Z', payload: '' };
    expect(await handler(message(anEvent({ data })), aContext)).toEqual({ batchItemFailures: [] });
  });

  it('publish-events', async () => {
    const { handler } = await import('../../src/functions/publish-events.ts');
    aws.reply({ body: { Entries: [{ EventId: 'e' }] } });

    const image = { event: { S: JSON.stringify(anEvent()) } };
    const event = { Records: [{ dynamodb: { SequenceNumber: '1', NewImage: image } }] } as DynamoDBStreamEvent;
    expect(await handler(event, aContext)).toEqual({ batchItemFailures: [] });
  });

  it('reconcile-orders', async () => {
    const { handler } = await import('../../src/functions/reconcile-orders.ts');
    aws.reply(...Array.from({ length: 4 }, () => ({ body: { Items: [] } })));

    await expect(handler({}, aContext)).resolves.toBeUndefined();
    expect(aws.requests).toHaveLength(4);
  });
});
