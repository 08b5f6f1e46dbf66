import { describe, expect, it } from 'vitest';
import { ERAS, startServer } from '../support/server.ts';

const RULES = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call {{ contact.id }}' } }] }];
const PENDING = 'countersign://pending';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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
    await expect.poll(() => [...updates].sort(), { timeout: 5_000 }).toEqual([PENDING, run]);

    updates.length = 0;
    await propose(here, 'b');
    await expect.poll(() => updates, { timeout: 5_000 }).toEqual([PENDING]);

    // What changes neither is no news.
    updates.length = 0;
    await other.call('create_agent', { name: 'B', playbook: { rules: RULES } });
    await pause(1_300);
    expect(updates).toEqual([]);

    await stop();
    await propose(other, 'c');
    await pause(1_300);
    expect(updates).toEqual([]);
    await Promise.all([here.close(), other.close()]);
  }, 20_000);

  it('notify when a contact is erased from a run, and when the run goes', async () => {
    const { here, propose } = await aDesk(era);
    const runId = await propose(here, 'a');
    const run = `countersign://runs/${runId}`;
    const one = `${run}/contacts/a`;
    const { updates } = await here.subscribe(run, one);
    await here.call('delete_contact', { contact_id: 'a' });
    await expect.poll(() => [...new Set(updates)].sort(), { timeout: 5_000 }).toEqual([run, one]);
    updates.length = 0;
    await here.call('delete_agent', { agent_id: 'A' });
    await expect.poll(() => updates, { timeout: 5_000 }).toContain(run);
    await here.close();
  }, 20_000);
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
    await expect.poll(() => second.updates, { timeout: 5_000 }).toEqual([PENDING, PENDING]);
    await first.stop();
    await propose(here, 'b');
    await expect.poll(() => second.updates, { timeout: 5_000 }).toEqual([PENDING, PENDING, PENDING]);
    await here.close();
  }, 20_000);

  it('does not keep the process alive when the client goes', async () => {
    for (const era of ERAS) {
      const server = await startServer({ era });
      await server.subscribe(PENDING);
      const began = Date.now();
      await server.close();
      expect(Date.now() - began).toBeLessThan(2_000);
      expect(() => process.kill(server.pid ?? 0, 0)).toThrow();
    }
  }, 20_000);
});
