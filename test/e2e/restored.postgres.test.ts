import type http from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import { actionOf, approveAll, HOOK, proposing, type Ref, waiting } from '../support/approved-scene.ts';
import { freshFolder } from '../support/folders.ts';
import { accept } from '../support/person.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { command } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { openSink, type Sink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

const RESTORED = 'restored from an older state';
/** What the receiver had got of everything by the time at which the database was lost: each action once. */
const SENT = 6;

const PATIENT = { timeout: 60_000, interval: 20 };

let postgres: PostgresServer;
let sink: Sink;
let env: Record<string, string>;
/** The folder of the process that did it all. */
let home: string;
/** Brings the database back as it was while four actions were under way, `late` was approved and `open` waited. */
let restore: () => Promise<void>;
let late: Ref;
let open: Ref;

beforeAll(async () => {
  postgres = await startPostgres(freshFolder('postgres'));
  const held: http.ServerResponse[] = [];
  let isHolding = true;
  sink = await openSink((_request, response) => void (isHolding ? held.push(response) : response.end('ok')));
  const url = `${postgres.url()}?schema=countersign`;
  await migrateSchema(url);
  env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host, COUNTERSIGN_DATABASE_URL: url };
  home = temporaryHome();
  const server = await startServer({ home, env });
  await server.call('import_contacts', { contacts: [0, 1, 2, 3].map((n) => ({ id: `held${n}` })) });
  const { agent } = await server.call('create_agent', {
    name: 'Held',
    capabilities: ['webhook'],
    connections: { webhook_url: sink.url() },
    ...proposing(HOOK),
  });
  await server.call('trigger_agent', { agent_id: agent.id });
  await approveAll(server);
  await vi.waitFor(() => expect(sink.requests).toHaveLength(4), PATIENT);
  late = (await waiting(server, sink, 'late', proposing(HOOK))).ref;
  open = (await waiting(server, sink, 'open', proposing(HOOK))).ref;
  const { review_token } = await server.call('list_pending_actions', { run_id: late.run_id });
  await server.call('review_actions', { decision: 'approve', review_token });
  expect((await actionOf(server, late)).status).toBe('approved');
  restore = await postgres.backUp();
  isHolding = false;
  for (const response of held) response.end('ok');
  await vi.waitFor(async () => expect((await actionOf(server, late)).status).toBe('executed'), PATIENT);
  const { action } = await server.call('approve_action', await server.shown(open));
  expect(action.status).toBe('executed');
  expect(sink.requests).toHaveLength(SENT);
  await server.close();
});
afterAll(async () => {
  await postgres.remove();
  await sink.close();
});

async function aServer(folder: string) {
  const server = await startServer({ home: folder, env, onForm: () => accept({ decision: 'approve' }) });
  onTestFinished(() => server.close());
  return server;
}

/** That everything is in the hands of a person, and nothing went out again. */
async function expectHandedOver(server: Awaited<ReturnType<typeof aServer>>) {
  const { actions, notice } = await server.call('list_pending_actions', { limit: 100 });
  expect(actions).toHaveLength(6);
  for (const row of actions) expect(row.reason).toBe(RESTORED);
  const statuses = actions.map(({ status }: { status: string }) => status).sort();
  expect(statuses).toEqual([...Array(2).fill('pending_approval'), ...Array(4).fill('unknown')]);
  expect(notice).toContain(`put on by countersign: "${RESTORED}"`);
  const { stdout } = command(server.home, ['doctor'], env);
  expect(stdout).toContain(`6 open actions say "${RESTORED}", 4 of them with an unknown outcome`);
  expect(sink.requests).toHaveLength(SENT);
}

describe('a database that comes back as it was before actions were executed', () => {
  it('is noticed by what the folder remembers: nothing goes out again until a person says so, row by row', async () => {
    await restore();
    expect(command(home, ['doctor'], env).stdout).toContain('warning: the database was restored from an older state');
    const server = await aServer(home);
    await expectHandedOver(server);
    const { action } = await server.call('approve_action', await server.shown(late));
    expect(action).toMatchObject({ status: 'approved', decided_via: 'client' });
    await server.call('reject_action', await server.shown(open));
    await server.call('set_brake', { on: false });
    await expect.poll(async () => (await actionOf(server, late)).status).toBe('executed');
    expect(sink.requests.slice(SENT).map(({ path }) => path)).toEqual(['/late']);
    expect(command(home, ['audit'], env)).toMatchObject({ status: 0 });
    // What was handed over is known: the next process goes on.
    sink.requests.splice(SENT);
    const next = await aServer(home);
    expect((await next.call('list_pending_actions')).notice ?? '').not.toContain('brake');
  });

  it('is said by hand where no folder remembers it', async () => {
    await restore();
    const folder = temporaryHome();
    const said = command(folder, ['doctor', '--restored'], env);
    expect([said.status, said.stderr]).toEqual([0, '']);
    expect(said.stdout).toContain(
      `6 open actions say "${RESTORED}", 4 of them with an unknown outcome. A person decides`,
    );
    await expectHandedOver(await aServer(folder));
  });
});
