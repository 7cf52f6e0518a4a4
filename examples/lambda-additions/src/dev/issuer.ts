import { generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';

const ISSUER = 'http://localhost/dev-issuer';
const AUDIENCE = 'orders';

export interface Issuer {
  token(subject: string): Promise<string>;
  /** The claims of a token of this issuer, or undefined for any other text. */
  verify(token: string): Promise<JWTPayload | undefined>;
}

/** A token issuer for this process only: its key is made at the start and forgotten at the end. */
export async function localIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return {
    token: (subject) =>
      new SignJWT({ scope: 'orders:write orders:read' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(privateKey),
    verify: (token) =>
      jwtVerify(token, publicKey, { issuer: ISSUER, audience: AUDIENCE, clockTolerance: 60 }).then(
        ({ payload }) => payload,
        () => undefined,
      ),
  };
}
