import type { CloudEvent } from '../domain/events.ts';
import { logger } from '../observability.ts';
import { deliveryOf } from './cloud-event.ts';

/**
 * Acts on a delivery of stripe: `payload` is the raw body, its signature already verified. A delivery may come twice,
 * and doing the same again must do no harm.
 */
export function handleOnPayment(event: CloudEvent): Promise<void> {
  const { provider, deliveryId } = deliveryOf(event);
  logger.info('delivery handled', { provider, deliveryId });
  return Promise.resolve();
}
