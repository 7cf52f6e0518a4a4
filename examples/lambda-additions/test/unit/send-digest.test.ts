import { describe, expect, it } from 'vitest';
import { handler } from '../../src/functions/send-digest.ts';
import { aContext } from '../support/samples.ts';

describe('send-digest', () => {
  it('runs', async () => {
    await expect(handler({}, aContext)).resolves.toBeUndefined();
  });
});
