import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { logger, metrics, observed } from '../observability.ts';
import { currentTraceparent } from '../tracing.ts';
import type { HttpRequest, HttpResponse, Route } from './message.ts';
import { Problem } from './problem.ts';

type GatewayEvent = APIGatewayProxyEventV2 | APIGatewayProxyEventV2WithJWTAuthorizer;
type GatewayHandler = (event: GatewayEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Makes a Lambda function behind an API Gateway HTTP API (payload format 2.0) out of a route. */
export function gatewayHandler(route: Route): GatewayHandler {
  return (event, context) => observed(context, async () => resultOf(await answer(route, requestOf(event))));
}

/** Runs the route; whatever it throws becomes problem details that tell nothing about the inside. */
export async function answer(route: Route, request: HttpRequest): Promise<HttpResponse> {
  logger.appendKeys({ requestId: request.requestId });
  const started = performance.now();
  const response = await route(request).catch((error: unknown) => problemResponse(error, request.requestId));
  logger.info('request handled', {
    method: request.method,
    path: request.path,
    status: response.status,
    durationMs: Math.round(performance.now() - started),
  });
  return response;
}

function problemResponse(error: unknown, requestId: string): HttpResponse {
  if (!(error instanceof Problem)) {
    logger.error('request failed', { error });
    return new Problem('internal_error', 'Try again later.').toResponse(requestId);
  }
  if (error.code === 'validation_failed') {
    metrics.addMetric('ValidationFailed', MetricUnit.Count, 1);
  }
  logger.info('request refused', { error: error.code, detail: error.message });
  return error.toResponse(requestId);
}

function requestOf(event: GatewayEvent): HttpRequest {
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

function claimsOf({ requestContext }: GatewayEvent): HttpRequest['claims'] {
  return 'authorizer' in requestContext ? requestContext.authorizer.jwt.claims : undefined;
}

function resultOf({ status, headers, body }: HttpResponse): APIGatewayProxyStructuredResultV2 {
  return { statusCode: status, headers: { ...headers }, body };
}
