import { memoryOrderStore } from '../adapters/memory/order-store.ts';
import { MemoryOutbox } from '../adapters/memory/outbox.ts';
import { memoryWebhookStore } from '../adapters/memory/webhook-store.ts';
import type { Clock, OrderStore } from '../domain/ports.ts';
import { reconcileOrders, type Reconciliation } from '../domain/reconcile-orders.ts';
import type { Route } from '../http/message.ts';
import { getOrderRoute } from '../http/routes/get-order.ts';
import { healthRoute } from '../http/routes/health.ts';
import { placeOrderRoute } from '../http/routes/place-order.ts';
import { receiveWebhookRoute } from '../http/routes/receive-webhook.ts';
import { changeReportRoute } from '../http/routes/change-report.ts';
import { listReportsRoute } from '../http/routes/list-reports.ts';
import { orderHandler, webhookHandler } from '../messaging/handlers.ts';
import { service } from '../observability.ts';

export interface RouteDefinition {
  readonly method: string;
  readonly path: RegExp;
  readonly isProtected: boolean;
  readonly route: Route;
}

export interface LocalService {
  readonly routes: readonly RouteDefinition[];
  readonly orders: OrderStore;
  reconcile(): Promise<Reconciliation>;
  /** Settles when no message is on its way any more. */
  drained(): Promise<void>;
}

/** The whole service in one process: the same routes and handlers as in the cloud, over adapters in memory. */
export function localService(webhookSecret: string, now: Clock = () => new Date()): LocalService {
  const outbox = new MemoryOutbox();
  const orders = memoryOrderStore(outbox);
  const webhooks = memoryWebhookStore(outbox);
  const secrets = { for: () => Promise.resolve([webhookSecret]) };
  outbox.subscribe('order.created', orderHandler({ orders, now }));
  outbox.subscribe('webhook.received', webhookHandler({ webhooks }));
  return {
    orders,
    reconcile: () => reconcileOrders({ orders, now }, { source: service }),
    drained: () => outbox.drained(),
    routes: [
      { method: 'POST', path: /^\/orders$/, isProtected: true, route: placeOrderRoute({ orders, now }) },
      { method: 'GET', path: /^\/orders\/(?<id>[^/]+)$/, isProtected: true, route: getOrderRoute({ orders }) },
      {
        method: 'POST',
        path: /^\/webhooks\/(?<provider>[^/]+)$/,
        isProtected: false,
        route: receiveWebhookRoute({ webhooks, secrets, now }),
      },
      { method: 'GET', path: /^\/health$/, isProtected: false, route: healthRoute },
      {
        method: 'PUT',
        path: /^\/reports\/(?<id>[^/]+)$/,
        isProtected: true,
        route: changeReportRoute,
      },
      {
        method: 'GET',
        path: /^\/reports$/,
        isProtected: true,
        route: listReportsRoute,
      },
    ],
  };
}
