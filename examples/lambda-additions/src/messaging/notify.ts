import * as v from 'valibot';
import { logger } from '../observability.ts';

const Message = v.object({ id: v.string() });

/** Handles one message. It may come twice, and doing the same again must do no harm. */
export function handleNotify(body: string): Promise<void> {
  const { id } = v.parse(Message, JSON.parse(body));
  logger.info('message handled', { id });
  return Promise.resolve();
}
