import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { isObject } from '../domain/base/json.ts';

/** An OpenID Connect issuer, and the audience that its tokens have to name. */
export type Issuer = { issuer: string; audience: string };

/** Asymmetric signatures alone: with a secret that both sides know, whoever can verify could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const WAIT_MS = 5_000;
const SKEW_S = 30;
const LONGEST_TOKEN = 16_384;

/** The address of an issuer's keys, by its own description (OpenID Connect Discovery 1.0, section 4). */
async function keysOf(issuer: string): Promise<URL> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(WAIT_MS) });
  const described: unknown = response.ok ? await response.json() : undefined;
  const { issuer: named, jwks_uri: keys }: Record<string, unknown> = isObject(described) ? described : {};
  if (named !== issuer) throw new Error(`${place} doesn't describe the issuer ${issuer} (status ${response.status})`);
  if (typeof keys !== 'string' || !URL.canParse(keys)) throw new Error(`${place} names no jwks_uri`);
  const url = new URL(keys);
  if (url.protocol !== 'https:' && url.hostname !== new URL(issuer).hostname)
    throw new Error(`${place} names keys at another host without TLS`);
  return url;
}

/**
 * Verifies the JWTs of an issuer: signed by one of its keys, for this audience, not over, and of a person (RFC 9068). Gives
 * their claims, undefined for any other text. `now` is the clock that says what is over. Throws Error where the issuer itself can't be asked.
 */
export function createIssuer(
  { issuer, audience }: Issuer,
  now: () => number,
): (token: string) => Promise<JWTPayload | undefined> {
  let keys: Promise<JWTVerifyGetKey> | undefined;

  async function keysNow(): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet } = await import('jose');
    return createRemoteJWKSet(await keysOf(issuer), { timeoutDuration: WAIT_MS });
  }

  return async (token) => {
    if (token.length > LONGEST_TOKEN || token.split('.').length !== 3) return undefined;
    const { errors, jwtVerify } = await import('jose');
    keys ??= keysNow();
    const getKey = await keys.catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    try {
      const terms = {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW_S,
        currentDate: new Date(now()),
      };
      return (await jwtVerify(token, getKey, terms)).payload;
    } catch (error) {
      // Whoever sends a wrong token learns nothing of why. What isn't about the token is another matter.
      if (error instanceof errors.JWKSTimeout) throw error;
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
}
