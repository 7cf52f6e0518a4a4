import { defineConfig } from 'vitest/config';

/** What mutants of the domain have to get past. */
export default defineConfig({
  test: {
    include: ['test/unit/domain*.test.ts'],
    env: { POWERTOOLS_DEV: 'false', POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  },
});
