import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { policy } from '../policy.ts';
import { type EventContext, orderEvent } from './events.ts';
import { type Order, type OrderItem, viewOf } from './order.ts';
import type { Claim, Clock, OrderStore, Placement } from './ports.ts';

export interface PlaceOrder {
  readonly owner: string;
  readonly items: readonly OrderItem[];
  readonly idempotencyKey?: string;
}

/** `answer` is the order as JSON: stored with the key, so that a replay has the same bytes. */
export type PlacedOrder = Placement & { readonly answer: string };

export async function placeOrder(
  { orders, now }: { orders: OrderStore; now: Clock },
  request: PlaceOrder,
  context: EventContext,
): Promise<PlacedOrder> {
  const order = newOrder(request, now());
  const answer = JSON.stringify(viewOf(order));
  const placement = await orders.place(
    order,
    orderEvent('order.created', order, context),
    claimOf(request, answer, now()),
  );
  return { answer, ...placement };
}

function newOrder({ owner, items }: PlaceOrder, now: Date): Order {
  const time = now.toISOString();
  return { id: uuidv7(), owner, status: 'processing', items, attempts: 0, createdAt: time, updatedAt: time };
}

function claimOf({ owner, items, idempotencyKey }: PlaceOrder, answer: string, now: Date): Claim | undefined {
  if (idempotencyKey === undefined) {
    return undefined;
  }
  const fingerprint = createHash('sha256').update(JSON.stringify(items)).digest('hex');
  return {
    owner,
    key: idempotencyKey,
    fingerprint,
    answer,
    expiresAt: new Date(now.getTime() + policy.idempotencyKeyLifetimeMs),
  };
}
