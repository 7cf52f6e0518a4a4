import type { Context } from 'aws-lambda';
import { dynamoOrderStore } from '../adapters/aws/order-store.ts';
import { reconcileOrders } from '../domain/reconcile-orders.ts';
import { logger, observed, service } from '../observability.ts';

const dependencies = { orders: dynamoOrderStore, now: () => new Date() };

export function handler(_event: unknown, context: Context): Promise<void> {
  return observed(context, async () => {
    const requestId = context.awsRequestId;
    const outcome = await reconcileOrders(dependencies, { source: service, correlationId: requestId });
    logger.info('orders reconciled', { requestId, ...outcome });
  });
}
