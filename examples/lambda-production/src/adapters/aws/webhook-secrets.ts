import type { WebhookSecrets } from '../../domain/ports.ts';
import { awsService } from './client.ts';
import { required } from './environment.ts';

/** A rotated secret is in use after this time at the latest. */
const MAX_AGE_MS = 300_000;

const secretsManager = awsService({ service: 'secretsmanager', target: 'secretsmanager', version: '1.1' });

type Secrets = Readonly<Record<string, readonly string[]>>;

export function cachedWebhookSecrets(now: () => number = Date.now): WebhookSecrets {
  let cached: { secrets: Secrets; readAt: number } | undefined;
  return {
    async for(provider) {
      if (cached === undefined || now() - cached.readAt > MAX_AGE_MS) {
        cached = { secrets: await read(), readAt: now() };
      }
      return cached.secrets[provider] ?? [];
    },
  };
}

async function read(): Promise<Secrets> {
  const { SecretString } = await secretsManager<{ SecretString: string }>('GetSecretValue', {
    SecretId: required('WEBHOOK_SECRETS_ARN'),
  });
  return JSON.parse(SecretString) as Secrets;
}
