import { describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { mailboxSettings } from '../../src/net/mailbox/settings.ts';
import { smtpSettings } from '../../src/net/smtp-settings.ts';
import { aDovecot, LOGIN } from '../support/dovecot.ts';
import { written } from '../support/mail-messages.ts';
import { lookInto, problemOf, subjectsOf } from '../support/mailbox.ts';
import { aScriptedImap } from '../support/scripted-imap.ts';
import { aSink, type Received } from '../support/sink.ts';

const REFRESH = 'refresh-1//0gT0ken';
const SECRET = 'GOCSPX-client-secret';
const [OLD, NEW] = ['ya29.old-access-token', 'ya29.new-access-token'];
type Answer = { status?: number; body: object | string };

/** The variables of a login by token, and the server that gives tokens, and tells whom one is of: NEW is of LOGIN. */
async function aTokenServer(answer: Answer, env: Record<string, string | undefined> = {}) {
  const asked: string[] = [];
  const tokens = await aSink(({ path, headers }, response) => {
    if (path === '/token') {
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(text);
      return;
    }
    const token = String(headers.authorization).replace('Bearer ', '');
    asked.push(token);
    response.end(JSON.stringify(token === NEW ? { email: LOGIN.user, active: true } : { active: false }));
  });
  const given: Record<string, string | undefined> = {
    BOX_HOST: '127.0.0.1',
    BOX_USER: LOGIN.user,
    BOX_REFRESH_TOKEN: REFRESH,
    BOX_CLIENT_ID: 'client-7',
    BOX_CLIENT_SECRET: SECRET,
    BOX_TOKEN_URL: tokens.url('/token'),
    ...env,
  };
  const look = async (port: number, { isAllowed = true, more = {} } = {}) => {
    const server = mailboxSettings('BOX', { ...given, BOX_PORT: String(port), ...more });
    if ('problem' in server) throw new Error(server.problem);
    const fetch = createGuardedFetch({ allowedHosts: isAllowed ? [tokens.host] : [] });
    return lookInto(server, undefined, { deps: { fetch } });
  };
  const formOf = ({ body }: Received) => Object.fromEntries(new URLSearchParams(body));
  const forms = () => tokens.requests.filter(({ path }) => path === '/token').map(formOf);
  return { tokens, asked, env: given, look, forms };
}

async function told(look: Promise<unknown>) {
  const problem = await problemOf(look);
  expect(`${problem.message} ${problem.stack} ${JSON.stringify(problem)}`).not.toMatch(/refresh-1|GOCSPX|ya29|eWEyOS/);
  return problem;
}

describe('a mailbox by token', () => {
  it('is read with an access token that is fetched for the refresh token, anew for each look', async () => {
    const { tokens, asked, look, forms } = await aTokenServer({ body: { access_token: NEW, expires_in: 3600 } });
    const dovecot = await aDovecot({ tokensAt: tokens.url('/who') });
    dovecot.deliver(written('Hi', { Subject: 'one' }));
    expect(subjectsOf(await look(dovecot.port))).toEqual(['one']);
    expect(subjectsOf(await look(dovecot.port))).toEqual(['one']);
    const form = { grant_type: 'refresh_token', refresh_token: REFRESH, client_id: 'client-7', client_secret: SECRET };
    expect(forms()).toEqual([form, form]);
    expect([...new Set(asked)]).toEqual([NEW]);
  });

  it('is read with an access token that is given, without a request, as long as the token lasts', async () => {
    const none = { BOX_REFRESH_TOKEN: undefined, BOX_CLIENT_ID: undefined, BOX_CLIENT_SECRET: undefined };
    const { tokens, look, forms } = await aTokenServer({ body: {} }, { ...none, BOX_TOKEN_URL: undefined });
    const dovecot = await aDovecot({ tokensAt: tokens.url('/who') });
    dovecot.deliver(written('Hi', { Subject: 'one' }));
    expect(subjectsOf(await look(dovecot.port, { more: { BOX_ACCESS_TOKEN: NEW } }))).toEqual(['one']);
    expect(await told(look(dovecot.port, { more: { BOX_ACCESS_TOKEN: OLD } }))).toMatchObject({
      fate: 'login',
      message: expect.stringContaining('check the user name, and BOX_ACCESS_TOKEN: the token may have run out'),
    });
    expect(forms()).toEqual([]);
  });

  it('goes by the refresh token where both are given, and may have its user in a URL', async () => {
    const parts = { BOX_HOST: undefined, BOX_USER: undefined, BOX_ACCESS_TOKEN: OLD };
    const { look } = await aTokenServer({ body: { access_token: NEW } }, parts);
    const imap = await aScriptedImap({});
    const url = `imap://${encodeURIComponent(LOGIN.user)}@127.0.0.1:${imap.port}/INBOX`;
    await look(imap.port, { more: { BOX: url, BOX_PORT: undefined } }).catch(() => undefined);
    const [, blob = ''] = /AUTHENTICATE XOAUTH2 (\S+)/.exec(imap.commands.join('\n')) ?? [];
    expect(Buffer.from(blob, 'base64').toString()).toBe(`user=${LOGIN.user}\x01auth=Bearer ${NEW}\x01\x01`);
  });

  it.each([
    [400, { error: 'invalid_grant', error_description: `bad ${REFRESH} of ${SECRET}` }, 'login', '400 invalid_grant'],
    [401, { error: SECRET }, 'login', '(401)'],
    [200, { token: NEW }, 'login', '(200)'],
    [302, {}, 'login', '(302)'],
    [200, 'no JSON', 'login', '(200)'],
    [503, { error: 'temporarily_unavailable' }, 'busy', '503 temporarily_unavailable'],
    [429, {}, 'busy', '429'],
  ] as const)(
    'that gets no token (%i %j) isn’t reached, and no word may hold a secret',
    async (status, body, fate, words) => {
      const { look } = await aTokenServer({ status, body });
      const imap = await aScriptedImap({});
      expect(await told(look(imap.port))).toMatchObject({ fate, message: expect.stringContaining(words) });
      expect(imap.commands).toEqual([]);
    },
  );

  it('asks for its token through the guard: a private address has to be allowed', async () => {
    const { look, tokens } = await aTokenServer({ body: { access_token: NEW } });
    const imap = await aScriptedImap({});
    expect(await told(look(imap.port, { isAllowed: false }))).toMatchObject({ fate: 'login' });
    expect(tokens.connections()).toBe(0);
  });

  it('that the server refuses names what to check, and no token, although the server repeats it', async () => {
    const { look } = await aTokenServer({ body: { access_token: OLD } });
    const imap = await aScriptedImap({ AUTHENTICATE: (command) => `NO ${command} ${OLD} ${REFRESH}` });
    expect(await told(look(imap.port))).toMatchObject({
      fate: 'login',
      message: expect.stringMatching(/the login failed: check the user name, and BOX_REFRESH_TOKEN/),
    });
  });
});

describe('a login by token', () => {
  it.each([
    ['imap.gmail.com', 'smtp.gmail.com'],
    ['outlook.office365.com', 'smtp.office365.com'],
    ['imap-mail.outlook.com', 'smtp-mail.outlook.com'],
  ])('is the same for mailboxes (%s) and for sending (%s)', (imap, smtp) => {
    const env = { BOX_USER: 'sam@acme.example', BOX_REFRESH_TOKEN: REFRESH, BOX_CLIENT_ID: 'client-7' };
    const box = mailboxSettings('BOX', { ...env, BOX_HOST: imap });
    const server = smtpSettings('BOX', { ...env, BOX_HOST: smtp });
    expect(box).toMatchObject({ token: { refresh: { url: expect.stringMatching(/^https:/) } } });
    expect('token' in box && box.token).toEqual('token' in server && server.token);
  });

  it.each([
    [{ BOX_TOKEN_URL: 'http://id.acme.example/token' }, "BOX_TOKEN_URL isn't a URL that starts with https"],
    [{ BOX_CLIENT_ID: '' }, "but BOX_CLIENT_ID isn't"],
    [{ BOX_PASSWORD: SECRET }, 'no password'],
    [{ BOX_HOST: 'mail.acme.example' }, "but BOX_TOKEN_URL isn't"],
    [{ BOX_REFRESH_TOKEN: '' }, 'neither BOX_ACCESS_TOKEN nor BOX_REFRESH_TOKEN'],
  ])('says what is wrong with %j in the same words for both', (wrong, words) => {
    const env = { BOX_USER: 'sam', BOX_REFRESH_TOKEN: REFRESH, BOX_CLIENT_ID: 'client-7', BOX_HOST: 'imap.gmail.com' };
    const said = mailboxSettings('BOX', { ...env, ...wrong });
    expect(said).toEqual({ problem: expect.stringContaining(words) });
    expect(smtpSettings('BOX', { ...env, BOX_HOST: 'smtp.gmail.com', ...wrong })).toEqual(said);
    expect(JSON.stringify(said)).not.toMatch(/refresh-1|GOCSPX/);
  });
});
