import type { HttpRequest } from './message.ts';
import { Problem } from './problem.ts';

/**
 * The caller's `sub`, if its token carries the scope. API Gateway has verified the token and its scopes before;
 * this holds when a route is wired without its authorizer by mistake.
 */
export function authorize(request: HttpRequest, scope: string): string {
  const subject = request.claims?.['sub'];
  if (typeof subject !== 'string' || subject === '') {
    throw new Problem('unauthorized', 'A bearer token is required.', { headers: { 'www-authenticate': 'Bearer' } });
  }
  if (!scopesOf(request).includes(scope)) {
    throw new Problem('forbidden', `The token lacks the scope ${scope}.`);
  }
  return subject;
}

function scopesOf({ claims }: HttpRequest): readonly string[] {
  const scope = claims?.['scope'] ?? claims?.['scp'];
  return typeof scope === 'string' ? scope.split(' ') : [];
}
