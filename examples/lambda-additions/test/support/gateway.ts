import type { GatewayEvent } from '../../src/http/event.ts';

interface Changes {
  readonly pathParameters?: Record<string, string>;
  readonly claims?: Record<string, string>;
  readonly body?: string;
}

/** A `POST /orders` of alice as API Gateway sends it. */
export function gatewayEvent(changes: Changes = {}): GatewayEvent {
  const { pathParameters } = changes;
  const claims = 'claims' in changes ? changes.claims : { sub: 'alice', scope: 'orders:write orders:read' };
  return {
    rawPath: '/orders',
    pathParameters,
    headers: { 'content-type': 'application/json' },
    body: 'body' in changes ? changes.body : Buffer.from('{"items":[{"id":"a","quantity":1}]}').toString('base64'),
    isBase64Encoded: !('body' in changes),
    requestContext: {
      requestId: 'request-1',
      http: { method: 'POST' },
      ...(claims && { authorizer: { jwt: { claims } } }),
    },
  } as unknown as GatewayEvent;
}
