import { viewOf } from '../../domain/order.ts';
import type { OrderStore } from '../../domain/ports.ts';
import { authorize } from '../authorization.ts';
import { json, type Route } from '../message.ts';
import { Problem } from '../problem.ts';

export function getOrderRoute({ orders }: { orders: OrderStore }): Route {
  return async (request) => {
    const caller = authorize(request, 'orders:read');
    const order = await orders.get(request.pathParameters['id'] ?? '');
    // Somebody else's order looks exactly like one that does not exist.
    if (order?.owner !== caller) {
      throw new Problem('not_found', 'There is no such order.');
    }
    return json(200, viewOf(order));
  };
}
