import { required } from '../adapters/aws/environment.ts';
import { authorizer, remoteKeys } from '../http/authorizer.ts';

export const handler = authorizer({
  issuer: required('TOKEN_ISSUER'),
  audience: required('TOKEN_AUDIENCE').split(','),
  keys: remoteKeys(required('JWKS_URI')),
});
