import type { Context } from 'aws-lambda';
import { sendDigestJob } from '../jobs/send-digest.ts';
import { observed } from '../observability.ts';

export function handler(_event: unknown, context: Context): Promise<void> {
  return observed(context, () => sendDigestJob(new Date()));
}
