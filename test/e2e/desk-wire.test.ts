import { describe, expect, it } from 'vitest';
import { ticketFilesOf } from '../../src/files/ticket-files.ts';
import { servedScene } from '../support/desk/served-scene.ts';
import { rawHttp } from '../support/http-wire.ts';
import { anIssuer } from '../support/issuer.ts';
import { command, type Served, serve } from '../support/served.ts';
import { temporaryHome } from '../support/server.ts';

type Facts = ReturnType<typeof JSON.parse>;
type Answered = { status: number; json: Facts };

function bodyIn(answer: string): Facts {
  try {
    return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  } catch {
    return undefined;
  }
}

/** A request as the page's browser writes it; `without` leaves headers out, `more` adds some. */
function asPage({ url }: Pick<Served, 'url'>, key = '') {
  const { host, origin } = new URL(url);
  return async (line: string, body?: unknown, more: string[] = [], without: string[] = []): Promise<Answered> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const post = [`Origin: ${origin}`, 'Sec-Fetch-Site: same-origin', 'Content-Type: application/json'];
    const own = [
      `Host: ${host}`,
      ...(key === '' ? [] : [`X-Countersign-Key: ${key}`]),
      ...(body === undefined ? [] : [...post, `Content-Length: ${Buffer.byteLength(text)}`]),
    ].filter((header) => !without.some((name) => header.startsWith(`${name}:`)));
    const headers = [...own, ...more, 'Connection: close'];
    const answer = await rawHttp(url, `${line} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${text}`, () => false);
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), json: bodyIn(answer) };
  };
}

async function opened(
  served: Pick<Served, 'url' | 'home'>,
  ticket = ticketFilesOf(served.home).issue({ kind: 'desk' }),
) {
  const { status, json } = await asPage(served)('POST /desk/ticket', { ticket });
  expect(status).toBe(200);
  return { ask: asPage(served, json.key), key: json.key };
}

describe('the routes of the desk of a home that is served', () => {
  it('is opened by a ticket of any process, decides as a person, and its key outlives the server', async () => {
    const served = await servedScene();
    const { ask, key } = await opened(served);
    const queue = await ask('GET /desk/queue');
    expect(queue).toMatchObject({
      status: 200,
      json: { total_waiting: 1, actions: [{ agent_name: 'Noter', headline: 'Call' }] },
    });
    expect(await served.end()).toBe(0);
    const port = new URL(served.url).port;
    const again = await serve({ home: served.home, args: ['--port', port] });
    const page = asPage(again, key);
    const [row] = (await page('GET /desk/queue')).json.actions;
    const { run_id, contact_id, action_index, digest, nonce } = row;
    const body = { decision: 'approve', rows: [{ run_id, contact_id, action_index, digest, nonce }] };
    expect(await page('POST /desk/decide', body)).toMatchObject({ status: 200, json: { decided: 1 } });
    const log = command(served.home, ['audit', '--export', 'jsonl']).stdout;
    expect(JSON.parse(log.trim().split('\n').at(-1) ?? '')).toMatchObject({
      decision: 'approved',
      via: 'human',
      client: expect.stringMatching(/^countersign desk/),
    });
  });

  it('takes a post with two origins, two keys or a foreign host from nobody', async () => {
    const served = await servedScene();
    const { ask, key } = await opened(served);
    const [row] = (await ask('GET /desk/queue')).json.actions;
    const { run_id, contact_id, action_index, digest, nonce } = row;
    const body = { decision: 'approve', rows: [{ run_id, contact_id, action_index, digest, nonce }] };
    const origin = new URL(served.url).origin;
    for (const [more, without, status] of [
      [[`Origin: ${origin}`], [], 403],
      [[`X-Countersign-Key: ${key}`], [], 401],
      [['Sec-Fetch-Site: same-origin'], [], 403],
      [['Origin: http://evil.example'], ['Origin'], 403],
      [[], ['Origin'], 403],
      [[], ['Sec-Fetch-Site'], 403],
      [['Host: evil.example'], ['Host'], 403],
      [[], ['Content-Type'], 415],
    ] as const)
      expect([more, without, (await ask('POST /desk/decide', body, [...more], [...without])).status]).toEqual([
        more,
        without,
        status,
      ]);
    expect((await ask('GET /desk/queue')).json.total_waiting).toBe(1);
  });

  it('tells an open page what another process did, and ends its stream with the server', async () => {
    const served = await servedScene();
    const { key } = await opened(served);
    const { body } = await fetch(new URL('/desk/events', served.url), { headers: { 'x-countersign-key': key } });
    if (!body) throw new Error('there is no stream');
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    const until = async (words: RegExp) => {
      while (!words.test(told)) {
        const { value } = await reader.read();
        if (value === undefined) throw new Error(`the stream ended: ${told}`);
        told += value;
      }
    };
    await until(/event: changed\ndata: {"waiting":1,"unknown":0,"changes":0}\n\n/);
    told = '';
    expect(command(served.home, ['pause', 'Stop']).status).toBe(0);
    await until(/event: changed\n/);
    expect(await served.end()).toBe(0);
    expect((await reader.read()).done).toBe(true);
  });

  it('knows the people of an issuer, until their JWT is over', async () => {
    const issuer = await anIssuer();
    const home = temporaryHome();
    const served = await serve({ home, env: issuer.env });
    const enter = async (token: string) => {
      const response = await fetch(new URL('/desk/entry', served.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      const json: Facts = await response.json();
      return { status: response.status, json };
    };
    const scope = 'agents:read agents:approve';
    const { json } = await enter(await issuer.token({ scope }));
    const { ask } = await opened(served, json.ticket);
    expect((await ask('GET /desk/me')).json).toMatchObject({
      person: { name: 'zoe@example.com', role: 'member' },
      may: { approve: true, write: false },
    });
    const short = await enter(await issuer.token({ scope, exp: Math.floor(Date.now() / 1_000) + 2 }));
    const soon = await opened(served, short.json.ticket);
    await expect.poll(async () => (await soon.ask('GET /desk/me')).status, { timeout: 10_000 }).toBe(401);
    expect((await enter('x')).status).toBe(401);
    expect((await enter(await issuer.token({ scope: 'email' }))).status).toBe(403);
  });

  it('says what is missing where the page was not built, and nothing of the home', async () => {
    const served = await serve();
    const response = await fetch(served.url);
    const text = await response.text();
    expect([200, 503]).toContain(response.status);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toContain(served.home);
  });
});
