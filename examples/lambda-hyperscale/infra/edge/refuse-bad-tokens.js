// Runs in CloudFront before every request and refuses what no region would accept: no token, one that is malformed or has
// expired, one for somebody else, one that is not signed with a key pair. The signature is verified behind it, by the
// function authorize: CloudFront's runtime has no means to.
const ISSUER = 'TOKEN_ISSUER';
const AUDIENCE = 'TOKEN_AUDIENCE'.split(',');
const ALGORITHMS = ['RS256', 'ES256'];
const LEEWAY_SECONDS = 60;

function decode(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

function isAcceptable(token, now) {
  const parts = token.split('.');
  if (parts.length !== 3) {
    return false;
  }
  try {
    const header = decode(parts[0]);
    const claims = decode(parts[1]);
    return (
      ALGORITHMS.includes(header.alg) &&
      claims.iss === ISSUER &&
      [].concat(claims.aud).some((audience) => AUDIENCE.includes(audience)) &&
      claims.exp > now - LEEWAY_SECONDS &&
      (claims.nbf === undefined || claims.nbf <= now + LEEWAY_SECONDS)
    );
  } catch (_) {
    return false;
  }
}

function refusal() {
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'content-type': { value: 'application/problem+json' },
      'www-authenticate': { value: 'Bearer' },
    },
    body: JSON.stringify({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'A valid bearer token is required.',
      error: 'unauthorized',
      requestId: 'edge',
    }),
  };
}

function handler(event) {
  const request = event.request;
  if (!request.uri.startsWith('/orders')) {
    return request;
  }
  const authorization = request.headers.authorization ? request.headers.authorization.value : '';
  const token = authorization.replace(/^Bearer /i, '');
  return isAcceptable(token, Date.now() / 1000) ? request : refusal();
}
