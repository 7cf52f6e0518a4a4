import { beforeEach, describe, expect, it } from 'vitest';
import { memoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { MemoryOutbox } from '../../src/adapters/memory/outbox.ts';
import { type CloudEvent, orderEvent } from '../../src/domain/events.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderStore } from '../../src/domain/ports.ts';
import { processOrder } from '../../src/domain/process-order.ts';
import { reconcileOrders } from '../../src/domain/reconcile-orders.ts';
import { anEvent, anOrder, NOW, now } from '../support/samples.ts';

const context = { source: 'orders', correlationId: 'request-1' };
const ELEVEN_MINUTES_AGO = new Date(NOW.getTime() - 11 * 60 * 1000).toISOString();

let outbox: MemoryOutbox;
let orders: OrderStore;
let published: CloudEvent[];

beforeEach(() => {
  outbox = new MemoryOutbox();
  orders = memoryOrderStore(outbox);
  published = [];
  for (const type of ['order.created', 'order.completed', 'order.failed']) {
    outbox.subscribe(type, (event) => Promise.resolve(void published.push(event)));
  }
});

async function stored(changes: Partial<Order> = {}): Promise<Order> {
  const order = anOrder(changes);
  await orders.place(order, anEvent());
  await outbox.drained();
  published.length = 0;
  return order;
}

describe('an event', () => {
  it('has the same id each time it is published, and its own for each type', () => {
    const order = anOrder();

    expect(orderEvent('order.created', order, context).id).toBe(orderEvent('order.created', order, context).id);
    expect(orderEvent('order.created', order, context).id).not.toBe(orderEvent('order.failed', order, context).id);
  });

  it('shows nothing of the owner', () => {
    expect(JSON.stringify(orderEvent('order.created', anOrder(), context))).not.toContain('alice');
  });
});

describe('processing an order', () => {
  it('completes it and says so', async () => {
    const { id } = await stored();
    await processOrder({ orders, now }, id, context);
    await outbox.drained();

    expect(await orders.get(id)).toMatchObject({ status: 'completed', updatedAt: NOW.toISOString() });
    expect(published).toMatchObject([{ type: 'order.completed', subject: id, correlationid: 'request-1' }]);
  });

  it('fails one that no shipment can carry', async () => {
    const items = Array.from({ length: 11 }, (_, index) => ({ id: `prod-${String(index)}`, quantity: 1000 }));
    const { id } = await stored({ items });

    expect(await processOrder({ orders, now }, id, context)).toMatchObject({ status: 'failed' });
    await outbox.drained();
    expect(published).toMatchObject([{ type: 'order.failed' }]);
  });

  it('does nothing the second time', async () => {
    const { id } = await stored();
    await processOrder({ orders, now }, id, context);

    expect(await processOrder({ orders, now }, id, context)).toBeUndefined();
    await outbox.drained();
    expect(published).toHaveLength(1);
  });

  it('throws for an order that is not there', async () => {
    await expect(processOrder({ orders, now }, 'unknown', context)).rejects.toThrow('does not exist');
  });

  it('throws when somebody else was faster', async () => {
    const { id } = await stored();
    const raced = { ...orders, transition: () => Promise.resolve(false) };

    await expect(processOrder({ orders: raced, now }, id, context)).rejects.toThrow('was changed');
  });
});

describe('reconciling orders', () => {
  it('leaves a young order alone', async () => {
    await stored();

    expect(await reconcileOrders({ orders, now }, context)).toEqual({ requeued: 0, failed: 0 });
  });

  it('sends an old order on its way again', async () => {
    const { id } = await stored({ updatedAt: ELEVEN_MINUTES_AGO });

    expect(await reconcileOrders({ orders, now }, context)).toEqual({ requeued: 1, failed: 0 });
    await outbox.drained();
    expect(await orders.get(id)).toMatchObject({ status: 'processing', attempts: 1, updatedAt: NOW.toISOString() });
    expect(published).toMatchObject([{ type: 'order.created', subject: id }]);
  });

  it('gives up after three times', async () => {
    const { id } = await stored({ updatedAt: ELEVEN_MINUTES_AGO, attempts: 3 });

    expect(await reconcileOrders({ orders, now }, context)).toEqual({ requeued: 0, failed: 1 });
    await outbox.drained();
    expect(await orders.get(id)).toMatchObject({ status: 'failed' });
    expect(published).toMatchObject([{ type: 'order.failed' }]);
  });

  it('does not count an order that has moved meanwhile', async () => {
    await stored({ updatedAt: ELEVEN_MINUTES_AGO });
    const raced = { ...orders, transition: () => Promise.resolve(false) };

    expect(await reconcileOrders({ orders: raced, now }, context)).toEqual({ requeued: 0, failed: 0 });
  });
});
