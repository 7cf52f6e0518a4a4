import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, localIssuer } from '../../src/dev/issuer.ts';
import { devServer } from '../../src/dev/server.ts';
import { localService } from '../../src/dev/service.ts';

const local = localService('secret');
let server: ReturnType<typeof devServer>;
let issuer: Issuer;
let url: string;

beforeAll(async () => {
  issuer = await localIssuer();
  server = devServer(local, issuer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterAll(() => {
  server.close();
});

async function post(authorization: string): Promise<Response> {
  return fetch(`${url}/orders`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"items":[{"id":"prod-1","quantity":2}]}',
  });
}

describe('npm run dev', () => {
  it('takes an order and completes it', async () => {
    const authorization = `Bearer ${await issuer.token('alice')}`;
    const placed = await post(authorization);
    expect(placed.status).toBe(201);

    await local.drained();
    const order = await fetch(`${url}${placed.headers.get('location') ?? ''}`, { headers: { authorization } });
    expect(await order.json()).toMatchObject({ status: 'completed' });
  });

  it.each(['', 'Bearer nonsense'])('refuses the authorization "%s"', async (authorization) => {
    const response = await post(authorization);

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is healthy without a token', async () => {
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('knows no other route', async () => {
    expect((await fetch(`${url}/unknown`)).status).toBe(404);
    expect((await fetch(`${url}/orders`, { method: 'DELETE' })).status).toBe(404);
  });

  it('reconciles on request', async () => {
    expect(await local.reconcile()).toEqual({ requeued: 0, failed: 0 });
  });
});
