import http from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

export const AUDIENCE = 'https://agents.example.com';
const HOUR_S = 3_600;

/** An OpenID Connect issuer on loopback: its description, its keys, and tokens as it signs them. */
export async function anIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'RS256', use: 'sig' };
  let url = '';
  let isDown = false;
  const server = http.createServer((request, response) => {
    const isKeys = request.url === '/keys';
    const described = { issuer: url, jwks_uri: `${url}/keys`, id_token_signing_alg_values_supported: ['RS256'] };
    response.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : described));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  onTestFinished(async () => void (await new Promise((resolve) => server.close(resolve))));

  const now = () => Math.floor(Date.now() / 1_000);
  const claimsOf = (more: Record<string, unknown>): JWTPayload => ({
    ...{ iss: url, aud: AUDIENCE, sub: 'sub-1', exp: now() + HOUR_S, iat: now(), email: 'zoe@example.com' },
    scope: 'openid agents:read agents:write agents:trigger agents:approve',
    ...more,
  });
  return {
    url,
    publicKey,
    claimsOf,
    /** A token with these claims in place of the usual ones; a claim that is undefined is left out. */
    token: (more: Record<string, unknown> = {}, header: object = {}) =>
      new SignJWT(claimsOf(more)).setProtectedHeader({ alg: 'RS256', kid: 'first', ...header }).sign(privateKey),
    fail(fails: boolean) {
      isDown = fails;
    },
    env: { COUNTERSIGN_OIDC_ISSUER: url, COUNTERSIGN_OIDC_AUDIENCE: AUDIENCE },
  };
}
