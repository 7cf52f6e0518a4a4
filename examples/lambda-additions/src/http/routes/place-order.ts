import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as v from 'valibot';
import { placeOrder, type PlacedOrder } from '../../domain/place-order.ts';
import type { OrderView } from '../../domain/order.ts';
import type { Clock, OrderStore } from '../../domain/ports.ts';
import { metrics, service } from '../../observability.ts';
import { authorize } from '../authorization.ts';
import { readJson } from '../body.ts';
import type { HttpRequest, HttpResponse, Route } from '../message.ts';
import { Problem } from '../problem.ts';

const OrderRequest = v.strictObject({
  items: v.pipe(
    v.array(
      v.strictObject({
        id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'Expected 1 to 64 characters of A-Z a-z 0-9 _ -')),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
      }),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
});

/** 16 to 128 visible ASCII characters. */
const IDEMPOTENCY_KEY = /^[!-~]{16,128}$/;

export function placeOrderRoute(dependencies: { orders: OrderStore; now: Clock }): Route {
  return async (request) => {
    const owner = authorize(request, 'orders:write');
    const idempotencyKey = readIdempotencyKey(request);
    const { items } = readJson(request, OrderRequest);
    const placed = await placeOrder(
      dependencies,
      { owner, items, idempotencyKey },
      { source: service, correlationId: request.requestId, traceparent: request.traceparent },
    );
    return answer(placed);
  };
}

function readIdempotencyKey({ headers }: HttpRequest): string | undefined {
  const key = headers['idempotency-key'] ?? headers['x-idempotency-key'];
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    throw new Problem('validation_failed', 'The Idempotency-Key is not valid.', {
      errors: [{ path: 'headers.idempotency-key', message: 'Expected 16 to 128 visible ASCII characters' }],
    });
  }
  return key;
}

function answer(placed: PlacedOrder): HttpResponse {
  switch (placed.outcome) {
    case 'placed':
      metrics.addMetric('OrdersCreated', MetricUnit.Count, 1);
      return created(placed.answer, {});
    case 'replayed':
      metrics.addMetric('IdempotentReplay', MetricUnit.Count, 1);
      return created(placed.answer, { 'idempotency-replayed': 'true' });
    case 'mismatch':
      throw new Problem('idempotency_conflict', 'Use a new Idempotency-Key for a new request.');
    case 'in-progress':
      throw new Problem('request_in_progress', 'Send the request again in a moment.', {
        headers: { 'retry-after': '1' },
      });
  }
}

function created(body: string, headers: Readonly<Record<string, string>>): HttpResponse {
  const { id } = JSON.parse(body) as OrderView;
  return { status: 201, headers: { 'content-type': 'application/json', location: `/orders/${id}`, ...headers }, body };
}
