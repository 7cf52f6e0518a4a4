import { type EventContext, orderEvent } from './events.ts';
import type { Order } from './order.ts';
import type { Clock, OrderStore } from './ports.ts';

const STALE_AFTER_MS = 10 * 60 * 1000;
const MAX_ATTEMPTS = 3;

export interface Reconciliation {
  readonly requeued: number;
  readonly failed: number;
}

/** Sends orders that are stuck in `processing` on their way again, three times at most; then they have failed. */
export async function reconcileOrders(
  { orders, now }: { orders: OrderStore; now: Clock },
  context: EventContext,
): Promise<Reconciliation> {
  const time = now();
  const stale = await orders.findStale(new Date(time.getTime() - STALE_AFTER_MS));
  const count = { requeued: 0, failed: 0 };
  for (const order of stale) {
    const outcome = order.attempts < MAX_ATTEMPTS ? requeue(order, time) : fail(order, time);
    if (await orders.transition(order, outcome.order, orderEvent(outcome.type, outcome.order, context))) {
      count[outcome.counts] += 1;
    }
  }
  return count;
}

function requeue(order: Order, time: Date) {
  const next: Order = { ...order, attempts: order.attempts + 1, updatedAt: time.toISOString() };
  return { order: next, type: 'order.created', counts: 'requeued' } as const;
}

function fail(order: Order, time: Date) {
  const next: Order = { ...order, status: 'failed', updatedAt: time.toISOString() };
  return { order: next, type: 'order.failed', counts: 'failed' } as const;
}
