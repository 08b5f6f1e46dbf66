import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leasesIn } from '../support/lapse.ts';
import { type RawServer, startRaw } from '../support/raw-server.ts';
import { startServer } from '../support/server.ts';
import { openSink, type Sink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';
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

let sink: Sink;
/** Answers the receiver's last request. */
let answer: () => void = () => undefined;

beforeAll(async () => {
  // The receiver has what was sent, and says so when a test wants it.
  sink = await openSink((_request, response) => {
    answer = () => void response.end('ok');
  });
});
afterAll(() => sink.close());

/** A home in which a webhook waits for a decision. */
async function waitingHome() {
  const server = await startServer({ env: { COUNTERSIGN_ALLOW_HOSTS: sink.host } });
  await server.call('import_contacts', { contacts: [{ id: 'a' }] });
  const rules = [{ name: 'all', propose: [{ type: 'webhook', params: { payload: { n: 1 } } }] }];
  const { agent } = await server.call('create_agent', {
    name: 'Poster',
    capabilities: ['webhook'],
    playbook: { rules },
    connections: { webhook_url: sink.url() },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  const at = await server.shown({ run_id, contact_id: 'a', action_index: 0 });
  await server.close();
  return { home: server.home, run_id, at };
}

/** A server in the middle of the attempt at that webhook, and the action's status as the home has it afterwards. */
async function attempting(env: Record<string, string> = {}) {
  const { home, run_id, at } = await waitingHome();
  const received = sink.requests.length;
  const server = await startRaw({ ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host, ...env }, home);
  server.ask(1, 'approve_action', at);
  await expect.poll(() => sink.requests.length).toBe(received + 1);
  return { server, status: () => statusIn(home, run_id) };
}

async function statusIn(home: string, runId: string): Promise<string | undefined> {
  const store = quietStore(home);
  const results = await store.read((view) => view.results(runId).results);
  await store.close();
  return results.get('a')?.proposed_actions[0]?.status;
}

describe('a process that has to go', () => {
  it.each(Object.entries(WAYS))('when %s: said once, and nothing half done', async (_when, way) => {
    const { server, status } = await attempting(way.env);
    const received = sink.requests.length;
    way.leave(server);
    answer();
    expect(await server.exit()).toBe(way.code);
    const said = server
      .errors()
      .split('\n')
      .filter((line) => line !== '');
    expect(said.map((line) => JSON.parse(line).msg)).toEqual(way.said === undefined ? [] : [way.said]);
    for (const line of server.output().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
    expect(await status()).toBe('executed');
    expect(sink.requests.length).toBe(received);
    expect(await leasesIn(server.home)).toEqual([]);
  });

  it('does not wait for a receiver that keeps silent', async () => {
    const { server, status } = await attempting();
    server.child.stdin.end();
    expect(await server.exit()).toBe(0);
    // It went before the time for an answer was over: after that, what came of the attempt would be there as unknown.
    expect(await status()).toBe('executing');
  });

  it('goes on without anyone who reads its log', async () => {
    const server = await startRaw({ ...TRUSTING, COUNTERSIGN_LOG: 'trace' });
    server.child.stderr.destroy();
    for (let id = 1; id <= 20; id++) server.ask(id, 'import_contacts', { contacts: [{ id: `c${id}`, email: 'no' }] });
    expect(await server.answer(20)).toHaveProperty('result');
    server.child.stdin.end();
    expect(await server.exit()).toBe(0);
  });
});

describe('a client that asks for too much', () => {
  it('gets all answers to 10,000 calls at once, and then the next', async () => {
    const server = await startRaw();
    for (let id = 1; id <= 10_000; id++) server.ask(id, 'list_agents', { limit: 1 });
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => server.answer(index + 1)));
    for (const { result } of answers) expect(result).toMatchObject({ structuredContent: { total: 0 } });
    server.ask(10_001, 'list_agents');
    expect(await server.answer(10_001)).toHaveProperty('result');
    server.child.stdin.end();
    expect(await server.exit()).toBe(0);
    // Were each answer to wait for the reader by itself, Node would warn here of the many that do.
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
    expect(await server.exit()).toBe(0);
  });
});
