import type { WebhookDelivery } from '../../domain/events.ts';
import type { WebhookStore } from '../../domain/ports.ts';
import type { MemoryOutbox } from './outbox.ts';

export function memoryWebhookStore(outbox: MemoryOutbox): WebhookStore {
  const received = new Set<string>();
  const handled = new Set<string>();

  return {
    accept(delivery, event) {
      const isNew = add(received, delivery);
      if (isNew) {
        outbox.add(event);
      }
      return Promise.resolve(isNew);
    },
    complete: (delivery) => Promise.resolve(add(handled, delivery)),
  };
}

/** Whether the delivery was not in the set yet. */
function add(set: Set<string>, { provider, deliveryId }: WebhookDelivery): boolean {
  const key = `${provider}/${deliveryId}`;
  const isNew = !set.has(key);
  set.add(key);
  return isNew;
}
