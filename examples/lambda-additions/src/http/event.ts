import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { currentTraceparent } from '../tracing.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/** What an API Gateway HTTP API (payload format 2.0) sends to a function, and what it takes back. */
export type GatewayEvent = APIGatewayProxyEventV2 | APIGatewayProxyEventV2WithJWTAuthorizer;
export type GatewayResult = APIGatewayProxyStructuredResultV2;

export function requestOf(event: GatewayEvent): HttpRequest {
  const { requestContext } = event;
  return {
    requestId: requestContext.requestId,
    method: requestContext.http.method,
    path: event.rawPath,
    pathParameters: event.pathParameters ?? {},
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    claims: claimsOf(event),
    traceparent: currentTraceparent(),
  };
}

export function resultOf({ status, headers, body }: HttpResponse): GatewayResult {
  return { statusCode: status, headers: { ...headers }, body };
}

function claimsOf({ requestContext }: GatewayEvent): HttpRequest['claims'] {
  return 'authorizer' in requestContext ? requestContext.authorizer.jwt.claims : undefined;
}
