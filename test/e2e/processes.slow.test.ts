import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lapse } from '../support/lapse.ts';
import { type Connection, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', { contacts: [{ id: 'p0' }] });
});
afterAll(() => server.close());

let made = 0;

/** A note that waits for a decision. */
async function pendingNote() {
  made += 1;
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: `note ${made}` } }] }];
  const { agent } = await server.call('create_agent', {
    name: `Agent ${made}`,
    capabilities: ['notes'],
    playbook: { rules },
  });
  const run = await server.call('trigger_agent', { agent_id: agent.id });
  return { run_id: run.run_id, contact_id: 'p0', action_index: 0 };
}

describe('several processes on one home', () => {
  it('has one winner among four processes that decide the same', async () => {
    const others = await Promise.all([1, 2, 3].map(() => startServer({ home: server.home })));
    for (let round = 0; round < 12; round++) {
      const at = await pendingNote();
      const outcomes = await Promise.all(
        [server, ...others].map((each) => each.raw('reject_action', { ...at, reason: 'same' })),
      );
      expect(outcomes.filter((outcome) => !outcome.isError)).toHaveLength(1);
    }
    await Promise.all(others.map((other) => other.close()));
  });

  it('executes after a kill what a bulk approval had not yet attempted, each once', async () => {
    const own = await startServer();
    await own.call('import_contacts', {
      contacts: Array.from({ length: 100 }, (_, i) => ({ id: `k${i}`, email: `k${i}@example.com` })),
    });
    const rules = [
      { name: 'all', propose: [{ type: 'email_message', params: { subject: '{{ contact.id }}', message: 'm' } }] },
    ];
    const { agent } = await own.call('create_agent', {
      name: 'Bulk',
      capabilities: ['email'],
      playbook: { rules },
      monitoring: { max_contacts_per_run: 100 },
    });
    const run = await own.call('trigger_agent', { agent_id: agent.id });
    const shown = await own.call('list_pending_actions', { detail: 'brief', limit: 60 });
    const { decided } = await own.call('review_actions', { decision: 'approve', review_token: shown.review_token });
    if (own.pid !== undefined) process.kill(own.pid, 'SIGKILL');
    await lapse(own.home);
    const next = await startServer({ home: own.home });
    const summary = async () => (await next.call('get_run', { run_id: run.run_id, mode: 'summary' })).run.summary;
    await expect
      .poll(async () => {
        const { actions_executed, actions_unknown } = await summary();
        return Number(actions_executed) + Number(actions_unknown);
      })
      .toBe(decided);
    const { actions_approved, actions_unknown } = await summary();
    expect(actions_approved).toBe(decided);
    expect(actions_unknown).toBeLessThanOrEqual(4);
    await next.close();
  });
});
