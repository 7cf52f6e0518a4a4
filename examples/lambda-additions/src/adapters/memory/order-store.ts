import type { Order } from '../../domain/order.ts';
import type { Claim, OrderStore, Placement } from '../../domain/ports.ts';
import type { MemoryOutbox } from './outbox.ts';

export function memoryOrderStore(outbox: MemoryOutbox): OrderStore {
  const orders = new Map<string, Order>();
  const claims = new Map<string, Claim>();

  function take(claim: Claim, now: Date): Placement | undefined {
    const name = `${claim.owner}\n${claim.key}`;
    const earlier = claims.get(name);
    if (earlier === undefined || earlier.expiresAt < now) {
      claims.set(name, claim);
      return undefined;
    }
    return earlier.fingerprint === claim.fingerprint
      ? { outcome: 'replayed', answer: earlier.answer }
      : { outcome: 'mismatch' };
  }

  return {
    place(order, event, claim) {
      const refusal = claim && take(claim, new Date(order.createdAt));
      if (refusal !== undefined) {
        return Promise.resolve(refusal);
      }
      orders.set(order.id, order);
      outbox.add(event);
      return Promise.resolve({ outcome: 'placed' });
    },

    get: (id) => Promise.resolve(orders.get(id)),

    transition(from, to, event) {
      if (orders.get(from.id) !== from) {
        return Promise.resolve(false);
      }
      orders.set(to.id, to);
      outbox.add(event);
      return Promise.resolve(true);
    },

    findStale(before) {
      const isStale = ({ status, updatedAt }: Order) => status === 'processing' && new Date(updatedAt) < before;
      return Promise.resolve([...orders.values()].filter(isStale));
    },
  };
}
