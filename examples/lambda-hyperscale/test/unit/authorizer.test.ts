import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { authorizer, remoteKeys } from '../../src/http/authorizer.ts';
import { aContext } from '../support/samples.ts';

const ISSUER = 'https://issuer.example.com/';
const { privateKey, publicKey } = await generateKeyPair('ES256');

const server = createServer((_, response) => {
  void exportJWK(publicKey).then((key) =>
    response.end(JSON.stringify({ keys: [{ ...key, kid: 'one', alg: 'ES256', use: 'sig' }] })),
  );
});
let uri = '';

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  uri = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
});

afterAll(() => server.close());

function token(claims: Record<string, unknown> = {}, header = { alg: 'ES256', kid: 'one' }): SignJWT {
  return new SignJWT({ iss: ISSUER, aud: 'orders', sub: 'alice', scope: 'orders:read', ...claims })
    .setProtectedHeader(header)
    .setExpirationTime('1h');
}

function request(bearer?: string): APIGatewayRequestAuthorizerEvent {
  return {
    methodArn: 'arn:aws:execute-api:eu-west-1:111111111111:api/live/GET/orders/1',
    requestContext: { requestId: 'request-1' },
    headers: bearer === undefined ? null : { Authorization: `Bearer ${bearer}` },
  } as APIGatewayRequestAuthorizerEvent;
}

const authorize = (event: APIGatewayRequestAuthorizerEvent) =>
  authorizer({ issuer: ISSUER, audience: ['orders'], keys: remoteKeys(uri) })(event, aContext);

describe('the authorizer', () => {
  it('says who calls, for every route of the stage', async () => {
    expect(await authorize(request(await token().sign(privateKey)))).toEqual({
      principalId: 'alice',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:eu-west-1:111111111111:api/live/*',
          },
        ],
      },
      context: { sub: 'alice', scope: 'orders:read' },
    });
  });

  it.each([
    [{ scope: undefined, scp: ['a', 'b'] }, 'a b'],
    [{ scope: undefined }, ''],
  ])('passes the scopes of %j on as %j', async (claims, scope) => {
    const { context } = await authorize(request(await token(claims).sign(privateKey)));
    expect(context).toEqual({ sub: 'alice', scope });
  });

  it.each([
    ['none', () => undefined],
    ['garbage', () => 'abc'],
    ['one that has expired', () => token().setExpirationTime('-2m').sign(privateKey)],
    ['one for somebody else', () => token({ aud: 'payments' }).sign(privateKey)],
    ['one of another issuer', () => token({ iss: 'https://evil.example.com/' }).sign(privateKey)],
    ['one without a subject', () => token({ sub: undefined }).sign(privateKey)],
    ['one of an unknown key', () => token({}, { alg: 'ES256', kid: 'two' }).sign(privateKey)],
    [
      'one that is signed with a secret',
      () => token({}, { alg: 'HS256', kid: 'one' }).sign(new TextEncoder().encode('s'.repeat(32))),
    ],
  ])('refuses a request with a token such as %s', async (_, make) => {
    await expect(authorize(request(await make()))).rejects.toThrow('Unauthorized');
  });

  it('is deployed with the issuer of its environment', async () => {
    vi.stubEnv('TOKEN_ISSUER', ISSUER).stubEnv('TOKEN_AUDIENCE', 'a,orders').stubEnv('JWKS_URI', uri);
    const { handler } = await import('../../src/functions/authorize.ts');
    await expect(handler(request(await token().sign(privateKey)), aContext)).resolves.toMatchObject({
      principalId: 'alice',
    });
    vi.unstubAllEnvs();
  });
});
