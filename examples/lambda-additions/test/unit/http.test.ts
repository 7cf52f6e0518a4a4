import { beforeEach, describe, expect, it } from 'vitest';
import { memoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { MemoryOutbox } from '../../src/adapters/memory/outbox.ts';
import type { OrderStore } from '../../src/domain/ports.ts';
import { answer } from '../../src/http/gateway.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { getOrderRoute } from '../../src/http/routes/get-order.ts';
import { healthRoute } from '../../src/http/routes/health.ts';
import { placeOrderRoute } from '../../src/http/routes/place-order.ts';
import { aRequest, now } from '../support/samples.ts';

interface ProblemBody {
  error: string;
  errors?: { path: string; message: string }[];
}

function problemOf({ body }: HttpResponse): ProblemBody {
  return JSON.parse(body ?? '') as ProblemBody;
}

let orders: OrderStore;
const place = (changes: Partial<HttpRequest> = {}) => answer(placeOrderRoute({ orders, now }), aRequest(changes));

beforeEach(() => {
  orders = memoryOrderStore(new MemoryOutbox());
});

describe('POST /orders', () => {
  it('creates an order that is being processed', async () => {
    const response = await place();

    expect(response.status).toBe(201);
    const order = JSON.parse(response.body ?? '') as { id: string };
    expect(order).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      status: 'processing',
      items: [{ id: 'prod-1', quantity: 2 }],
      createdAt: now().toISOString(),
      updatedAt: now().toISOString(),
    });
    expect(response.headers).toMatchObject({ location: `/orders/${order.id}`, 'content-type': 'application/json' });
  });

  it('makes a new order of every request without a key', async () => {
    expect((await place()).body).not.toBe((await place()).body);
  });

  it.each(['idempotency-key', 'x-idempotency-key'])('answers a repeat with the same %s byte for byte', async (name) => {
    const headers = { 'content-type': 'application/json', [name]: 'k'.repeat(16) };
    const first = await place({ headers });
    const second = await place({ headers });

    expect(second.body).toBe(first.body);
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.headers?.['location'] });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('refuses a key that was used for another request', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(16) };
    await place({ headers });
    const response = await place({ headers, body: Buffer.from('{"items":[{"id":"other","quantity":1}]}') });

    expect(response.status).toBe(422);
    expect(problemOf(response).error).toBe('idempotency_conflict');
  });

  it('keeps the keys of two callers apart', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(16) };
    const first = await place({ headers });
    const second = await place({ headers, claims: { sub: 'bob', scope: 'orders:write' } });

    expect(second.body).not.toBe(first.body);
  });

  it('says 409 while the same request is still running', async () => {
    orders = { ...orders, place: () => Promise.resolve({ outcome: 'in-progress' }) };
    const response = await place();

    expect(response).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
  });

  it.each([
    ['no items', '{}', 'items'],
    ['an empty list', '{"items":[]}', 'items'],
    ['too many items', JSON.stringify({ items: Array(101).fill({ id: 'a', quantity: 1 }) }), 'items'],
    ['an id with a space', '{"items":[{"id":"a b","quantity":1}]}', 'items.0.id'],
    ['an id that is too long', JSON.stringify({ items: [{ id: 'a'.repeat(65), quantity: 1 }] }), 'items.0.id'],
    ['a quantity of zero', '{"items":[{"id":"a","quantity":0}]}', 'items.0.quantity'],
    ['a quantity over 1000', '{"items":[{"id":"a","quantity":1001}]}', 'items.0.quantity'],
    ['a broken quantity', '{"items":[{"id":"a","quantity":1.5}]}', 'items.0.quantity'],
    ['what is no object', '1', ''],
    ['an unknown property', '{"items":[{"id":"a","quantity":1}],"note":"x"}', 'note'],
  ])('refuses %s', async (_, body, path) => {
    const response = await place({ body: Buffer.from(body) });

    expect(response.status).toBe(422);
    expect(problemOf(response)).toMatchObject({ error: 'validation_failed', requestId: 'request-1' });
    expect(problemOf(response).errors?.map((error) => error.path)).toContain(path);
  });

  it.each([
    ['text that is not JSON', Buffer.from('{')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses %s', async (_, body) => {
    const response = await place({ body });

    expect(response).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
    expect(problemOf(response).error).toBe('invalid_json');
  });

  it.each([undefined, 'text/plain'])('refuses the content type %s', async (type) => {
    expect((await place({ headers: { 'content-type': type } })).status).toBe(415);
  });

  it('refuses a body over 256 KiB', async () => {
    expect((await place({ body: Buffer.alloc(256 * 1024 + 1, ' ') })).status).toBe(413);
  });

  it.each(['short', 'k'.repeat(129), `${'k'.repeat(16)} x`])('refuses the key %s', async (key) => {
    const response = await place({ headers: { 'content-type': 'application/json', 'idempotency-key': key } });

    expect(problemOf(response).errors?.[0]?.path).toBe('headers.idempotency-key');
  });

  it('asks for a token where there is none', async () => {
    const response = await place({ claims: undefined });

    expect(response).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  });

  it.each([{ sub: 'alice' }, { sub: 'alice', scope: 'orders:read' }, { sub: 'alice', scp: 'orders:writer' }])(
    'refuses the claims %j',
    async (claims) => {
      expect((await place({ claims })).status).toBe(403);
    },
  );

  it('tells nothing of an unexpected error', async () => {
    orders = { ...orders, place: () => Promise.reject(new Error('connection to 10.0.0.1 refused')) };
    const response = await place();

    expect(response.status).toBe(500);
    expect(response.body).not.toContain('10.0.0.1');
  });
});

describe('GET /orders/{id}', () => {
  const get = (id: string | undefined, sub: string) =>
    answer(getOrderRoute({ orders }), aRequest({ pathParameters: { id }, claims: { sub, scope: 'orders:read' } }));

  it('shows an order to its owner', async () => {
    const placed = await place();
    const { id } = JSON.parse(placed.body ?? '') as { id: string };

    expect(await get(id, 'alice')).toMatchObject({ status: 200, body: placed.body });
  });

  it("hides somebody else's order as if there were none", async () => {
    const { id } = JSON.parse((await place()).body ?? '') as { id: string };

    expect((await get(id, 'mallory')).status).toBe(404);
    expect((await get('unknown', 'alice')).status).toBe(404);
    expect((await get(undefined, 'alice')).status).toBe(404);
  });
});

describe('GET /health', () => {
  it('is well', async () => {
    expect(await answer(healthRoute, aRequest())).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });
});
