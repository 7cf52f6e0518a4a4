import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RetryQueue } from '../../src/domain/ports.ts';
import { outboxPublisher } from '../../src/messaging/outbox.ts';
import { worker } from '../../src/messaging/worker.ts';
import { aContext, anEvent } from '../support/samples.ts';

function messages(...bodies: { id: string; body?: string; receives?: number }[]): SQSEvent {
  return {
    Records: bodies.map(({ id, body = JSON.stringify(anEvent({ id })), receives = 1 }) => ({
      messageId: id,
      receiptHandle: `handle-${id}`,
      body,
      attributes: { ApproximateReceiveCount: String(receives) },
      messageAttributes: { tenant: { stringValue: 't-1', dataType: 'String' }, raw: { dataType: 'Binary' } },
    })),
  } as unknown as SQSEvent;
}

const queue = { delay: vi.fn<RetryQueue['delay']>(), bury: vi.fn<RetryQueue['bury']>() };
const handle = vi.fn<() => Promise<void>>();
const run = worker(handle, { queue, maxReceiveCount: 3, random: () => 0.5 });

beforeEach(() => {
  vi.resetAllMocks();
});

describe('a worker', () => {
  it('answers for each message by itself', async () => {
    handle.mockResolvedValueOnce().mockRejectedValueOnce(new Error('out of stock')).mockResolvedValueOnce();

    expect(await run(messages({ id: 'a' }, { id: 'b' }, { id: 'c' }), aContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'b' }],
    });
  });

  it.each([
    [1, 1],
    [2, 2],
  ])('waits longer after each of the tries (%i)', async (receives, seconds) => {
    handle.mockRejectedValue(new Error('out of stock'));
    await run(messages({ id: 'a', receives }), aContext);

    expect(queue.delay).toHaveBeenCalledWith(expect.objectContaining({ receiptHandle: 'handle-a' }), seconds);
    expect(queue.bury).not.toHaveBeenCalled();
  });

  it('puts the whole message into the dead-letter queue after the last try, with its cause', async () => {
    handle.mockRejectedValue(new RangeError('out of stock'));
    const event = messages({ id: 'a', receives: 3 });

    expect(await run(event, aContext)).toEqual({ batchItemFailures: [] });
    expect(queue.bury).toHaveBeenCalledWith(
      { receiptHandle: 'handle-a', body: event.Records[0]?.body, attributes: { tenant: 't-1' } },
      { ErrorType: 'RangeError', ErrorMessage: 'out of stock', OriginalMessageId: 'a', ReceiveCount: '3' },
    );
  });

  it('leaves the message to the queue when it cannot be buried', async () => {
    handle.mockRejectedValue('not even an error');
    queue.bury.mockRejectedValue(new Error('throttled'));

    expect(await run(messages({ id: 'a', receives: 3 }), aContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'a' }],
    });
  });

  it.each(['not json', '{}', JSON.stringify({ ...anEvent(), specversion: '0.3' })])(
    'does not act on a message that is no CloudEvent: %s',
    async (body) => {
      expect(await run(messages({ id: 'a', body }), aContext)).toMatchObject({ batchItemFailures: [{}] });
      expect(handle).not.toHaveBeenCalled();
    },
  );
});

describe('the outbox publisher', () => {
  const stream = (...ids: string[]) =>
    ({
      Records: ids.map((id) => ({
        dynamodb: { SequenceNumber: `s-${id}`, NewImage: { event: { S: JSON.stringify(anEvent({ id })) } } },
      })),
    }) as unknown as DynamoDBStreamEvent;

  it('publishes in order', async () => {
    const publish = vi.fn((events: readonly unknown[]) => Promise.resolve(events.length));

    expect(await outboxPublisher({ publish })(stream('a', 'b'), aContext)).toEqual({ batchItemFailures: [] });
    expect(publish).toHaveBeenCalledWith([anEvent({ id: 'a' }), anEvent({ id: 'b' })]);
  });

  it('begins again at the first event that was not published', async () => {
    const publish = () => Promise.resolve(1);

    expect(await outboxPublisher({ publish })(stream('a', 'b', 'c'), aContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: 's-b' }],
    });
  });

  it('fails as a whole on a record that is no event', async () => {
    const broken = { Records: [{}] } as DynamoDBStreamEvent;

    await expect(outboxPublisher({ publish: () => Promise.resolve(0) })(broken, aContext)).rejects.toThrow();
  });
});
