import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aSession, initialize, post, toolCall } from '../support/http-wire.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command, serve, tokenIn } from '../support/served.ts';
import { BUNDLE, baseEnv, startServer, temporaryHome } from '../support/server.ts';
import { aSink } from '../support/sink.ts';

const fileOf = (home: string) => path.join(home, 'serve.json');

const OF_FILES = onlyJson(
  'tokens in files; on PostgreSQL they are in a table, of which shared-tokens.postgres.test.ts tells',
);

describe('countersign serve', () => {
  it('says where it serves, on stderr and in a file for the home’s owner alone, which goes when it ends', async () => {
    const { home, url, pid, said, end } = await serve();
    expect(said()).toContain(`at ${url}`);
    expect(JSON.parse(fs.readFileSync(fileOf(home), 'utf8'))).toEqual({ pid, url });
    expect(fs.statSync(fileOf(home)).mode & 0o777).toBe(0o600);
    expect(await end('SIGTERM')).toBe(0);
    expect(fs.existsSync(fileOf(home))).toBe(false);
  });

  it('prints no token where stderr is no terminal, and says how one is made', async () => {
    const { said } = await serve();
    await expect.poll(said).toContain('countersign token add');
    expect(said()).not.toContain('cs_');
  });

  it('serves a home once: a second one ends, and names the first', async () => {
    const { home, url, pid } = await serve();
    const second = command(home, ['serve', '--port', '0']);
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining(url) });
    expect(second.stderr).toContain(String(pid));
  });

  it('serves a home once where people use another address than this machine reaches', async () => {
    const home = temporaryHome();
    tokenIn(home);
    const args = ['--public-url', 'https://agents.example.invalid'];
    const { pid } = await serve({ home, args });
    const second = command(home, ['serve', '--port', '0', ...args]);
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining(`Process ${pid} serves this home`) });
  });

  it('serves a home once however many start at the same time', async () => {
    const home = temporaryHome();
    // A file that is outdated is no way past this either.
    fs.writeFileSync(fileOf(home), JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:9' }));
    const starts = await Promise.allSettled([1, 2, 3].map(() => serve({ home })));
    const [served, ...more] = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    expect(more).toEqual([]);
    for (const start of starts)
      if (start.status === 'rejected')
        expect(String(start.reason)).toContain(`Process ${served?.pid} serves this home`);
    expect(JSON.parse(fs.readFileSync(fileOf(home), 'utf8'))).toMatchObject({ pid: served?.pid });
    expect(fs.readdirSync(home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  OF_FILES.it('doesn’t start where a token’s file is damaged, and leaves no file that says it serves', async () => {
    const home = temporaryHome();
    const [, id = ''] = tokenIn(home).split('_');
    fs.writeFileSync(path.join(home, 'tokens', `${id}.json`), '{');
    const { status, stderr } = command(home, ['serve', '--port', '0']);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('holds no token') });
    expect(stderr).not.toContain(' at http');
    expect(fs.existsSync(fileOf(home))).toBe(false);
  });

  OF_FILES.it('refuses a token whose file is damaged meanwhile, and goes on for all others', async () => {
    const { home, url, token, said } = await serve();
    const [mine, other] = [token('zoe'), token('ben')];
    const session = await aSession(url, mine);
    const stream = await fetch(new URL('/mcp', url), {
      headers: { authorization: `Bearer ${mine}`, accept: 'text/event-stream', 'mcp-session-id': session },
    });
    const [, id = ''] = mine.split('_');
    fs.writeFileSync(path.join(home, 'tokens', `${id}.json`), '{');
    // Whether it was revoked can't be told, so what it has open ends.
    await stream.text();
    const refused = await post(url, mine, toolCall('list_agents'));
    expect(refused).toMatchObject({ status: 503, json: { error: { data: { code: 'STORE_ERROR' } } } });
    expect(refused.body).not.toContain(home);
    expect(said()).toContain('holds no token');
    expect((await post(url, other, initialize())).status).toBe(200);
  });

  it('says at a signal what the calls under way came to', async () => {
    let arrived = 0;
    const sink = await aSink((_request, response) => {
      arrived += 1;
      setTimeout(() => response.end('ok'), 300);
    });
    const env = { COUNTERSIGN_ALLOW_HOSTS: sink.host, COUNTERSIGN_MIN_PROOF: 'client' };
    const { url, token, end } = await serve({ env });
    const server = await startServer({ era: 'sdk-1', over: { url, token: token() } });
    await server.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    const { agent } = await server.call('create_agent', {
      name: 'Hook',
      capabilities: ['webhook'],
      connections: { webhook_url: sink.url() },
      playbook: { rules: [{ name: 'all', propose: [{ type: 'webhook', params: { payload: { a: 1 } } }] }] },
    });
    const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 10 });
    const [row] = (await server.call('list_pending_actions', { run_id })).actions;
    const at = { run_id, contact_id: 'p', action_index: 0, expected_digest: row.digest };
    const approving = server.call('approve_action', { ...at, wait_seconds: 10 });
    await expect.poll(() => arrived).toBe(1);
    expect(await end('SIGTERM')).toBe(0);
    expect((await approving).action.status).toBe('executed');
    await server.close().catch(() => undefined);
  });

  it('takes the place of one that was killed, and of a file that says nothing', async () => {
    const killed = await serve();
    await killed.end('SIGKILL');
    expect(fs.existsSync(fileOf(killed.home))).toBe(true);
    const next = await serve({ home: killed.home });
    expect(next.pid).not.toBe(killed.pid);
    await next.end();
    fs.writeFileSync(fileOf(killed.home), '{"pid":"what');
    expect((await serve({ home: killed.home })).url).toContain('http://localhost:');
  });

  it('takes the place of a process whose number another program has now', async () => {
    const home = temporaryHome();
    fs.writeFileSync(fileOf(home), JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:9' }));
    expect((await serve({ home })).home).toBe(home);
  });

  it('ends at a signal although a client listens', async () => {
    const { url, token, end } = await serve();
    const server = await startServer({ era: 'sdk-2-modern', over: { url, token: token() } });
    const { stop } = await server.subscribe('countersign://pending');
    expect(await end('SIGTERM')).toBe(0);
    await stop().catch(() => undefined);
    await server.close().catch(() => undefined);
  });

  it('answers on both names of this machine', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    for (const name of ['127.0.0.1', 'localhost'])
      expect(await (await fetch(`http://${name}:${port}/healthz`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200);
  });

  it('begins what was left to do, as the processes of clients do', async () => {
    const home = temporaryHome();
    const beside = await startServer({ home });
    await beside.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    const agent = { name: 'A', capabilities: ['notes'], playbook: { rules: [RULE] } };
    const made = await beside.call('create_agent', agent);
    await beside.close();
    const { url } = await serve({ home });
    const reader = tokenIn(home);
    const { run_id } = await overHttp(url, reader, 'trigger_agent', { agent_id: made.agent.id });
    await expect.poll(async () => (await overHttp(url, reader, 'get_run', { run_id })).run.status).toBe('completed');
  });

  it.each([
    [['--port', 'x'], 'a number from 0 to 65535'],
    [['--host', 'example.com'], 'an IP address'],
    [['--public-url', 'ftp://x'], 'the address that people use'],
    [['--public-url', 'https://x.example/path'], 'the address that people use'],
    [['--host', '0.0.0.0'], 'token add'],
    [['--public-url', 'https://x.example'], 'token add'],
    [['--wrong'], 'wrong'],
  ])('doesn’t start with %j, and says why', (args, why) => {
    expect(command(temporaryHome(), ['serve', '--port', '0', ...args])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(why),
    });
  });

  it('starts for others than this machine once there is a token', async () => {
    const home = temporaryHome();
    tokenIn(home);
    const { url } = await serve({ home, args: ['--public-url', 'https://agents.example.com'] });
    expect(url).toBe('https://agents.example.com');
  });

  it('says it where its port is taken', async () => {
    const { url } = await serve();
    const { status, stderr } = command(temporaryHome(), ['serve', '--port', new URL(url).port]);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('--port') });
  });

  it('goes on where stderr is closed', async () => {
    const home = temporaryHome();
    const child = spawn(process.execPath, [BUNDLE, 'serve', '--port', '0'], { env: baseEnv(home), stdio: 'ignore' });
    await expect.poll(() => fs.existsSync(fileOf(home))).toBe(true);
    const { url } = JSON.parse(fs.readFileSync(fileOf(home), 'utf8'));
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
    child.kill('SIGTERM');
  });
});

const RULE = { name: 'all', propose: [{ type: 'note', params: { body: 'Seen' } }] };

/** One call of a tool, as a client of 2026-07-28 makes it without a session. */
async function overHttp(url: string, token: string, name: string, args: object) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const call = toolCall(name, args);
  const answer = await post(
    url,
    token,
    { ...call, params: { ...call.params, _meta: meta } },
    {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
  );
  return answer.json.result.structuredContent;
}
