import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { CloudEvent } from '../domain/events.ts';
import type { Clock, OrderStore, WebhookStore } from '../domain/ports.ts';
import { processOrder } from '../domain/process-order.ts';
import { logger, metrics } from '../observability.ts';
import { contextOf, deliveryOf, orderDataOf } from './cloud-event.ts';

export function orderHandler(dependencies: { orders: OrderStore; now: Clock }) {
  return async (event: CloudEvent): Promise<void> => {
    const { id, createdAt } = orderDataOf(event);
    const order = await processOrder(dependencies, id, contextOf(event));
    if (order === undefined) {
      logger.info('order was processed before', { orderId: id });
      return;
    }
    const latency = Date.parse(order.updatedAt) - Date.parse(createdAt);
    metrics.addMetric('ProcessingLatency', MetricUnit.Milliseconds, latency);
    if (order.status === 'completed') {
      metrics.addMetric('OrdersCompleted', MetricUnit.Count, 1);
    }
    logger.info('order processed', { orderId: id, status: order.status });
  };
}

/** Where the business reacts to a provider: `payload` is the raw body, its signature already verified. */
export function webhookHandler({ webhooks }: { webhooks: WebhookStore }) {
  return async (event: CloudEvent): Promise<void> => {
    const delivery = deliveryOf(event);
    const { provider, deliveryId } = delivery;
    const isFirst = await webhooks.complete(delivery);
    logger.info('webhook handled', { provider, deliveryId, repeated: !isFirst });
  };
}
