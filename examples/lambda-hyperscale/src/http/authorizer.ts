import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent, Context } from 'aws-lambda';
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { logger, observed } from '../observability.ts';

/** Whose tokens are accepted, and for whom they have to be. */
export interface Trust {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly keys: JWTVerifyGetKey;
}

type Authorizer = (event: APIGatewayRequestAuthorizerEvent, context: Context) => Promise<APIGatewayAuthorizerResult>;

/** Only asymmetric algorithms: a public key must never be taken for the secret of an HMAC. */
const ALGORITHMS = ['RS256', 'ES256'];
const LEEWAY_SECONDS = 60;

/**
 * The issuer's keys. An unknown key id fetches them again, at most twice a minute, so that a key that was rotated is
 * known at once and made-up ids cannot flood the issuer.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    cooldownDuration: 30_000,
    cacheMaxAge: 10 * 60_000,
    timeoutDuration: 3_000,
  });
}

/**
 * Makes the authorizer of a REST API. It says who calls, and each route decides what that caller may do: its answer is
 * cached for the token, whichever route it was made for.
 */
export function authorizer(trust: Trust): Authorizer {
  return (event, context) =>
    observed(context, async () => {
      logger.appendKeys({ requestId: event.requestContext.requestId });
      const claims = await verify(trust, event.headers?.['Authorization'] ?? event.headers?.['authorization']);
      return allow(event.methodArn, claims);
    });
}

async function verify({ keys, issuer, audience }: Trust, header = ''): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(header.replace(/^Bearer /i, ''), keys, {
      issuer,
      audience: [...audience],
      algorithms: ALGORITHMS,
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['exp', 'sub'],
    });
    return payload;
  } catch (cause) {
    logger.info('token refused', { reason: cause instanceof Error ? cause.message : 'unknown' });
    throw new Error('Unauthorized', { cause }); // The word that API Gateway turns into its 401.
  }
}

function allow(methodArn: string, claims: JWTPayload): APIGatewayAuthorizerResult {
  const sub = String(claims.sub);
  const everyRoute = methodArn.split('/').slice(0, 2).concat('*').join('/');
  return {
    principalId: sub,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: everyRoute }],
    },
    context: { sub, scope: scopeOf(claims) },
  };
}

/** What an authorizer passes on has to be text; some issuers write scopes as a list. */
function scopeOf({ scope, scp }: JWTPayload): string {
  const scopes = scope ?? scp;
  return Array.isArray(scopes) ? scopes.join(' ') : typeof scopes === 'string' ? scopes : '';
}
