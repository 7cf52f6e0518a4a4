import type { HttpResponse } from './message.ts';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

const TITLES = {
  invalid_json: [400, 'The body is not valid JSON'],
  unauthorized: [401, 'The request is not authenticated'],
  forbidden: [403, 'The token does not allow this'],
  not_found: [404, 'There is no such resource'],
  request_in_progress: [409, 'A request with this Idempotency-Key is still running'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body must be application/json'],
  validation_failed: [422, 'The request is not valid'],
  idempotency_conflict: [422, 'The Idempotency-Key was used for another request'],
  internal_error: [500, 'The request could not be handled'],
} as const;

export type ProblemCode = keyof typeof TITLES;

/** A failure that the caller is told about, as RFC 9457 problem details. Every other error stays inside. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.options = options;
  }

  toResponse(requestId: string): HttpResponse {
    const [status, title] = TITLES[this.code];
    const { errors, headers } = this.options;
    const body = { type: 'about:blank', title, status, detail: this.message, error: this.code, requestId, errors };
    return {
      status,
      headers: { 'content-type': 'application/problem+json', ...headers },
      body: JSON.stringify(body),
    };
  }
}
