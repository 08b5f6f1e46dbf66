import fs from 'node:fs';
import path from 'node:path';
import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { softPasskey } from '../support/authenticator.ts';
import { type Visitor, visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { anIssuer } from '../support/issuer.ts';
import { startOpen } from '../support/opened.ts';
import { NOTE, waits } from '../support/person.ts';
import { serve } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';

/** A home whose people an issuer vouches for, where one note waits that the team sees. */
async function aHome() {
  const issuer = await anIssuer();
  const home = temporaryHome();
  fs.writeFileSync(path.join(home, 'config.json'), '{"oidc": {"groups": {"leads": {"role": "admin", "team": 1}}}}');
  const local = await startServer({ home });
  await local.call('import_contacts', { contacts: [{ id: 'p', email: 'p@example.com' }] });
  await waits(local, NOTE, { visibility: 'public' });
  await local.close();
  return { issuer, served: await serve({ home, env: issuer.env }) };
}

/** `countersign open URL` on somebody's own machine: how it ended, what it said, and the link that it opened. */
async function opens(url: string, token: string) {
  const browser = fakeBrowser();
  const desk = startOpen(temporaryHome(), { ...browser.env, COUNTERSIGN_TOKEN: token }, url);
  return { code: await desk.exit, said: desk.said(), links: browser.links() };
}

async function visitor(url: string, token: string): Promise<Visitor> {
  const { code, links } = await opens(url, token);
  expect(code).toBe(0);
  return visited(String(links[0]));
}

async function rowsOf(who: Visitor) {
  const [{ run_id, contact_id, action_index, digest, nonce }] = (await who.get('/desk/queue')).json.actions;
  return [{ run_id, contact_id, action_index, digest, nonce }];
}

describe('countersign open URL, with a JWT of the issuer', () => {
  it('opens the desk as the person whom it names, who may what its scopes and groups say', async () => {
    const { issuer, served } = await aHome();
    const reader = await visitor(
      served.url,
      await issuer.token({ scope: 'agents:read', sub: 'sub-2', email: undefined }),
    );
    expect((await reader.get('/desk/me')).json).toMatchObject({
      person: { name: 'sub-2', role: 'member', team: 1 },
      may: { read: true, approve: false },
    });
    const refused = await reader.post('/desk/decide', { decision: 'approve', rows: await rowsOf(reader) });
    expect(refused).toMatchObject({ status: 403, json: { error: { details: { scope: 'agents:approve' } } } });
    const lead = await visitor(served.url, await issuer.token({ groups: ['leads', 'others'] }));
    expect((await lead.get('/desk/me')).json).toMatchObject({
      person: { name: 'zoe@example.com', role: 'admin', team: 1 },
      may: { approve: true },
    });
    const decided = await lead.post('/desk/decide', { decision: 'approve', rows: await rowsOf(lead) });
    expect(decided.json).toMatchObject({
      decided: 1,
      actions: [{ decided_by: expect.stringMatching(/^zoe@example\.com \(countersign desk/) }],
    });
  });

  it('knows the passkeys of the person again by a later JWT, and nobody else’s', async () => {
    const { issuer, served } = await aHome();
    const zoe = await visitor(served.url, await issuer.token());
    const options = await zoe.post('/desk/passkeys/options', { name: 'Key' });
    const response = softPasskey().create(options.json, { origin: served.url });
    expect((await zoe.post('/desk/passkeys', { name: 'Key', response, demand_signed: false })).status).toBe(200);
    const later = await visitor(served.url, await issuer.token({ email: 'zoe.new@example.com', jti: 'another' }));
    expect((await later.get('/desk/me')).json.passkeys).toMatchObject([{ name: 'Key' }]);
    const other = await visitor(served.url, await issuer.token({ sub: 'sub-2' }));
    expect((await other.get('/desk/me')).json.passkeys).toEqual([]);
  });

  it('opens nothing by one that is over, for another audience, of another issuer, or signed by another key', async () => {
    const { issuer, served } = await aHome();
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT(issuer.claimsOf({}))
      .setProtectedHeader({ alg: 'RS256', kid: 'first' })
      .sign(privateKey);
    const now = Math.floor(Date.now() / 1_000);
    for (const [what, token] of [
      ['over', await issuer.token({ exp: now - 60 })],
      ['not yet', await issuer.token({ nbf: now + 600 })],
      ['another audience', await issuer.token({ aud: 'https://elsewhere.example' })],
      ['another issuer', await issuer.token({ iss: 'https://issuer.example' })],
      ['another key', forged],
      ['a token of the home', served.token('kim')],
    ] as const) {
      const { code, said, links } = await opens(served.url, token);
      expect([what, code, links]).toEqual([what, 1, []]);
      expect(said).toContain('takes no such token');
    }
    issuer.fail(true);
    expect((await visitor(served.url, await issuer.token())).key).not.toBe('');
  });
});
