import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** The service's name: in every log line, every metric, and as the source of every event. */
export const service = process.env['POWERTOOLS_SERVICE_NAME'] ?? 'orders';

/** Values under these names are secrets or personal data and never reach a log. */
const REDACTED = /^(authorization|cookie|password|secrets?|token|signature|email|payload)$/i;

export function redact(key: string, value: unknown): unknown {
  return REDACTED.test(key) ? '[redacted]' : value;
}

export const logger = new Logger({ serviceName: service, jsonReplacerFn: redact });

export const metrics = new Metrics({
  serviceName: service,
  namespace: service,
  defaultDimensions: { environment: process.env['ENVIRONMENT'] ?? 'local' },
});

/** Runs one invocation: its log lines carry the context, and its metrics are published even if it fails. */
export async function observed<Result>(context: Context, run: () => Promise<Result>): Promise<Result> {
  logger.resetKeys();
  logger.addContext(context);
  metrics.captureColdStartMetric();
  try {
    return await run();
  } finally {
    if (metrics.hasStoredMetrics()) {
      metrics.publishStoredMetrics();
    }
  }
}
