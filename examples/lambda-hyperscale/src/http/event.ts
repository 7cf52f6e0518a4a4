import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { currentTraceparent } from '../tracing.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/** What an API Gateway REST API sends to a function, and what it takes back. */
export type GatewayEvent = APIGatewayProxyEvent;
export type GatewayResult = APIGatewayProxyResult;

export function requestOf(event: GatewayEvent): HttpRequest {
  return {
    requestId: event.requestContext.requestId,
    method: event.httpMethod,
    path: event.path,
    pathParameters: event.pathParameters ?? {},
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    claims: event.requestContext.authorizer ?? undefined,
    traceparent: currentTraceparent(),
  };
}

export function resultOf({ status, headers, body = '' }: HttpResponse): GatewayResult {
  return { statusCode: status, headers: { ...headers }, body };
}
