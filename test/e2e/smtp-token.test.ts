import { describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { sendMail } from '../../src/net/smtp.ts';
import { smtpSettings } from '../../src/net/smtp-settings.ts';
import { aMailSink, type MailScript } from '../support/mail-sink.ts';
import { BODY, QUICK } from '../support/sending.ts';
import { aSink, type Received, type Sink } from '../support/sink.ts';

const REFRESH = 'refresh-1//0gT0ken-ünique';
const SECRET = 'GOCSPX-client-secret';
const [OLD, NEW] = ['ya29.old-access-token', 'ya29.new-access-token'];

/** The parts of a login by token, on a mail server that takes NEW alone, and a token server with an answer of its own. */
async function aScene(
  answer: { status?: number; body: object | string },
  env: Record<string, string | undefined> = {},
  script: MailScript = { token: NEW },
) {
  const mail = await aMailSink(script);
  const tokens = await aSink((_request, response) => {
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(text);
  });
  const given: Record<string, string | undefined> = {
    SAM_HOST: '127.0.0.1',
    SAM_PORT: String(mail.port),
    SAM_USER: 'sam@acme.example',
    SAM_REFRESH_TOKEN: REFRESH,
    SAM_CLIENT_ID: 'client-7',
    SAM_CLIENT_SECRET: SECRET,
    SAM_TOKEN_URL: tokens.url('/token'),
    ...env,
  };
  return { mail, tokens, env: given };
}

async function send({ tokens, env }: { tokens: Sink; env: Record<string, string | undefined> }, isAllowed = true) {
  const server = smtpSettings('SAM', env);
  if ('problem' in server) throw new Error(server.problem);
  const fetch = createGuardedFetch({ allowedHosts: isAllowed ? [tokens.host] : [] });
  const mail = { from: 'sam@acme.example', to: 'ada@example.com', message: Buffer.from(BODY) };
  return sendMail({ fetch }, server, mail, { patience: QUICK });
}

function formOf({ body }: Received): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

describe('a login by token', () => {
  it('fetches an access token for the refresh token, and logs in with it', async () => {
    const scene = await aScene({ body: { access_token: NEW, expires_in: 3600, token_type: 'Bearer' } });
    expect(await send(scene)).toMatchObject({ outcome: 'accepted' });
    expect(scene.tokens.requests.map(formOf)).toEqual([
      { grant_type: 'refresh_token', refresh_token: REFRESH, client_id: 'client-7', client_secret: SECRET },
    ]);
    const blob = Buffer.from(`user=sam@acme.example\x01auth=Bearer ${NEW}\x01\x01`).toString('base64');
    expect(scene.mail.wire()).toContain(`AUTH XOAUTH2 ${blob}\r\n`);
    expect(scene.mail.mails).toHaveLength(1);
  });

  it('takes an access token that is given, without a request', async () => {
    const none = { SAM_REFRESH_TOKEN: undefined, SAM_CLIENT_ID: undefined, SAM_CLIENT_SECRET: undefined };
    const scene = await aScene({ body: {} }, { ...none, SAM_TOKEN_URL: undefined, SAM_ACCESS_TOKEN: NEW });
    expect(await send(scene)).toMatchObject({ outcome: 'accepted' });
    expect(scene.tokens.connections()).toBe(0);
  });

  it('goes by the refresh token where both are given: an access token runs out within the hour', async () => {
    const scene = await aScene({ body: { access_token: NEW } }, { SAM_ACCESS_TOKEN: OLD });
    expect(await send(scene)).toMatchObject({ outcome: 'accepted', tries: 1 });
    const [, blob = ''] = /AUTH XOAUTH2 (\S+)/.exec(scene.mail.wire()) ?? [];
    expect(Buffer.from(blob, 'base64').toString()).toBe(`user=sam@acme.example\x01auth=Bearer ${NEW}\x01\x01`);
  });

  it('may have its user in an SMTP URL', async () => {
    const parts = { SAM_HOST: undefined, SAM_PORT: undefined, SAM_USER: undefined };
    const scene = await aScene({ body: { access_token: NEW } }, parts);
    const env = { ...scene.env, SAM: scene.mail.url('smtp', 'sam%40acme.example') };
    expect(await send({ ...scene, env })).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    [400, { error: 'invalid_grant', error_description: `bad ${REFRESH} of ${SECRET}` }, 'failed', '400 invalid_grant'],
    [401, { error: SECRET }, 'failed', '(401)'],
    [200, { token: NEW }, 'failed', '(200)'],
    [302, {}, 'failed', '(302)'],
    [200, 'no JSON', 'failed', '(200)'],
    [503, { error: 'temporarily_unavailable' }, 'later', '503 temporarily_unavailable'],
    [429, {}, 'later', '429'],
  ] as const)(
    'that gets no token (%i %j) is %s, with no word that may hold a secret',
    async (status, body, outcome, told) => {
      const scene = await aScene({ status, body });
      const made = await send(scene);
      expect(made).toMatchObject({ outcome, message: expect.stringContaining(told) });
      expect(JSON.stringify(made)).not.toMatch(/refresh-1|GOCSPX|ya29/);
      expect(scene.mail.wire()).not.toContain('AUTH');
    },
  );

  it('asks for its token through the guard: a private address has to be allowed', async () => {
    const scene = await aScene({ body: { access_token: NEW } });
    expect(await send(scene, false)).toMatchObject({ outcome: 'failed' });
    expect(scene.tokens.connections()).toBe(0);
  });

  it('that the server refuses tells the code, what to check, and no token, although the server repeats it', async () => {
    const scene = await aScene({ body: { access_token: OLD } });
    const made = await send(scene);
    expect(made).toMatchObject({ outcome: 'failed', message: expect.stringMatching(/login.*535.*SAM_REFRESH_TOKEN/) });
    expect(JSON.stringify(made)).not.toMatch(/refresh-1|GOCSPX|ya29|eWEyOS/);
  });

  it('never stands in what is told later, although the server repeats it', async () => {
    const repeats = (text: string): MailScript => ({
      token: NEW,
      recipient: () => ({ code: 554, words: `5.7.1 ${text}` }),
    });
    for (const text of [NEW, Buffer.from(`x=Bearer ${NEW}`).toString('base64'), REFRESH, encodeURIComponent(SECRET)]) {
      const scene = await aScene({ body: { access_token: NEW } }, {}, repeats(text));
      const made = await send(scene);
      expect(made).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('554 (its words held the login'),
      });
      expect(JSON.stringify(made)).not.toContain(text);
    }
  });
});
