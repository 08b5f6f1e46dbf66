import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../support/fixtures.ts';
import { type Connection, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', { contacts: PEOPLE });
});
afterAll(() => server.close());

let made = 0;
async function noter(settings: Record<string, unknown> = {}): Promise<string> {
  made += 1;
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: `${made}: {{ contact.id }}` } }] }];
  const { agent } = await server.call('create_agent', {
    name: `Noter ${made}`,
    capabilities: ['notes'],
    playbook: { rules },
    ...settings,
  });
  return agent.id;
}

async function targets(runId: string): Promise<string[]> {
  const { run } = await server.call('get_run', { run_id: runId, limit: 25 });
  return run.contact_results.map((result: { contact_id: string }) => result.contact_id);
}

describe('the reach of a run', () => {
  it('is said before it starts: whom it targets, whom it cannot reach and why', async () => {
    const own = await startServer();
    await own.call('import_contacts', {
      contacts: [
        { id: 'r1', email: 'r1@example.com' },
        { id: 'r2', email: 'r2@example.com', do_not_email: true },
        { id: 'r3', email: 'r3@example.com', do_not_contact: true },
        { id: 'r4', phone: '1' },
        { id: 'r5', email: 'r5@example.com' },
      ],
    });
    const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 's', message: 'm' } }] }];
    const { agent } = await own.call('create_agent', {
      name: 'Reacher',
      capabilities: ['email', 'notes'],
      playbook: { rules },
      limits: { cooldown_days: 7 },
      monitoring: { max_contacts_per_run: 4 },
    });
    const first = await own.call('trigger_agent', { agent_id: agent.id, contact_ids: ['r5'] });
    await own.call('approve_action', await own.shown({ run_id: first.run_id, contact_id: 'r5', action_index: 0 }));
    const second = await own.call('trigger_agent', { agent_id: agent.id, dry_run: true, wait_seconds: 0 });
    expect(second.reach).toEqual({
      matched: 5,
      targeted: 4,
      suppressed: [
        { type: 'email_message', reason: 'do_not_email', contacts: 1 },
        { type: 'email_message', reason: 'do_not_contact', contacts: 1 },
        { type: 'email_message', reason: 'nowhere to go', contacts: 1 },
      ],
    });
    const third = await own.call('trigger_agent', { agent_id: agent.id, contact_ids: ['r5'], dry_run: true });
    expect(third.reach.suppressed).toEqual([{ type: 'email_message', reason: 'cadence', contacts: 1 }]);
    expect(third.summary).toMatchObject({ actions_blocked: 1, actions_proposed: 0 });
    await own.close();
  });
});

describe('runs', () => {
  it('take the contacts evaluated longest ago first, and a dry run moves nothing', async () => {
    const agent_id = await noter({ monitoring: { filter: { score: { $lt: 5 } }, max_contacts_per_run: 2 } });
    const trigger = async (dry_run = false) =>
      targets((await server.call('trigger_agent', { agent_id, dry_run })).run_id);
    expect(await trigger(true)).toEqual(['r00', 'r01']);
    expect(await trigger()).toEqual(['r00', 'r01']);
    expect(await trigger()).toEqual(['r02', 'r03']);
    expect(await trigger()).toEqual(['r04', 'r00']);
  });

  it('queue behind the run of the same agent and go on with the next contacts', async () => {
    const agent_id = await noter({ monitoring: { max_contacts_per_run: 10 } });
    const runs = await Promise.all([1, 2, 3].map(() => server.call('trigger_agent', { agent_id, wait_seconds: 20 })));
    expect(runs.map((run) => run.status)).toEqual(['completed', 'completed', 'completed']);
    const seen = (await Promise.all(runs.map((run) => targets(run.run_id)))).flat();
    expect(new Set(seen).size).toBe(30);
  });

  it('take named contacts once each, and refuse unknown ones and too many before a run is made', async () => {
    const agent_id = await noter({ monitoring: { max_contacts_per_run: 3 } });
    const run = await server.call('trigger_agent', { agent_id, contact_ids: ['r09', 'r03', 'r09'] });
    expect(await targets(run.run_id)).toEqual(['r09', 'r03']);
    expect(await server.refusal('trigger_agent', { agent_id, contact_ids: ['r01', 'nobody'] })).toMatchObject({
      code: 'NOT_FOUND',
      details: { contact_ids: ['nobody'] },
    });
    expect(
      await server.refusal('trigger_agent', { agent_id, contact_ids: ['r01', 'r02', 'r03', 'r04'] }),
    ).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect((await server.call('list_runs', { agent_id })).total).toBe(1);
  });

  it('are one run for one idempotency key', async () => {
    const agent_id = await noter();
    const args = { agent_id, contact_ids: ['r01'], idempotency_key: 'same' };
    const first = await server.call('trigger_agent', args);
    expect((await server.call('trigger_agent', args)).run_id).toBe(first.run_id);
    expect(await server.refusal('trigger_agent', { ...args, dry_run: true })).toMatchObject({ code: 'CONFLICT' });
  });

  it('end completed when a template fails for some contact, which becomes its error', async () => {
    const rules = [
      {
        name: 'r',
        propose: [
          {
            type: 'note',
            params: { body: '{% if contact.score > 20 %}{% for i in (1..100000000) %}x{% endfor %}{% endif %}ok' },
          },
        ],
      },
    ];
    const { agent } = await server.call('create_agent', {
      name: 'Fails',
      capabilities: ['notes'],
      playbook: { rules },
    });
    const run = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['r01', 'r25'] });
    expect(run).toMatchObject({
      status: 'completed',
      summary: { contacts_evaluated: 2, errors: 1, actions_proposed: 1 },
    });
    const { run: one } = await server.call('get_run', { run_id: run.run_id, contact_id: 'r25' });
    expect(one.contact_results[0].error.message).toContain('body');
  });

  it('tell their progress, page their results, and are cancelled within the call', async () => {
    const other = await startServer();
    await other.call('import_contacts', { contacts: Array.from({ length: 9000 }, (_, i) => ({ id: `p${i}` })) });
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ contact.id }}' } }] }];
    const { agent } = await other.call('create_agent', {
      name: 'Many',
      capabilities: ['notes'],
      playbook: { rules },
      monitoring: { max_contacts_per_run: 9000 },
    });
    const seen: number[] = [];
    const { structuredContent: run } = await other.raw(
      'trigger_agent',
      { agent_id: agent.id, wait_seconds: 30 },
      ({ progress }) => seen.push(progress),
    );
    expect(run.status).toBe('completed');
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const page = await other.call('get_run', { run_id: run.run_id, limit: 25, offset: 8990 });
    expect(page).toMatchObject({ total: 9000, limit: 25, offset: 8990, has_next: false });
    expect(page.run.contact_results).toHaveLength(10);

    const second = await other.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0, dry_run: true });
    const { run: cancelled } = await other.call('cancel_run', { run_id: second.run_id });
    expect(cancelled.status).toBe('cancelled');
    const counted = (await other.call('get_run', { run_id: second.run_id, mode: 'summary' })).run.summary
      .contacts_evaluated;
    expect(counted).toBeLessThan(9000);
    expect(await other.refusal('cancel_run', { run_id: run.run_id })).toMatchObject({
      code: 'CONFLICT',
      details: { status: 'completed' },
    });
    const brief = await other.call('list_pending_actions', { detail: 'brief', limit: 1000 });
    expect(brief).toMatchObject({ truncated: 'size', total: 9000, has_next: true });
    expect(brief.actions.length).toBeGreaterThan(80);
    await other.close();
  });
});
