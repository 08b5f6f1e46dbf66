import { describe, expect, it } from 'vitest';
import { aRun, DAY, Desk, EMAIL, NOTE } from '../support/desk.ts';

/** An email that reads otherwise at each evaluation, so that it is no repeat. */
const NEWS = { type: 'email_message', params: { subject: 'News of {{ now }}', message: 'Hi' } };

async function actionOf(desk: Desk, run_id: string) {
  const { run } = await desk.call('get_run', { run_id });
  return run.contact_results[0].proposed_actions[0];
}

async function blockedIn(desk: Desk, run_id: string): Promise<string[]> {
  const { run } = await desk.call('get_run', { run_id });
  return run.contact_results[0].blocked_actions.map(({ reason }: { reason: string }) => reason);
}

describe('a message beside one of the same agent that waits already', () => {
  it('is blocked, and the reason names the one that waits', async () => {
    const desk = new Desk();
    await desk.contact();
    const agent_id = await desk.agent({}, [NEWS]);
    const first = await desk.run(agent_id);
    const second = await desk.run(agent_id);
    expect(await blockedIn(desk, second)).toEqual([
      `email_message 0 of run ${first} is pending_approval for this contact already: decide on that one first`,
    ]);
    expect(await actionOf(desk, first)).toMatchObject({ status: 'pending_approval' });
  });

  it.each<[string, (desk: Desk) => unknown]>([
    ['something moved since that one was proposed', (desk) => desk.heard('Replied')],
    [
      'that one is older than seven days',
      (desk) => {
        desk.clock += 8 * DAY;
      },
    ],
  ])('takes its place where %s', async (_, change) => {
    const desk = new Desk();
    await desk.contact();
    const agent_id = await desk.agent({ approval: { expires_after_hours: 1_000 } }, [NEWS]);
    const first = await desk.run(agent_id);
    await change(desk);
    const second = await desk.run(agent_id);
    expect(await blockedIn(desk, second)).toEqual([]);
    expect(await actionOf(desk, first)).toMatchObject({
      status: 'cancelled',
      superseded_by: { run_id: second, action_index: 0 },
    });
    expect((await desk.rows()).map(({ run_id }) => run_id)).toEqual([second]);
    expect((await desk.on.house.store.audit()).faults).toEqual([]);
  });

  it('is blocked for another contact with the same address too, and takes its place like any other', async () => {
    const desk = new Desk();
    await desk.contact();
    const agent_id = await desk.agent({ approval: { expires_after_hours: 1_000 } }, [NEWS]);
    const first = await desk.run(agent_id);
    await desk.contact({ id: 'ann-2', email: 'Ann@Example.com' });
    const second = await desk.run(agent_id, ['ann-2']);
    expect(await blockedIn(desk, second)).toEqual([
      `email_message 0 of run ${first} is pending_approval for "ann", which has the same address, already: decide on that one first`,
    ]);
    await desk.heard('Replied');
    const third = await desk.run(agent_id, ['ann-2']);
    expect(await blockedIn(desk, third)).toEqual([]);
    expect(await actionOf(desk, first)).toMatchObject({ status: 'cancelled', superseded_by: { run_id: third } });
    expect((await desk.rows()).map(({ run_id }) => run_id)).toEqual([third]);
    expect((await desk.on.house.store.audit()).faults).toEqual([]);
  });

  it('takes its place alone: what else waits of that run, of other agents and of other contacts stays', async () => {
    const desk = new Desk();
    await desk.contact({ linkedin_url: 'https://www.linkedin.com/in/ann' });
    await desk.contact({ id: 'bob', email: 'bob@example.com' });
    const linked = { type: 'linkedin_message', params: { message: 'Hi' } };
    const rules = [
      { name: 'first', when: { recent_actions: [{ at_most: 0 }] }, propose: [NEWS, NOTE, linked] },
      { name: 'then', propose: [NEWS] },
    ];
    const agent_id = await desk.agent({ capabilities: ['email', 'linkedin', 'notes'], playbook: { rules } });
    const first = await desk.run(agent_id, ['ann', 'bob']);
    const other = await desk.run(await desk.agent({}, [{ ...NEWS, params: { ...NEWS.params, message: 'Ho' } }]));
    await desk.heard('Replied');
    const second = await desk.run(agent_id);
    const rows = await desk.call('list_pending_actions', { limit: 100 });
    const waits = rows.actions.map((row: Record<string, unknown>) => [row.run_id, row.contact_id, row.type]);
    expect(waits).toEqual([
      [first, 'ann', 'note'],
      [first, 'ann', 'linkedin_message'],
      [first, 'bob', 'email_message'],
      [first, 'bob', 'note'],
      [other, 'ann', 'email_message'],
      [second, 'ann', 'email_message'],
    ]);
    const { run } = await desk.call('get_run', { run_id: first });
    expect(run.summary).toMatchObject({ actions_proposed: 5, actions_cancelled: 1, actions_pending_approval: 4 });
  });

  it('leaves it alone in a dry run', async () => {
    const desk = new Desk();
    await desk.contact();
    const agent_id = await desk.agent({}, [NEWS]);
    const first = await desk.run(agent_id);
    await desk.heard('Replied');
    const dry = await desk.call('trigger_agent', { agent_id, dry_run: true, wait_seconds: 30 });
    expect(await actionOf(desk, dry.run_id)).toMatchObject({ status: 'dry_run' });
    expect(await actionOf(desk, first)).toMatchObject({ status: 'pending_approval' });
  });

  it('is its own where it goes another way, comes from another agent, or is none', async () => {
    const desk = new Desk();
    await desk.contact({ linkedin_url: 'https://www.linkedin.com/in/ann' });
    const linked = { type: 'linkedin_message', params: { message: 'Hi of {{ now }}' } };
    const rules = [
      { name: 'first', when: { recent_actions: [{ at_most: 0 }] }, propose: [NEWS] },
      { name: 'then', propose: [linked, { type: 'note', params: { body: 'at {{ now }}' } }] },
    ];
    const agent_id = await desk.agent({ capabilities: ['email', 'linkedin', 'notes'], playbook: { rules } });
    await desk.run(agent_id);
    expect(await blockedIn(desk, await desk.run(agent_id))).toEqual([]);
    expect(await blockedIn(desk, await desk.run(await desk.agent({}, [NEWS])))).toEqual([]);
  });
});

describe('the time to decide', () => {
  it('is a week for what leaves the machine, and has no end for what stays', async () => {
    const desk = new Desk();
    await desk.contact();
    const hook = { type: 'webhook', params: { payload: { at: '{{ now }}' } } };
    const connections = { webhook_url: 'https://hooks.example.com/x' };
    const leaving = { capabilities: ['webhook', 'notes'], connections };
    const run_id = await desk.run(await desk.agent(leaving, [hook, NOTE]));
    const [post, note] = await desk.rows(run_id);
    expect(post).toMatchObject({ type: 'webhook', expires_at: expect.any(String) });
    expect(note).not.toHaveProperty('expires_at');
    const { proposed_at, expires_at } = { proposed_at: '', expires_at: '', ...post };
    expect(Date.parse(expires_at) - Date.parse(proposed_at)).toBe(7 * DAY);
    const half = await desk.run(await desk.agent({ ...leaving, approval: { expires_after_hours: 0.5 } }, [hook]));
    const soon = { proposed_at: '', expires_at: '', ...(await desk.rows(half))[0] };
    expect(Date.parse(soon.expires_at) - Date.parse(soon.proposed_at)).toBe(1_800_000);
  });
});

describe('at the attempt', () => {
  it("a policy's yes to what the evaluation saw goes to a person where the contact answered meanwhile", async () => {
    const desk = new Desk();
    await desk.contact();
    const { agent } = await desk.call('create_agent', {
      name: 'Assisted',
      capabilities: ['notes'],
      playbook: { playbook_md: 'Think.' },
      approval: { auto_approve: ['note'] },
    });
    const run_id = await desk.run(agent.id);
    const { evaluation } = await desk.call('next_evaluation', { run_id });
    await desk.heard('Replied');
    const proposed_actions = [{ type: 'note', params: { body: 'never answered' } }];
    const { evaluation_id } = evaluation;
    await desk.call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
    await expect
      .poll(() => desk.rows(run_id))
      .toMatchObject([
        { status: 'pending_approval', reason: 'Back to review: after the decision, the contact replied: "Replied".' },
      ]);
    expect((await desk.call('get_contact', { contact_id: 'ann' })).notes).toEqual([]);
    expect(await desk.moved(run_id)).toEqual(['replied']);
  });

  it('what an edition before this proposed says that nothing is known of since, and is decided on as shown', async () => {
    const { desk, run_id } = await aRun({}, [EMAIL]);
    const { agent_id, digest } = await desk.on.house.read((view) => {
      const action = view.results(run_id).results.get('ann')?.proposed_actions[0];
      return { agent_id: view.run(run_id)?.agent_id ?? '', digest: action?.digest ?? '' };
    });
    const old = await desk.on.house.commit('before', (view, { at, newId }) => {
      const run = view.run(run_id);
      if (!run) throw new Error('no run');
      const id = newId('run');
      const action = { action_index: 0, ...{ type: 'note', params: { body: 'Old' }, digest }, proposed_at: at };
      const result = { contact_id: 'ann', reasoning: '', blocked_actions: [] };
      return {
        events: [
          { type: 'run_created', run: { ...run, id } },
          {
            ...{ type: 'results_recorded', run_id: id, agent_id, dry_run: false, at },
            results: [{ ...result, proposed_actions: [{ ...action, status: 'pending_approval' }] }],
          },
        ],
        value: id,
      };
    });
    const row = await desk.row(old);
    expect(row.changed_since).toEqual([{ what: 'proposed before freshness was kept' }]);
    expect((await desk.approve(old, row.digest)).action.status).toBe('executed');
  });
});
