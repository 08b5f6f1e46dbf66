import { spawn } from 'node:child_process';
import { Client } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { describe, expect, it } from 'vitest';
import { BUNDLE, baseEnv, ERAS, startServer, temporaryHome } from '../support/server.ts';

const RULES = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call {{ contact.id }}' } }] }];
const PENDING = 'countersign://pending';

async function aDesk(era: (typeof ERAS)[number]) {
  const here = await startServer({ era });
  await here.call('import_contacts', { contacts: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
  const { agent } = await here.call('create_agent', { name: 'A', capabilities: ['notes'], playbook: { rules: RULES } });
  const propose = async (by: typeof here, contactId: string): Promise<string> =>
    (await by.call('trigger_agent', { agent_id: agent.id, contact_ids: [contactId] })).run_id;
  return { here, propose };
}

describe.each(ERAS)('subscriptions with %s', (era) => {
  it('notify of what this process and others do to a run and to what waits, until they end', async () => {
    const { here, propose } = await aDesk(era);
    expect(here.capabilities().resources).toMatchObject({ subscribe: true });
    const runId = await propose(here, 'a');
    const run = `countersign://runs/${runId}`;
    const other = await startServer({ home: here.home });
    const { updates, stop } = await here.subscribe(run, PENDING);
    await other.call('reject_action', { run_id: runId, contact_id: 'a', action_index: 0, reason: 'no' });
    await expect.poll(() => [...updates].sort()).toEqual([PENDING, run]);

    updates.length = 0;
    await propose(here, 'b');
    await expect.poll(() => updates).toEqual([PENDING]);

    // What changes neither is no news: it was looked at by the time the next change of the run is told, in the same look or
    // an earlier one. Nothing waits any more of a contact whose action was rejected.
    updates.length = 0;
    await other.call('create_agent', { name: 'B', playbook: { rules: RULES } });
    await other.call('delete_contact', { contact_id: 'a' });
    await expect.poll(() => updates).toContain(run);
    expect(updates).not.toContain(PENDING);

    // Nor is what was followed until now, once that has ended.
    await stop();
    const last = `countersign://runs/${await propose(other, 'c')}`;
    const following = await here.subscribe(last);
    await other.call('delete_contact', { contact_id: 'c' });
    await expect.poll(() => following.updates).toContain(last);
    expect(new Set([...updates, ...following.updates])).toEqual(new Set([run, last]));
    await Promise.all([here.close(), other.close()]);
  });

  it('notify when a contact is erased from a run, and when the run goes', async () => {
    const { here, propose } = await aDesk(era);
    const runId = await propose(here, 'a');
    const run = `countersign://runs/${runId}`;
    const one = `${run}/contacts/a`;
    const { updates } = await here.subscribe(run, one);
    await here.call('delete_contact', { contact_id: 'a' });
    await expect.poll(() => [...new Set(updates)].sort()).toEqual([run, one]);
    updates.length = 0;
    await here.call('delete_agent', { agent_id: 'A' });
    await expect.poll(() => updates).toContain(run);
    await here.close();
  });
});

describe('a subscription', () => {
  it('to what can’t be followed is refused, saying what can', async () => {
    const server = await startServer({ era: 'sdk-1' });
    await expect(server.subscribe('countersign://agents/ag_x')).rejects.toThrow(/countersign:\/\/pending/);
    await expect(server.subscribe('countersign://runs/run_x')).rejects.toThrow(/NOT_FOUND.*list_runs/);
    await expect(server.subscribe('countersign://runs/%E0%A4%A')).rejects.toThrow();
    await expect(server.subscribe('nonsense')).rejects.toThrow();
    await server.close();
    const chat = await startServer({ env: { COUNTERSIGN_TOOLSETS: 'contacts' } });
    expect(chat.capabilities().resources).toMatchObject({ subscribe: false });
    await chat.close();
  });

  it('of two listen requests gives each its own, and one goes on when the other ends', async () => {
    const { here, propose } = await aDesk('sdk-2-modern');
    const first = await here.subscribe(PENDING);
    const second = await here.subscribe(PENDING);
    await propose(here, 'a');
    // One client, one handler: it hears of the change once for each of its requests.
    await expect.poll(() => second.updates).toEqual([PENDING, PENDING]);
    await first.stop();
    await propose(here, 'b');
    await expect.poll(() => second.updates).toEqual([PENDING, PENDING, PENDING]);
    await here.close();
  });

  it.each(['legacy', 'modern'] as const)('does not keep the process alive when the client goes, %s', async (era) => {
    const child = spawn(process.execPath, [BUNDLE], { env: baseEnv(temporaryHome()) });
    const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    // Lines on two streams, whichever end: the SDK's transport for clients would end the process by a signal after 2 s.
    const transport = new StdioServerTransport(child.stdout, child.stdin);
    const mode = era === 'modern' ? { pin: '2026-07-28' } : ('legacy' as const);
    const client = new Client({ name: 'goes', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(transport);
    if (era === 'modern') await client.listen({ resourceSubscriptions: [PENDING] });
    else await client.subscribeResource({ uri: PENDING });
    child.stdin.end();
    expect(await exited).toEqual({ code: 0, signal: null });
  });
});
