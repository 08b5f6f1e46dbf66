import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aHome } from '../support/fixtures.ts';
import { type RawServer, startRaw } from '../support/raw-server.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { openSink, type Sink } from '../support/sink.ts';
import { quietStore } from '../support/verified.ts';

const TROUBLE = { NODE_OPTIONS: `--import=${new URL('../support/troublemaker.mjs', import.meta.url).href}` };
type Way = { env?: Record<string, string>; leave: (server: RawServer) => void; code: number; said?: string };
const WAYS: Record<string, Way> = {
  'its stdin ends': { leave: ({ child }) => child.stdin.end(), code: 0 },
  'its client is gone altogether': {
    leave: ({ child }) => [child.stdin, child.stdout, child.stderr].forEach((stream) => void stream.destroy()),
    code: 0,
  },
  'nobody reads its stdout any more': {
    leave(server) {
      server.child.stdout.destroy();
      server.ask(100, 'list_agents');
    },
    code: 0,
  },
  SIGINT: { leave: ({ child }) => child.kill('SIGINT'), code: 0 },
  SIGTERM: { leave: ({ child }) => child.kill('SIGTERM'), code: 0 },
  SIGHUP: { leave: ({ child }) => child.kill('SIGHUP'), code: 0 },
  'an error that nobody catches': {
    env: TROUBLE,
    leave: ({ child }) => child.kill('SIGUSR2'),
    code: 1,
    said: 'an uncaught error',
  },
  'a rejection that nobody catches': {
    env: { ...TROUBLE, TROUBLE: 'rejection' },
    leave: ({ child }) => child.kill('SIGUSR2'),
    code: 1,
    said: 'an unhandled rejection',
  },
};

const made = temporaryHome();
let sink: Sink;
let at: { run_id: string; contact_id: string; action_index: number };

/** A home in which a webhook waits for a decision. */
beforeAll(async () => {
  // The receiver has what was sent, and takes its time to say so.
  sink = await openSink((_request, response) => setTimeout(() => response.end('ok'), 400));
  const server = await startServer({ home: made, env: { COUNTERSIGN_ALLOW_HOSTS: sink.host } });
  await server.call('import_contacts', { contacts: [{ id: 'a' }] });
  const rules = [{ name: 'all', propose: [{ type: 'webhook', params: { payload: { n: 1 } } }] }];
  const { agent } = await server.call('create_agent', {
    name: 'Poster',
    capabilities: ['webhook'],
    playbook: { rules },
    connections: { webhook_url: sink.url() },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  await server.close();
  at = { run_id, contact_id: 'a', action_index: 0 };
});
afterAll(async () => {
  await sink.close();
  fs.rmSync(made, { recursive: true });
});

async function statusIn(home: string): Promise<string | undefined> {
  const results = await quietStore(home).read((view) => view.run(at.run_id).results);
  return results.get('a')?.proposed_actions[0]?.status;
}

describe('a process that has to go', () => {
  it.each(Object.entries(WAYS))('when %s: within 2 s, said once, and nothing half done', async (_when, way) => {
    const home = aHome();
    fs.cpSync(made, home, { recursive: true });
    const received = sink.requests.length;
    const server = await startRaw({ COUNTERSIGN_ALLOW_HOSTS: sink.host, ...way.env }, home);
    server.ask(1, 'approve_action', at);
    await expect.poll(() => sink.requests.length, { timeout: 10_000 }).toBe(received + 1);
    way.leave(server);
    const { code, ms } = await server.exit();
    expect(code).toBe(way.code);
    expect(ms).toBeLessThan(2_000);
    const said = server
      .errors()
      .split('\n')
      .filter((line) => line !== '');
    expect(said.map((line) => JSON.parse(line).msg)).toEqual(way.said === undefined ? [] : [way.said]);
    for (const line of server.output().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
    expect(await statusIn(home)).toBe('executed');
    expect(sink.requests.length).toBe(received + 1);
    expect(fs.readdirSync(`${home}/state/leases`)).toEqual([]);
  });

  it('goes on without anyone who reads its log', async () => {
    const server = await startRaw({ COUNTERSIGN_LOG: 'trace' });
    server.child.stderr.destroy();
    for (let id = 1; id <= 20; id++) server.ask(id, 'import_contacts', { contacts: [{ id: `c${id}`, email: 'no' }] });
    expect(await server.answer(20)).toHaveProperty('result');
    server.child.stdin.end();
    expect(await server.exit()).toMatchObject({ code: 0 });
  });
});

describe('a client that asks for too much', () => {
  it('gets all answers to 10,000 calls at once, and the next within 1 s', { timeout: 90_000 }, async () => {
    const server = await startRaw();
    for (let id = 1; id <= 10_000; id++) server.ask(id, 'list_agents', { limit: 1 });
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => server.answer(index + 1)));
    for (const { result } of answers) expect(result).toMatchObject({ structuredContent: { total: 0 } });
    // What else the machine does must not count, so one of a few calls is enough.
    const took: number[] = [];
    for (let id = 10_001; id <= 10_005; id++) {
      const began = performance.now();
      server.ask(id, 'list_agents');
      await server.answer(id);
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(1_000);
    server.child.stdin.end();
    expect(await server.exit()).toMatchObject({ code: 0 });
    expect(server.errors()).toBe('');
  });

  it('is told when a line of 50 MB is dropped, and served on', async () => {
    const server = await startRaw();
    const csv = 'x'.repeat(50 << 20);
    server.ask(1, 'import_contacts', { csv });
    expect(await server.answer(null)).toMatchObject({ error: { code: -32600 } });
    server.ask(2, 'list_contacts');
    expect(await server.answer(2)).toMatchObject({ result: { structuredContent: { total: 0 } } });
    server.child.stdin.end();
    expect(await server.exit()).toMatchObject({ code: 0 });
  });
});
