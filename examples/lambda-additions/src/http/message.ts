/** An HTTP request without its transport: API Gateway and the development server both speak it. */
export interface HttpRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they were sent: a webhook's signature covers exactly these. */
  readonly body: Buffer;
  /** Claims of the verified bearer token, where the route has an authorizer. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly traceparent?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Route = (request: HttpRequest) => Promise<HttpResponse>;

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
