import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { localIssuer } from './issuer.ts';
import { devServer } from './server.ts';
import { localService } from './service.ts';

const RECONCILE_EVERY_MS = 15 * 60 * 1000;

const secret = process.env['WEBHOOK_SECRET'] ?? randomBytes(24).toString('base64');

const local = localService(secret);
const issuer = await localIssuer();
const token = await issuer.token('local-developer');

setInterval(() => void local.reconcile(), RECONCILE_EVERY_MS).unref();

const server = devServer(local, issuer).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  process.stdout.write(`Listening on ${url}. Everything is in memory and gone when you stop it.

  export TOKEN='${token}'
  curl -i ${url}/orders -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -H "idempotency-key: $(node -p 'crypto.randomUUID()')" -d '{"items":[{"id":"prod-1","quantity":2}]}'
  curl ${url}/orders/ID -H "authorization: Bearer $TOKEN"

  Webhook secret: ${secret}

`);
});
