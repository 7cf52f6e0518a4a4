/** The numbers that this service promises; those of its infrastructure are in infra/policy.go. */
export const policy = {
  maxBodyBytes: 256 * 1024,
  idempotencyKeyLifetimeMs: 24 * 60 * 60 * 1000,
  secretMaxAgeMs: 300 * 1000,
} as const;
