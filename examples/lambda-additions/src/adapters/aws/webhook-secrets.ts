import type { WebhookSecrets } from '../../domain/ports.ts';
import { policy } from '../../policy.ts';
import { awsService } from './client.ts';
import { required } from './environment.ts';

const secretsManager = awsService({ service: 'secretsmanager', target: 'secretsmanager', version: '1.1' });

type Secrets = Readonly<Record<string, readonly string[]>>;

export function cachedWebhookSecrets(now: () => number = Date.now): WebhookSecrets {
  let cached: { secrets: Secrets; readAt: number } | undefined;
  return {
    async for(provider) {
      if (cached === undefined || now() - cached.readAt > policy.secretMaxAgeMs) {
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
