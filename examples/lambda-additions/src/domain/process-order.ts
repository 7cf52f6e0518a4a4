import { type EventContext, orderEvent } from './events.ts';
import type { Order } from './order.ts';
import type { Clock, OrderStore } from './ports.ts';

/** More than one shipment carries; such an order has to be split by its buyer. */
const MAX_UNITS = 10_000;

/**
 * Completes the order, or fails it where it breaks a business rule. Answers undefined when there is nothing
 * left to do: the event is delivered at least once, so a second delivery finds the order already processed.
 *
 * @throws when the order does not exist (yet), or somebody changed it meanwhile: the message is tried again.
 */
export async function processOrder(
  { orders, now }: { orders: OrderStore; now: Clock },
  id: string,
  context: EventContext,
): Promise<Order | undefined> {
  const order = await orders.get(id);
  if (order === undefined) {
    throw new Error(`order ${id} does not exist`);
  }
  if (order.status !== 'processing') {
    return undefined;
  }
  const status = verdictOn(order);
  const processed: Order = { ...order, status, updatedAt: now().toISOString() };
  const event = orderEvent(`order.${status}`, processed, context);
  if (!(await orders.transition(order, processed, event))) {
    throw new Error(`order ${id} was changed while it was being processed`);
  }
  return processed;
}

function verdictOn({ items }: Order): 'completed' | 'failed' {
  const units = items.reduce((total, item) => total + item.quantity, 0);
  return units > MAX_UNITS ? 'failed' : 'completed';
}
