import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { answer } from '../http/gateway.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { Issuer } from './issuer.ts';
import type { LocalService, RouteDefinition } from './service.ts';

/** Plays API Gateway for a local service: finds the route and refuses requests without a token. */
export function devServer(local: LocalService, issuer: Issuer): Server {
  return createServer((incoming, outgoing) => {
    handle(local, issuer, incoming)
      .then((response) => {
        write(outgoing, response);
      })
      .catch((error: unknown) => {
        outgoing.destroy(error instanceof Error ? error : undefined);
      });
  });
}

async function handle(local: LocalService, issuer: Issuer, incoming: IncomingMessage): Promise<HttpResponse> {
  const request = await requestOf(incoming, issuer);
  for (const definition of local.routes) {
    const match = definition.method === request.method ? definition.path.exec(request.path) : null;
    if (match !== null) {
      return dispatch(definition, { ...request, pathParameters: match.groups ?? {} });
    }
  }
  return new Problem('not_found', 'There is no such route.').toResponse(request.requestId);
}

async function dispatch({ isProtected, route }: RouteDefinition, request: HttpRequest): Promise<HttpResponse> {
  if (isProtected && request.claims === undefined) {
    const challenge = { headers: { 'www-authenticate': 'Bearer' } };
    return new Problem('unauthorized', 'A bearer token is required.', challenge).toResponse(request.requestId);
  }
  return answer(route, request);
}

async function requestOf(incoming: IncomingMessage, issuer: Issuer): Promise<HttpRequest> {
  const { method = '', url = '', headers } = incoming;
  return {
    requestId: randomUUID(),
    method,
    path: new URL(url, 'http://localhost').pathname,
    pathParameters: {},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
    body: await buffer(incoming),
    claims: await issuer.verify(bearerTokenOf(headers)),
  };
}

function bearerTokenOf({ authorization }: IncomingHttpHeaders): string {
  return authorization?.replace(/^Bearer /i, '') ?? '';
}

function write(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  outgoing.writeHead(status, headers).end(body);
}
