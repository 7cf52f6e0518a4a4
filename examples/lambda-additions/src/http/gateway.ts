import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { logger, metrics, observed } from '../observability.ts';
import { type GatewayEvent, type GatewayResult, requestOf, resultOf } from './event.ts';
import type { HttpRequest, HttpResponse, Route } from './message.ts';
import { Problem } from './problem.ts';

type GatewayHandler = (event: GatewayEvent, context: Context) => Promise<GatewayResult>;

/** Makes a Lambda function behind API Gateway out of a route. */
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
