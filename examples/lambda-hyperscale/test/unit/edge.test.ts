import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

interface EdgeRequest {
  readonly uri: string;
  readonly headers: Record<string, { readonly value: string }>;
}

type Handler = (event: { readonly request: EdgeRequest }) => { readonly statusCode?: number; readonly uri?: string };

const ISSUER = 'https://issuer.example.com/';
const source = (await readFile('infra/edge/refuse-bad-tokens.js', 'utf8'))
  .replace('TOKEN_ISSUER', ISSUER)
  .replace('TOKEN_AUDIENCE', 'a,orders');
const handler = runInNewContext(`${source}\nhandler`, { Buffer }) as Handler;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inMinutes = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * 60;

function token(claims: object = {}, header: object = { alg: 'RS256', kid: 'one' }): string {
  const valid = { iss: ISSUER, aud: 'orders', sub: 'alice', exp: inMinutes(60) };
  return [encode(header), encode({ ...valid, ...claims }), 'signature'].join('.');
}

function send(bearer?: string, uri = '/orders') {
  return handler({
    request: { uri, headers: bearer === undefined ? {} : { authorization: { value: `Bearer ${bearer}` } } },
  });
}

describe('the edge', () => {
  it.each([
    ['a token that may be good', token()],
    ['one for several services', token({ aud: ['x', 'orders'] })],
    ['one that has just expired', token({ exp: inMinutes(0) - 30 })],
    ['one that is about to be valid', token({ nbf: inMinutes(0) + 30 })],
  ])('passes %s on', (_, bearer) => {
    expect(send(bearer)).toMatchObject({ uri: '/orders' });
  });

  it.each([
    ['no token', undefined],
    ['garbage', 'abc'],
    ['three parts of garbage', 'a.b.c'],
    ['one that has expired', token({ exp: inMinutes(-2) })],
    ['one without an end', token({ exp: undefined })],
    ['one that is not valid yet', token({ nbf: inMinutes(2) })],
    ['one for somebody else', token({ aud: 'payments' })],
    ['one of another issuer', token({ iss: 'https://evil.example.com/' })],
    ['one that nobody has signed', token({}, { alg: 'none' })],
    ['one that is signed with a secret', token({}, { alg: 'HS256' })],
  ])('refuses %s', (_, bearer) => {
    expect(send(bearer)).toMatchObject({ statusCode: 401 });
  });

  it('lets everybody ask for health, and providers report', () => {
    expect(send(undefined, '/health')).toMatchObject({ uri: '/health' });
    expect(send(undefined, '/webhooks/github')).toMatchObject({ uri: '/webhooks/github' });
  });
});
