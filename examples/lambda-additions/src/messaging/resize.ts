import * as v from 'valibot';
import { logger } from '../observability.ts';

/** What S3 says of a new object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const ObjectCreated = v.object({
  bucket: v.object({ name: v.string() }),
  object: v.object({ key: v.string(), size: v.number() }),
});

/** Handles a new object. It may be told of twice, and doing the same again must do no harm. */
export function handleResize(body: string): Promise<void> {
  const { bucket, object } = v.parse(ObjectCreated, JSON.parse(body));
  logger.info('object handled', { bucket: bucket.name, key: object.key, size: object.size });
  return Promise.resolve();
}
