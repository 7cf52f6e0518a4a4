import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsService } from '../../src/adapters/aws/client.ts';
import { required } from '../../src/adapters/aws/environment.ts';
import { eventBridgePublisher } from '../../src/adapters/aws/event-publisher.ts';
import { dynamoOrderStore } from '../../src/adapters/aws/order-store.ts';
import { sqsRetryQueue } from '../../src/adapters/aws/retry-queue.ts';
import { dynamodb } from '../../src/adapters/aws/table.ts';
import { cachedWebhookSecrets } from '../../src/adapters/aws/webhook-secrets.ts';
import { dynamoWebhookStore } from '../../src/adapters/aws/webhook-store.ts';
import type { Claim } from '../../src/domain/ports.ts';
import { anEvent, anOrder, NOW } from '../support/samples.ts';

// Runs against any AWS endpoint: `AWS_ENDPOINT_URL=http://127.0.0.1:5000 npm run test:integration` with moto, for one.
const sqs = awsService({ service: 'sqs', target: 'AmazonSQS', version: '1.0' });
const events = awsService({ service: 'events', target: 'AWSEvents', version: '1.1' });
const secretsManager = awsService({ service: 'secretsmanager', target: 'secretsmanager', version: '1.1' });

interface Received {
  Messages?: { Body: string; ReceiptHandle: string; MessageAttributes?: Record<string, { StringValue: string }> }[];
}

const run = randomUUID().slice(0, 8);
const TableName = `orders-${run}`;

async function createQueue(name: string): Promise<string> {
  return (await sqs<{ QueueUrl: string }>('CreateQueue', { QueueName: `${name}-${run}` })).QueueUrl;
}

async function receive(QueueUrl: string): Promise<NonNullable<Received['Messages']>> {
  const { Messages } = await sqs<Received>('ReceiveMessage', {
    QueueUrl,
    MessageAttributeNames: ['All'],
    WaitTimeSeconds: 1,
  });
  return Messages ?? [];
}

beforeAll(async () => {
  required('AWS_ENDPOINT_URL');
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    TABLE_NAME: TableName,
  });
  await dynamodb('CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'waitingShard', AttributeType: 'N' },
      { AttributeName: 'updatedAt', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'stale-orders',
        KeySchema: [
          { AttributeName: 'waitingShard', KeyType: 'HASH' },
          { AttributeName: 'updatedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
});

afterAll(async () => {
  await dynamodb('DeleteTable', { TableName });
});

function claimFor(key: string, changes: Partial<Claim> = {}): Claim {
  const expiresAt = new Date(NOW.getTime() + 60_000);
  return { owner: 'alice', key, fingerprint: 'f-1', answer: `{"id":"${randomUUID()}"}`, expiresAt, ...changes };
}

const newOrder = (changes = {}) => anOrder({ id: randomUUID(), ...changes });

describe('the order store on a table', () => {
  it('stores an order and reads it back', async () => {
    const order = newOrder();

    expect(await dynamoOrderStore.place(order, anEvent())).toEqual({ outcome: 'placed' });
    expect(await dynamoOrderStore.get(order.id)).toEqual(order);
  });

  it('lets one of fifty concurrent duplicates through', async () => {
    const claims = Array.from({ length: 50 }, () => claimFor('concurrent'));
    const placements = await Promise.all(claims.map((claim) => dynamoOrderStore.place(newOrder(), anEvent(), claim)));

    expect(placements.filter(({ outcome }) => outcome === 'placed')).toHaveLength(1);
    expect(placements.filter(({ outcome }) => outcome === 'mismatch')).toHaveLength(0);
  });

  it('replays the first answer and refuses another request', async () => {
    const first = claimFor('replayed');
    await dynamoOrderStore.place(newOrder(), anEvent(), first);

    expect(await dynamoOrderStore.place(newOrder(), anEvent(), claimFor('replayed'))).toEqual({
      outcome: 'replayed',
      answer: first.answer,
    });
    const other = claimFor('replayed', { fingerprint: 'f-2' });
    expect(await dynamoOrderStore.place(newOrder(), anEvent(), other)).toEqual({ outcome: 'mismatch' });
  });

  it('gives a key back when it has expired', async () => {
    await dynamoOrderStore.place(
      newOrder(),
      anEvent(),
      claimFor('expired', { expiresAt: new Date(NOW.getTime() - 2000) }),
    );

    expect(await dynamoOrderStore.place(newOrder(), anEvent(), claimFor('expired'))).toEqual({ outcome: 'placed' });
  });

  it('changes an order once', async () => {
    const order = newOrder();
    await dynamoOrderStore.place(order, anEvent());
    const completed = { ...order, status: 'completed' } as const;

    expect(await dynamoOrderStore.transition(order, completed, anEvent())).toBe(true);
    expect(await dynamoOrderStore.transition(order, completed, anEvent())).toBe(false);
  });

  it('finds the orders that wait, and only these', async () => {
    const waiting = newOrder({ updatedAt: '2026-01-01T00:00:00.000Z' });
    const done = newOrder({ updatedAt: '2026-01-01T00:00:00.000Z', status: 'completed' });
    await dynamoOrderStore.place(waiting, anEvent());
    await dynamoOrderStore.place(done, anEvent());

    expect(await dynamoOrderStore.findStale(new Date('2026-01-02'))).toEqual([waiting]);
  });
});

describe('the webhook store on a table', () => {
  it('accepts and handles a delivery once', async () => {
    const delivery = { provider: 'github', deliveryId: run, receivedAt: NOW.toISOString(), payload: '' };

    expect(await dynamoWebhookStore.accept(delivery, anEvent())).toBe(true);
    expect(await dynamoWebhookStore.accept(delivery, anEvent())).toBe(false);
    expect(await dynamoWebhookStore.complete(delivery)).toBe(true);
    expect(await dynamoWebhookStore.complete(delivery)).toBe(false);
  });
});

describe('the event bus', () => {
  it('carries an event to a queue', async () => {
    const bus = `orders-${run}`;
    const queue = await createQueue('events');
    const arn = `arn:aws:sqs:eu-west-1:123456789012:events-${run}`;
    await events('CreateEventBus', { Name: bus });
    await events('PutRule', { Name: 'all', EventBusName: bus, EventPattern: '{"detail-type":["order.created"]}' });
    await events('PutTargets', { Rule: 'all', EventBusName: bus, Targets: [{ Id: 'queue', Arn: arn }] });
    process.env['EVENT_BUS_NAME'] = bus;

    expect(await eventBridgePublisher.publish([anEvent()])).toBe(1);
    const [message] = await receive(queue);
    expect(JSON.parse(message?.Body ?? '{}')).toMatchObject({ detail: anEvent() });
  });
});

describe('the retry queue', () => {
  it('makes a message visible again and buries it with its cause', async () => {
    const [queue, deadLetters] = [await createQueue('work'), await createQueue('dead-letters')];
    Object.assign(process.env, { QUEUE_URL: queue, DEAD_LETTER_QUEUE_URL: deadLetters });
    await sqs('SendMessage', { QueueUrl: queue, MessageBody: '{}' });
    const [message] = await receive(queue);
    const failed = { receiptHandle: message?.ReceiptHandle ?? '', body: '{}', attributes: {} };

    await sqsRetryQueue.delay(failed, 0);
    expect(await receive(queue)).toHaveLength(1);

    await sqsRetryQueue.bury(failed, { ErrorType: 'RangeError' });
    const [dead] = await receive(deadLetters);
    expect(dead).toMatchObject({ Body: '{}', MessageAttributes: { ErrorType: { StringValue: 'RangeError' } } });
  });
});

describe('the webhook secrets', () => {
  it('are read from Secrets Manager', async () => {
    const secret = { Name: `webhooks-${run}`, SecretString: '{"github":["s-1"]}', ClientRequestToken: randomUUID() };
    const { ARN } = await secretsManager<{ ARN: string }>('CreateSecret', secret);
    process.env['WEBHOOK_SECRETS_ARN'] = ARN;

    expect(await cachedWebhookSecrets().for('github')).toEqual(['s-1']);
  });
});
