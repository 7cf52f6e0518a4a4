import type { Context } from 'aws-lambda';
import type { CloudEvent } from '../../src/domain/events.ts';
import type { Order } from '../../src/domain/order.ts';
import type { HttpRequest } from '../../src/http/message.ts';

export const NOW = new Date('2026-01-15T12:00:00.000Z');

export const now = () => NOW;

export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    id: '0190a000-0000-7000-8000-0000000000a1',
    owner: 'alice',
    status: 'processing',
    items: [{ id: 'prod-1', quantity: 2 }],
    attempts: 0,
    createdAt: NOW.toISOString(),
    updatedAt: NOW.toISOString(),
    ...changes,
  };
}

export function anEvent(changes: Partial<CloudEvent> = {}): CloudEvent {
  const order = anOrder();
  return {
    specversion: '1.0',
    id: `${order.id}.order.created`,
    source: 'orders',
    type: 'order.created',
    subject: order.id,
    time: NOW.toISOString(),
    datacontenttype: 'application/json',
    data: order,
    ...changes,
  };
}

export function aRequest(changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    requestId: 'request-1',
    method: 'POST',
    path: '/orders',
    pathParameters: {},
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ items: [{ id: 'prod-1', quantity: 2 }] })),
    claims: { sub: 'alice', scope: 'orders:write orders:read' },
    ...changes,
  };
}

export const aContext = { awsRequestId: 'invocation-1', functionName: 'test' } as Context;
