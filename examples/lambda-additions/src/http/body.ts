import * as v from 'valibot';
import { policy } from '../policy.ts';
import type { HttpRequest } from './message.ts';
import { Problem } from './problem.ts';

export function limitBody({ body }: HttpRequest): void {
  if (body.byteLength > policy.maxBodyBytes) {
    throw new Problem('payload_too_large', `The body may have at most ${String(policy.maxBodyBytes)} bytes.`);
  }
}

/** Reads the body as JSON of the given schema, or throws the problem that says why it is not. */
export function readJson<Schema extends v.GenericSchema>(request: HttpRequest, schema: Schema): v.InferOutput<Schema> {
  requireJson(request);
  limitBody(request);
  const parsed = v.safeParse(schema, parse(request.body));
  if (!parsed.success) {
    const errors = parsed.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '', message: issue.message }));
    throw new Problem('validation_failed', 'The body does not match the schema.', { errors });
  }
  return parsed.output;
}

function requireJson({ headers }: HttpRequest): void {
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new Problem('unsupported_media_type', 'Send the body with Content-Type: application/json.');
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Problem('invalid_json', 'The body must be JSON in UTF-8.');
  }
}
