import fs from 'node:fs';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { createWatcher } from '../../src/mcp/subscriptions/watcher.ts';
import { createHouse } from '../../src/process/house.ts';
import { createServer } from '../../src/server.ts';
import { aContact, anAgent, anIdentity, testDeps } from '../support/fixtures.ts';
import { created, said } from '../support/port.ts';
import { temporaryHome } from '../support/server.ts';
import { aStore } from '../support/store.ts';

const MANY = 3_000;
const deps = testDeps();
const home = temporaryHome();
const store = aStore(home, deps, { saveAfterMs: 1_000_000 });
const client = new Client({ name: 'test', version: '1' });

/** Those of a kind that are made before the one that is meant. */
const many = (prefix: string) => Array.from({ length: MANY }, (_, index) => `${prefix}_0${100_000 + index}`);

beforeAll(async () => {
  const agents = many('ag').map((id): Event => ({ type: 'agent_saved', agent: anAgent({ id, name: `Agent ${id}` }) }));
  const contacts = [...many('ct'), 'vera-jansen'].map((id) => aContact({ id, email: `${id}@example.com` }));
  const events: Event[] = [
    ...[...agents, { type: 'agent_saved' as const, agent: anAgent({ id: 'ag_last', name: 'Trial ending' }) }],
    ...[...many('run'), 'run_last'].map((id) => created(id)),
    ...[...many('th'), 'th_last'].map((id) => said(id, 'hello')),
    ...many('id').map((id): Event => ({ type: 'identity_saved', identity: anIdentity({ id }) })),
    ...[{ type: 'identity_saved' as const, identity: anIdentity({ id: 'id_last' }) }],
    { type: 'contacts_saved', contacts },
  ];
  await store.commit('test', () => ({ events, value: undefined }));
  const house = createHouse(store, deps);
  const server = createServer({ house, person: { user: 'tester' }, offers: () => true, watcher: createWatcher(house) });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(ours), client.connect(theirs)]);
});
afterAll(async () => {
  await client.close();
  fs.rmSync(home, { recursive: true, force: true });
});

describe('a name that is nearly right', () => {
  it.each([
    ['get_agent', { agent_id: 'Trail ending' }, 'Trial ending'],
    ['get_agent', { agent_id: 'ag_lasst' }, 'ag_last'],
    ['get_run', { run_id: 'run_lsat' }, 'run_last'],
    ['get_contact', { contact_id: 'vera-janssen' }, 'vera-jansen'],
    ['get_thread', { thread_id: 'th_lst' }, 'th_last'],
    ['save_identity', { identity_id: 'id_lats', name: 'Maya', email: 'maya@example.com' }, 'id_last'],
  ])('draws from %s the closest of all, behind thousands: %j', async (name, args, closest) => {
    const { isError, content } = await client.callTool({ name, arguments: args });
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain(`The closest match is \\\\\\"${closest}\\\\\\".`);
  });
});
