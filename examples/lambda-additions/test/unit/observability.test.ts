import { describe, expect, it } from 'vitest';
import { redact } from '../../src/observability.ts';

describe('a log line', () => {
  it.each(['Authorization', 'token', 'payload', 'secret', 'secrets', 'email'])('never shows %s', (key) => {
    expect(JSON.parse(JSON.stringify({ [key]: 'x', orderId: '1' }, redact))).toEqual({
      [key]: '[redacted]',
      orderId: '1',
    });
  });
});
