import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isObject } from '../../src/domain/json.ts';
import type { Offer, OfferedTool } from '../../src/domain/tool.ts';
import type { Timing } from '../../src/net/tool-connection.ts';
import { createToolServers, type ToolServers } from '../../src/net/tool-servers.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { isRunning, testTools, testToolsOverHttp, writeConfig } from '../support/tool-server.ts';

type Entries = Record<string, Record<string, unknown>>;

function servers(entries: Entries, timing: Partial<Timing> = {}, env: Record<string, string> = {}): ToolServers {
  const home = aHome();
  writeConfig(home, { mcpServers: entries });
  const pool = createToolServers(home, { ...testDeps(home), env }, timing);
  onTestFinished(() => pool.close());
  return pool;
}

async function offerOf(pool: ToolServers, name: string, maxAgeMs = 0): Promise<Offer | undefined> {
  return (await pool.ask([name], maxAgeMs)).get(name);
}

async function toolOf(pool: ToolServers, name: string, tool: string): Promise<OfferedTool> {
  const offer = await offerOf(pool, name);
  const found = offer && 'tools' in offer ? offer.tools.get(tool) : undefined;
  if (!found) throw new Error(`${name} offers no ${tool}: ${JSON.stringify(offer)}`);
  return found;
}

/** A URL of this machine on which nobody listens. */
async function closedUrl(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${isObject(address) ? String(address.port) : ''}/mcp`;
}

async function problemOf(pool: ToolServers, name: string): Promise<string> {
  const offer = await offerOf(pool, name);
  if (!offer || 'tools' in offer) throw new Error(`${name} should have had a problem`);
  return offer.problem;
}

const ARGS = { to: 'ada@example.com', text: 'hello' };

describe('servers of every era', () => {
  it.each(['', 'legacy', 'fragile'])('are started once, asked and called (%s)', async (ways) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry(ways) });
    const send = await toolOf(pool, 'crm', 'send');
    expect(send).toMatchObject({ title: 'Send a message', description: 'Sends a message to one address.' });
    const answer = await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k1' });
    expect(answer).toEqual({ outcome: 'done', text: expect.stringMatching(/^sent to ada@example\.com!+…$/) });
    expect(answer.text.length).toBeLessThanOrEqual(501);
    expect(tools.calls()).toEqual([{ name: 'send', args: ARGS, key: 'k1' }]);
    // One that dies of the question for its era needs a second start.
    expect(tools.started()).toHaveLength(ways === 'fragile' ? 2 : 1);
  });

  it('are reached over HTTP with a header from the environment', async () => {
    const tools = testTools();
    const url = await testToolsOverHttp(tools, 's3cret');
    const headers = { Authorization: 'Bearer ${CRM_TOKEN}' };
    const pool = servers({ crm: { type: 'http', url, headers } }, {}, { CRM_TOKEN: 's3cret' });
    const send = await toolOf(pool, 'crm', 'send');
    expect(await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k' })).toMatchObject({
      outcome: 'done',
    });
    const refused = servers({ crm: { url } });
    expect(await problemOf(refused, 'crm')).toContain('wants authorization (HTTP 401)');
    const unset = servers({ crm: { url, headers } });
    expect(await problemOf(unset, 'crm')).toBe(
      'mcpServers.crm.headers.Authorization needs the environment variable CRM_TOKEN',
    );
  });

  it('are reached by the HTTP transport of 2024-11-05', async () => {
    const tools = testTools();
    const url = await testToolsOverHttp(tools, '', '--sse');
    const pool = servers({ crm: { type: 'sse', url } }, { callMs: 1_000 });
    const send = await toolOf(pool, 'crm', 'send');
    const answer = await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k' });
    expect(answer.outcome).toBe('done');
    const gone = await toolOf(pool, 'crm', 'crash');
    expect(await pool.call({ server: 'crm', tool: gone, args: {}, idempotency_key: 'k' })).toMatchObject({
      outcome: 'unanswered',
    });
  });

  it('are reached anew where they were restarted in between', async () => {
    const tools = testTools();
    const pool = servers({ crm: { url: await testToolsOverHttp(tools) } });
    const gone = await toolOf(pool, 'crm', 'crash');
    expect(await pool.call({ server: 'crm', tool: gone, args: {}, idempotency_key: 'k' })).toMatchObject({
      outcome: 'unanswered',
    });
    expect(await problemOf(pool, 'crm')).toBe("it can't be reached (ECONNREFUSED)");
  });
});

describe('what servers offer', () => {
  it('is asked anew whatever they say of how long it holds', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const before = await toolOf(pool, 'crm', 'send');
    expect((await toolOf(pool, 'crm', 'send')).digest).toBe(before.digest);
    tools.describe('Sends a message, and a copy to us.');
    const held = await offerOf(pool, 'crm', 60_000);
    expect(held && 'tools' in held && held.tools.get('send')?.digest).toBe(before.digest);
    expect((await toolOf(pool, 'crm', 'send')).digest).not.toBe(before.digest);
    expect(tools.started()).toHaveLength(1);
  });

  it('is another tool where another command stands under the name', async () => {
    const tools = testTools();
    const pool = servers({ a: tools.entry(), b: { ...tools.entry(), cwd: tools.folder } });
    const [a, b] = [await toolOf(pool, 'a', 'send'), await toolOf(pool, 'b', 'send')];
    expect(a.digest).not.toBe(b.digest);
  });

  it('checks arguments by its schema, patterns in linear time', async () => {
    const tools = testTools();
    const { check } = await toolOf(servers({ crm: tools.entry() }), 'crm', 'send');
    expect(check(ARGS)).toBeUndefined();
    expect(check({ to: 'ada@example.com' })).toBe("must have required property 'text'");
    expect(check({ ...ARGS, to: 'nobody' })).toBe('to must match format "email"');
    expect(check({ ...ARGS, cc: 'x' })).toBe('must NOT have additional properties (cc)');
    const started = performance.now();
    expect(check({ ...ARGS, code: `${'a'.repeat(5_000)}!` })).toContain('code must match pattern');
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('is nothing, without a word on stdout, where a server has no tools', async () => {
    const print = vi.spyOn(process.stdout, 'write');
    const log = vi.spyOn(console, 'debug');
    const offer = await offerOf(servers({ crm: testTools().entry('toolless') }), 'crm');
    expect(offer && 'tools' in offer && offer.tools.size).toBe(0);
    expect(log).not.toHaveBeenCalled();
    print.mockRestore();
    log.mockRestore();
  });
});

describe('what came of a call', () => {
  it.each([
    ['refuse', 'refused', 'no such mailbox'],
    ['err', 'refused', 'it answered with an error: the ledger is locked'],
    ['crash', 'unanswered', 'it ended before it answered'],
    ['hang', 'unanswered', "it didn't answer within 0.5 s"],
    ['ask', 'refused', expect.stringContaining('it answered with an error: Cannot request input')],
  ])('%s is %s', async (name, outcome, text) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() }, { callMs: 500 });
    const tool = await toolOf(pool, 'crm', name);
    expect(await pool.call({ server: 'crm', tool, args: {}, idempotency_key: 'k' })).toEqual({ outcome, text });
    expect(tools.calls()).toHaveLength(1);
  });

  it('is nothing where the definition has changed since', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() }, { idleMs: 10 });
    const tool = await toolOf(pool, 'crm', 'send');
    tools.describe('Another text.');
    // The idle connection goes, and the new one looks first.
    await vi.waitFor(() => expect(tools.running()).toEqual([]), 2_000);
    const answer = await pool.call({ server: 'crm', tool, args: ARGS, idempotency_key: 'k' });
    expect(answer).toMatchObject({ outcome: 'not_called', text: expect.stringContaining('changed just now') });
    expect(tools.calls()).toEqual([]);
  });

  it('is nothing where the server is gone, and a new connection where it is back', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const tool = await toolOf(pool, 'crm', 'send');
    for (const pid of tools.running()) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(tools.running()).toEqual([]), 2_000);
    // The last look before a call goes over a new connection where the old one is dead.
    expect(await offerOf(pool, 'crm')).toHaveProperty('tools');
    expect(await pool.call({ server: 'crm', tool, args: ARGS, idempotency_key: 'k' })).toMatchObject({
      outcome: 'done',
    });
    expect(tools.started()).toHaveLength(2);
  });
});

describe('servers that can’t be asked', () => {
  it('say why', async () => {
    const pool = servers(
      {
        missing: { command: 'no-such-program-anywhere' },
        mute: { ...testTools().entry('mute'), startup_timeout_sec: 0.5 },
        neither: { args: [] },
        off: { ...testTools().entry(), disabled: true },
        odd: { type: 'carrier-pigeon', url: 'http://127.0.0.1:1/' },
        closed: { url: await closedUrl() },
        crashes: { command: process.execPath, args: ['-e', 'process.exit(1)'] },
      },
      { answerMs: 5_000 },
    );
    const offers = await pool.ask(['missing', 'mute', 'neither', 'off', 'odd', 'closed', 'crashes', 'nobody'], 0);
    const problems = Object.fromEntries(
      [...offers].map(([name, offer]) => [name, 'problem' in offer && offer.problem]),
    );
    expect(problems).toEqual({
      missing: expect.stringContaining('its command "no-such-program-anywhere" isn\'t a program'),
      mute: expect.stringMatching(/^it didn't answer within 0\.5 s and is still starting: .* startup_timeout_sec/),
      neither: 'mcpServers.neither has neither a command nor a url',
      off: 'mcpServers.off is disabled',
      odd: expect.stringContaining('"carrier-pigeon" isn\'t known'),
      closed: "it can't be reached (ECONNREFUSED)",
      crashes: 'it ended before it answered',
      nobody: expect.stringMatching(/config\.json has no such entry under mcpServers: it lists missing, mute/),
    });
  });
});

describe('a server that starts slowly', () => {
  it('goes on starting, and is there for whoever asks next', async () => {
    const tools = testTools();
    const { command, args, env } = tools.entry();
    const slow = { command: 'sh', args: ['-c', `sleep 1.5; exec "${String(command)}" "${String(args)}"`], env };
    const pool = servers({ crm: { ...slow, startup_timeout_sec: 0.5 } });
    expect(await problemOf(pool, 'crm')).toContain('is still starting');
    expect('problem' in ((await offerOf(pool, 'crm', 60_000)) ?? {})).toBe(true);
    await vi.waitFor(async () => expect(await offerOf(pool, 'crm', 60_000)).toHaveProperty('tools'), {
      timeout: 15_000,
      interval: 200,
    });
    expect(tools.started()).toHaveLength(1);
  });
});

it('what a server writes on stderr is ours to log, at debug', async () => {
  const tools = testTools();
  const home = aHome();
  writeConfig(home, { mcpServers: { crm: tools.entry('noisy') } });
  const deps = testDeps(home);
  const debug = vi.fn();
  const pool = createToolServers(home, { ...deps, log: { ...deps.log, debug } });
  onTestFinished(() => pool.close());
  await pool.ask(['crm'], 0);
  const line = { server: 'crm', line: 'a line on stderr' };
  expect(debug).toHaveBeenCalledWith(line, 'an MCP server wrote on stderr');
});

describe('the end', () => {
  it.each(['', 'stubborn', 'mute'])('takes every child with it (%s)', async (ways) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry(ways) }, { answerMs: 30_000 });
    const asking = pool.ask(['crm'], 0);
    if (ways === 'mute') await vi.waitFor(() => expect(tools.running()).toHaveLength(1), 5_000);
    else await asking;
    expect(tools.running()).toHaveLength(1);
    const started = performance.now();
    await pool.close();
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(tools.running()).toEqual([]);
    expect(await asking).toBeDefined();
    expect(await offerOf(pool, 'crm')).toEqual({ problem: 'Countersign is ending' });
  });

  it('takes what a wrapper started with it', async () => {
    const tools = testTools();
    const { command, args, env } = tools.entry('stubborn');
    const line = `"${String(command)}" "${String(args)}"; true`;
    const pool = servers({ crm: { command: 'sh', args: ['-c', line], env } });
    await toolOf(pool, 'crm', 'send');
    const [pid = 0] = tools.running();
    expect(isRunning(pid)).toBe(true);
    await pool.close();
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 500);
  });

  it('leaves a call under way unanswered', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const tool = await toolOf(pool, 'crm', 'hang');
    const calling = pool.call({ server: 'crm', tool, args: {}, idempotency_key: 'k' });
    await vi.waitFor(() => expect(tools.calls()).toHaveLength(1), 5_000);
    await pool.close();
    expect(await calling).toEqual({ outcome: 'unanswered', text: 'Countersign ended before it answered' });
    expect(tools.running()).toEqual([]);
  });
});
