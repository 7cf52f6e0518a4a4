import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwsError, awsService } from '../../src/adapters/aws/client.ts';
import { eventBridgePublisher } from '../../src/adapters/aws/event-publisher.ts';
import { dynamoOrderStore } from '../../src/adapters/aws/order-store.ts';
import { sqsRetryQueue } from '../../src/adapters/aws/retry-queue.ts';
import { cachedWebhookSecrets } from '../../src/adapters/aws/webhook-secrets.ts';
import { dynamoWebhookStore } from '../../src/adapters/aws/webhook-store.ts';
import type { WebhookDelivery } from '../../src/domain/events.ts';
import { cancelled, FakeAws } from '../support/aws.ts';
import { anEvent, anOrder, NOW } from '../support/samples.ts';

let aws: FakeAws;

beforeAll(async () => {
  aws = await FakeAws.start();
});

beforeEach(() => {
  aws.reset();
});

afterAll(() => aws.stop());

const operations = () => aws.requests.map(({ operation }) => operation);

describe('the AWS client', () => {
  const call = awsService({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' });

  it('signs the request and passes the trace on', async () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-67891233-abcdef012345678912345678');
    aws.reply({ body: { ok: true } });

    expect(await call('GetItem', { Key: 1 })).toEqual({ ok: true });
    expect(aws.requests[0]).toMatchObject({
      input: { Key: 1 },
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
        'x-amz-security-token': 'test',
        'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678',
        authorization: expect.stringContaining('/eu-west-1/dynamodb/aws4_request') as string,
      },
    });
    vi.unstubAllEnvs();
  });

  it.each([
    ['a server error', { status: 503, body: 'down' }],
    ['too many requests', { status: 429 }],
    ['throttling, which DynamoDB answers with 400', { status: 400, body: { __type: 'x#ThrottlingException' } }],
    ['a broken connection', 'hang-up'],
  ] as const)('tries again after %s', async (_, failure) => {
    aws.reply(failure, { body: { ok: true } });

    expect(await call('GetItem', {})).toEqual({ ok: true });
    expect(aws.requests).toHaveLength(2);
  });

  it('gives up after three attempts', async () => {
    aws.reply({ status: 500 }, { status: 500 }, { status: 500 });

    await expect(call('GetItem', {})).rejects.toBeInstanceOf(AwsError);
    expect(aws.requests).toHaveLength(3);
  });

  it('does not repeat what can never succeed', async () => {
    aws.reply({ status: 400, body: { __type: 'com.amazon#ValidationException', message: 'no such key' } });

    await expect(call('GetItem', {})).rejects.toThrow('GetItem: 400 ValidationException: no such key');
    expect(aws.requests).toHaveLength(1);
  });

  it('says which variable is missing', async () => {
    vi.stubEnv('AWS_REGION', '');
    await expect(call('GetItem', {})).rejects.toThrow('AWS_REGION is not set');
    vi.unstubAllEnvs();
  });
});

describe('the order store', () => {
  const claim = {
    owner: 'alice',
    key: 'k'.repeat(16),
    fingerprint: 'f-1',
    answer: '{"id":"1"}',
    expiresAt: new Date(NOW.getTime() + 1000),
  };
  const earlier = (fingerprint: string) => marshall({ fingerprint, answer: '{"id":"0"}' });
  const refused = (fingerprint: string) =>
    cancelled({ Code: 'None' }, { Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: earlier(fingerprint) });

  it('writes the order, its event and the claim in one transaction', async () => {
    aws.reply({});

    expect(await dynamoOrderStore.place(anOrder(), anEvent(), claim)).toEqual({ outcome: 'placed' });
    expect(operations()).toEqual(['TransactWriteItems']);
    expect(aws.requests[0]?.input['ClientRequestToken']).toBe(anOrder().id);
    expect(aws.requests[0]?.input['TransactItems']).toMatchObject([
      { Put: { Item: { pk: { S: `ORDER#${anOrder().id}` }, waitingShard: { N: '1' } } } },
      { Put: { Item: { kind: { S: 'event' }, event: { S: JSON.stringify(anEvent()) } } } },
      { Put: { ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :now' } },
    ]);
  });

  it('replays the stored answer for the same request', async () => {
    aws.reply(refused('f-1'));

    expect(await dynamoOrderStore.place(anOrder(), anEvent(), claim)).toEqual({
      outcome: 'replayed',
      answer: '{"id":"0"}',
    });
  });

  it('tells another request with the same key apart', async () => {
    aws.reply(refused('f-2'));

    expect(await dynamoOrderStore.place(anOrder(), anEvent(), claim)).toEqual({ outcome: 'mismatch' });
  });

  it('notices the same request while it is still running', async () => {
    aws.reply(cancelled({ Code: 'None' }, { Code: 'None' }, { Code: 'TransactionConflict' }));

    expect(await dynamoOrderStore.place(anOrder(), anEvent(), claim)).toEqual({ outcome: 'in-progress' });
  });

  it('does not hide any other refusal', async () => {
    aws.reply(cancelled({ Code: 'ItemCollectionSizeLimitExceeded' }, { Code: 'None' }));

    await expect(dynamoOrderStore.place(anOrder(), anEvent())).rejects.toThrow('ItemCollectionSizeLimitExceeded');
  });

  it('reads back what it has written', async () => {
    aws.reply({ body: { Item: marshall({ ...anOrder(), pk: 'ORDER#1', kind: 'order' }) } }, { body: {} });

    expect(await dynamoOrderStore.get(anOrder().id)).toEqual(anOrder());
    expect(await dynamoOrderStore.get('unknown')).toBeUndefined();
  });

  it('changes an order only if nobody else has', async () => {
    const next = anOrder({ status: 'completed' });
    aws.reply(
      {},
      cancelled({ Code: 'ConditionalCheckFailed' }, { Code: 'None' }),
      cancelled({ Code: 'TransactionConflict' }),
    );

    expect(await dynamoOrderStore.transition(anOrder(), next, anEvent())).toBe(true);
    expect(await dynamoOrderStore.transition(anOrder(), next, anEvent())).toBe(false);
    await expect(dynamoOrderStore.transition(anOrder(), next, anEvent())).rejects.toThrow('TransactionConflict');
    expect(aws.requests[0]?.input['TransactItems']).toMatchObject([
      { Put: { Item: expect.not.objectContaining({ waitingShard: expect.anything() as unknown }) as unknown } },
      {},
    ]);
  });

  it('finds waiting orders in every shard, oldest first', async () => {
    const at = (minute: number) => new Date(NOW.getTime() - minute * 60_000).toISOString();
    const found = (minute: number) => ({ body: { Items: [marshall(anOrder({ updatedAt: at(minute) }))] } });
    aws.reply(found(11), found(13), found(12), { body: { Items: [] } });

    const stale = await dynamoOrderStore.findStale(NOW);
    expect(stale.map(({ updatedAt }) => updatedAt)).toEqual([at(13), at(12), at(11)]);
    expect(operations()).toEqual(['Query', 'Query', 'Query', 'Query']);
  });
});

describe('the webhook store', () => {
  const delivery: WebhookDelivery = { provider: 'github', deliveryId: '1', receivedAt: NOW.toISOString(), payload: '' };

  it('accepts a delivery once', async () => {
    aws.reply({}, cancelled({ Code: 'ConditionalCheckFailed' }, { Code: 'None' }));

    expect(await dynamoWebhookStore.accept(delivery, anEvent())).toBe(true);
    expect(await dynamoWebhookStore.accept(delivery, anEvent())).toBe(false);
  });

  it('handles a delivery once', async () => {
    const conflict = { status: 400, body: { __type: 'x#ConditionalCheckFailedException' } };
    aws.reply({}, conflict, { status: 400, body: { __type: 'x#AccessDeniedException' } });

    expect(await dynamoWebhookStore.complete(delivery)).toBe(true);
    expect(await dynamoWebhookStore.complete(delivery)).toBe(false);
    await expect(dynamoWebhookStore.complete(delivery)).rejects.toThrow('AccessDenied');
  });

  it('throws what is no refusal', async () => {
    aws.reply({ status: 400, body: { __type: 'x#AccessDeniedException' } });

    await expect(dynamoWebhookStore.accept(delivery, anEvent())).rejects.toThrow('AccessDenied');
  });
});

describe('the event publisher', () => {
  const accepted = (count: number) => ({ body: { Entries: Array.from({ length: count }, () => ({ EventId: 'e' })) } });
  const many = (count: number) => Array.from({ length: count }, (_, index) => anEvent({ id: String(index) }));

  it('sends ten events at a time', async () => {
    aws.reply(accepted(10), accepted(2));

    expect(await eventBridgePublisher.publish(many(12))).toBe(12);
    expect(aws.requests).toHaveLength(2);
  });

  it('sends a large event alone', async () => {
    aws.reply(accepted(1), accepted(1));

    expect(await eventBridgePublisher.publish([anEvent({ data: 'x'.repeat(300_000) }), anEvent()])).toBe(2);
    expect(aws.requests).toHaveLength(2);
  });

  it('stops at the first entry that was refused, though the service says 200', async () => {
    aws.reply({ body: { Entries: [{ EventId: 'e' }, { ErrorCode: 'ThrottlingException' }, { EventId: 'e' }] } });

    expect(await eventBridgePublisher.publish(many(3))).toBe(1);
  });

  it('passes the trace of the event on', async () => {
    aws.reply(accepted(1));
    await eventBridgePublisher.publish([
      anEvent({ traceparent: '00-67891233abcdef012345678912345678-463ac35c9f6413ad-01' }),
    ]);

    expect(aws.requests[0]?.input['Entries']).toMatchObject([
      { TraceHeader: 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1' },
    ]);
  });
});

describe('the retry queue', () => {
  const message = { receiptHandle: 'h', body: '{}', attributes: { tenant: 't-1' } };

  it('delays a message', async () => {
    aws.reply({});
    await sqsRetryQueue.delay(message, 7);

    expect(aws.requests[0]).toMatchObject({
      operation: 'ChangeMessageVisibility',
      input: { QueueUrl: 'http://queue', ReceiptHandle: 'h', VisibilityTimeout: 7 },
    });
  });

  it('buries a message with its cause', async () => {
    aws.reply({});
    await sqsRetryQueue.bury(message, { ErrorType: 'RangeError' });

    expect(aws.requests[0]).toMatchObject({
      operation: 'SendMessage',
      input: {
        QueueUrl: 'http://dead-letters',
        MessageBody: '{}',
        MessageAttributes: { tenant: { StringValue: 't-1' }, ErrorType: { StringValue: 'RangeError' } },
      },
    });
  });
});

describe('the webhook secrets', () => {
  it('are read again after five minutes', async () => {
    let time = 0;
    const secrets = cachedWebhookSecrets(() => time);
    const stored = (value: object) => ({ body: { SecretString: JSON.stringify(value) } });
    aws.reply(stored({ github: ['old'] }), stored({ github: ['old', 'new'] }));

    expect(await secrets.for('github')).toEqual(['old']);
    time = 300_000;
    expect(await secrets.for('github')).toEqual(['old']);
    time = 300_001;
    expect(await secrets.for('github')).toEqual(['old', 'new']);
    expect(await secrets.for('slack')).toEqual([]);
    expect(aws.requests).toHaveLength(2);
  });
});
