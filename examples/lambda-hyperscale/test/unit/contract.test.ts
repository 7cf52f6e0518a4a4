import { readFile } from 'node:fs/promises';
import { type Schema, Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { memoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { MemoryOutbox } from '../../src/adapters/memory/outbox.ts';
import { type CloudEvent, orderEvent, webhookEvent } from '../../src/domain/events.ts';
import type { HttpRequest, HttpResponse, Route } from '../../src/http/message.ts';
import { answer } from '../../src/http/gateway.ts';
import { getOrderRoute } from '../../src/http/routes/get-order.ts';
import { healthRoute } from '../../src/http/routes/health.ts';
import { placeOrderRoute } from '../../src/http/routes/place-order.ts';
import { anOrder, aRequest, now } from '../support/samples.ts';

interface Operation {
  readonly responses: Record<string, { readonly $ref?: string; readonly content?: Record<string, { schema: Schema }> }>;
}

const api = parse(await readFile('docs/openapi.yaml', 'utf8')) as {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly responses: Record<string, Operation['responses'][string]> };
};

/** What the API's description says of an answer, and where the answer breaks it. */
function violations(method: string, path: string, response: HttpResponse): unknown[] {
  const described = api.paths[path]?.[method]?.responses[String(response.status)];
  const resolved =
    described?.$ref === undefined ? described : api.components.responses[described.$ref.split('/').at(-1) ?? ''];
  const type = response.headers?.['content-type'] ?? '';
  const schema = resolved?.content?.[type]?.schema;
  if (schema === undefined) {
    return [`${method} ${path} is not described to answer ${String(response.status)} with ${type}`];
  }
  return new Validator({ ...schema, components: api.components }, '2020-12').validate(
    JSON.parse(response.body ?? 'null'),
  ).errors;
}

const orders = memoryOrderStore(new MemoryOutbox());
const place = placeOrderRoute({ orders, now });
const get = getOrderRoute({ orders });
const send = (route: Route, changes: Partial<HttpRequest>) => answer(route, aRequest(changes));
const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const items = [{ id: 'prod-1', quantity: 2 }];
const key = { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(16) };

describe('what the service answers is what docs/openapi.yaml says', () => {
  it.each<[string, string, number, () => Promise<HttpResponse>]>([
    ['post', '/orders', 201, () => send(place, { body: body({ items }) })],
    ['post', '/orders', 400, () => send(place, { body: Buffer.from('{') })],
    ['post', '/orders', 401, () => send(place, { body: body({ items }), claims: undefined })],
    ['post', '/orders', 403, () => send(place, { body: body({ items }), claims: { sub: 'alice', scope: '' } })],
    ['post', '/orders', 413, () => send(place, { body: Buffer.alloc(300_000) })],
    ['post', '/orders', 415, () => send(place, { body: body({ items }), headers: { 'content-type': 'text/plain' } })],
    ['post', '/orders', 422, () => send(place, { body: body({ items: [] }) })],
    ['get', '/orders/{id}', 404, () => send(get, { pathParameters: { id: 'unknown' } })],
    ['get', '/health', 200, () => send(healthRoute, {})],
  ])('%s %s: %d', async (method, path, status, respond) => {
    const response = await respond();
    expect(response.status).toBe(status);
    expect(violations(method, path, response)).toEqual([]);
  });

  it('get /orders/{id}: 200, and a repeated request', async () => {
    const first = await send(place, { headers: key, body: body({ items }) });
    const again = await send(place, { headers: key, body: body({ items }) });
    const { id } = JSON.parse(first.body ?? '') as { id: string };
    const found = await send(get, { pathParameters: { id } });
    expect([first, again].flatMap((response) => violations('post', '/orders', response))).toEqual([]);
    expect(violations('get', '/orders/{id}', found)).toEqual([]);
  });
});

describe('what the service publishes is what docs/events says', () => {
  const context = {
    source: 'orders',
    correlationId: 'request-1',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  };
  const delivery = { provider: 'github', deliveryId: '1', receivedAt: now().toISOString(), payload: '{}' };

  it.each<CloudEvent>([
    orderEvent('order.created', anOrder(), context),
    orderEvent('order.completed', anOrder({ status: 'completed' }), context),
    orderEvent('order.failed', anOrder({ status: 'failed' }), context),
    webhookEvent(delivery, context),
  ])('$type', async (event) => {
    const schema = JSON.parse(await readFile(`docs/events/${event.type}.json`, 'utf8')) as Schema;
    expect(new Validator(schema, '2020-12').validate(JSON.parse(JSON.stringify(event))).errors).toEqual([]);
  });
});
