import fs from 'node:fs';
import path from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { aSession, initialize, post, toolCall } from '../support/http-wire.ts';
import { anIssuer } from '../support/issuer.ts';
import { command, serve } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';

describe('tokens of an issuer', () => {
  it('let in whoever they are of, by their email, with the scopes, role and team that they and config.json say', async () => {
    const issuer = await anIssuer();
    const home = temporaryHome();
    const groups = { 'sales-leads': { role: 'admin', team: 7 } };
    fs.writeFileSync(path.join(home, 'config.json'), JSON.stringify({ oidc: { groups } }));
    const { url } = await serve({ home, env: issuer.env });
    const over = {
      url,
      token: await issuer.token({ groups: ['all', 'sales-leads'], scope: 'agents:read agents:write' }),
    };
    const server = await startServer({ over });
    expect((await server.tools()).map(({ name }) => name)).not.toContain('approve_action');
    const { agent } = await server.call('create_agent', { name: 'A', playbook: { playbook_md: 'Wait.' } });
    expect(agent.created_by).toBe('zoe@example.com (test-sdk-1 1.2.3)');
    await server.close();
  });

  it('take the place of tokens of our own, and the server says where they are described', async () => {
    const issuer = await anIssuer();
    const served = await serve({ env: issuer.env });
    const refused = await post(served.url, served.token(), initialize());
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const place = /^Bearer resource_metadata="([^"]+)"$/.exec(challenge)?.[1] ?? '';
    const described = await (await fetch(place)).json();
    expect(described).toMatchObject({ resource: served.url, authorization_servers: [issuer.url] });
    const forMcp = await (await fetch(`${place}/mcp`)).json();
    expect(forMcp).toMatchObject({ resource: `${served.url}/mcp`, authorization_servers: [issuer.url] });
  });

  it('let nobody in that are wrong in any way', async () => {
    const issuer = await anIssuer();
    const { url } = await serve({ env: issuer.env });
    const claims = issuer.claimsOf({});
    const own = await generateKeyPair('RS256');
    const spki = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
    const sign = (header: Parameters<SignJWT['setProtectedHeader']>[0], key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT(claims).setProtectedHeader(header).sign(key);
    const good = await issuer.token();
    const [head = '', body = '', signature = ''] = good.split('.');
    const otherBody = Buffer.from(JSON.stringify({ ...claims, sub: 'sub-2' })).toString('base64url');
    const wrong = {
      'no signature': new UnsecuredJWT(claims).encode(),
      'its signature cut off': `${head}.${body}.`,
      'a signature by our own words': await sign({ alg: 'HS256', kid: 'first' }, spki),
      'a key of its own': await sign({ alg: 'RS256', kid: 'first' }, own.privateKey),
      'a key of its own in its head': await sign(
        { ...{ alg: 'RS256', kid: 'first' }, jwk: await exportJWK(own.publicKey) },
        own.privateKey,
      ),
      'an unknown key': await issuer.token({}, { kid: 'second' }),
      'other claims than it signs': `${head}.${otherBody}.${signature}`,
      'another audience': await issuer.token({ aud: 'https://other.example.com' }),
      'no audience': await issuer.token({ aud: undefined }),
      'another issuer': await issuer.token({ iss: 'https://other.example.com' }),
      'no person': await issuer.token({ sub: undefined }),
      'a person without a name': await issuer.token({ sub: '' }),
      'a person who is a number': await issuer.token(JSON.parse('{"sub": 5}')),
      'no end': await issuer.token({ exp: undefined }),
      'an end that is over': await issuer.token({ exp: Math.floor(Date.now() / 1_000) - 60 }),
      'a beginning that is to come': await issuer.token({ nbf: Math.floor(Date.now() / 1_000) + 600 }),
      'a head that asks for more': await issuer
        .token({}, { crit: ['x'], x: true })
        .catch(() => `${head}x.${body}.${signature}`),
      'five parts': `${good}.x.y`,
      'no JSON': 'a.b.c',
    };
    for (const [what, token] of Object.entries(wrong)) {
      const { status } = await post(url, token, initialize());
      // After ten failures within a minute the next ones are told to wait: nobody is let in either way.
      expect([what, [401, 429].includes(status)]).toEqual([what, true]);
    }
    expect((await post(url, good, initialize())).status).toBe(200);
  });

  it('are described to whoever has none yet, however often they ask', async () => {
    const issuer = await anIssuer();
    const { url } = await serve({ env: issuer.env });
    for (let round = 0; round < 12; round++) {
      const { status, headers } = await fetch(new URL('/mcp', url), { method: 'POST' });
      expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('resource_metadata')]);
    }
  });

  it('are another person’s where only the address is the same, and no session is shared', async () => {
    const issuer = await anIssuer();
    const { url } = await serve({ env: issuer.env });
    const [one, two] = [await issuer.token({ sub: 'sub-1' }), await issuer.token({ sub: 'sub-2' })];
    const id = await aSession(url, one);
    expect((await post(url, two, toolCall('list_agents'), { 'mcp-session-id': id })).status).toBe(404);
    const renewed = await issuer.token({ sub: 'sub-1', jti: 'another' });
    expect((await post(url, renewed, toolCall('list_agents'), { 'mcp-session-id': id })).status).toBe(200);
  });

  it('can’t be told from wrong ones while the issuer is down, and are let in once it is back', async () => {
    const issuer = await anIssuer();
    issuer.fail(true);
    const { url } = await serve({ env: issuer.env });
    const token = await issuer.token();
    expect(await post(url, token, initialize())).toMatchObject({
      status: 503,
      body: expect.stringContaining('issuer'),
    });
    issuer.fail(false);
    expect((await post(url, token, initialize())).status).toBe(200);
  });

  it.each([
    [{ COUNTERSIGN_OIDC_ISSUER: 'https://id.example.com' }, 'both'],
    [{ COUNTERSIGN_OIDC_AUDIENCE: 'x' }, 'both'],
    [{ COUNTERSIGN_OIDC_ISSUER: 'http://id.example.com', COUNTERSIGN_OIDC_AUDIENCE: 'x' }, 'https'],
    [{ COUNTERSIGN_OIDC_ISSUER: 'nonsense', COUNTERSIGN_OIDC_AUDIENCE: 'x' }, 'https'],
  ])('aren’t taken with the environment %j', (env, why) => {
    const { status, stderr } = command(temporaryHome(), ['serve', '--port', '0'], { ...env });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(why) });
  });
});

describe('a home without an issuer', () => {
  it('describes none, and its refusals name none', async () => {
    const { url } = await serve();
    for (const place of ['oauth-protected-resource', 'oauth-protected-resource/mcp', 'openid-configuration']) {
      const answer = await fetch(new URL(`/.well-known/${place}`, url));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/json']);
    }
    expect((await post(url, 'x', initialize())).headers.has('www-authenticate')).toBe(false);
  });
});
