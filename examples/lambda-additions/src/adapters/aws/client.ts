import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { required } from './environment.ts';

const MAX_ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 2000;
const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 2000;

/** Throttling is answered with 400 by services that speak JSON. */
const THROTTLED = /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|TransactionInProgress|TooManyRequests/;

export interface ServiceOptions {
  /** The name that signs the request and stands in the endpoint, such as `dynamodb`. */
  readonly service: string;
  /** What stands before the operation in `X-Amz-Target`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/** What a service says of an error; further members depend on its code. */
export interface ErrorDetails {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
  readonly [member: string]: unknown;
}

export class AwsError extends Error {
  override readonly name: string = 'AwsError';
  readonly code: string;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(operation: string, status: number, details: ErrorDetails) {
    const { __type: type = 'Unknown', message = details.Message } = details;
    const code = type.replace(/^.*#/, '');
    super(`${operation}: ${String(status)} ${code}: ${message ?? 'no message'}`);
    this.code = code;
    this.status = status;
    this.details = details;
  }

  get isRetryable(): boolean {
    return this.status >= 500 || this.status === 429 || THROTTLED.test(this.code);
  }
}

export type Call = <Output>(operation: string, input: object) => Promise<Output>;

/**
 * One AWS service that speaks the JSON protocol, without its SDK client: signed, with a time-out for each attempt, and
 * with retries (three attempts, full jitter) for what may succeed later. Why not the SDK: docs/adr/0005-lean-aws-client.md.
 */
export function awsService(options: ServiceOptions): Call {
  return async <Output>(operation: string, input: object) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await send(options, operation, JSON.stringify(input))) as Output;
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isRetryable(error)) {
          throw error;
        }
        await sleep(Math.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt));
      }
    }
  };
}

/** `fetch` throws a TypeError for a broken connection, and a DOMException when the time is up. */
function isRetryable(error: unknown): boolean {
  return error instanceof AwsError ? error.isRetryable : error instanceof TypeError || error instanceof DOMException;
}

async function send(options: ServiceOptions, operation: string, body: string): Promise<unknown> {
  const request = await sign(options, operation, body);
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body,
    signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new AwsError(operation, response.status, detailsOf(text));
  }
  return text === '' ? {} : JSON.parse(text);
}

function sign({ service, target, version }: ServiceOptions, operation: string, body: string) {
  const region = required('AWS_REGION');
  return new AwsV4Signer({
    method: 'POST',
    url: process.env['AWS_ENDPOINT_URL'] ?? `https://${service}.${region}.amazonaws.com/`,
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`,
      'x-amzn-trace-id': process.env['_X_AMZN_TRACE_ID'] ?? '',
    },
    body,
    service,
    region,
    accessKeyId: required('AWS_ACCESS_KEY_ID'),
    secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    sessionToken: required('AWS_SESSION_TOKEN'),
  }).sign();
}

function detailsOf(text: string): ErrorDetails {
  try {
    return JSON.parse(text) as ErrorDetails;
  } catch {
    return { message: text.slice(0, 200) };
  }
}
