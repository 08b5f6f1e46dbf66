import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, ERAS, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', {
    contacts: Array.from({ length: 8 }, (_, i) => ({ id: `a${i}`, email: `a${i}@example.com`, firstname: `Ann ${i}` })),
    events: [{ type: 'page', userId: 'a0', name: 'Pricing', timestamp: '2026-01-02T03:04:05Z' }],
  });
});
afterAll(() => server.close());

let made = 0;

/** An agent whose mind is the connected assistant, and a run of it over these contacts. */
async function awaiting(ids: string[], settings: Record<string, unknown> = {}, on = server) {
  made += 1;
  const { agent, warnings } = await on.call('create_agent', {
    name: `Assisted ${made}`,
    capabilities: ['notes', 'email'],
    playbook: { playbook_md: 'Thank everyone who looked at pricing.' },
    ...settings,
  });
  const run = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  return { agent, warnings, run, run_id: run.run_id };
}

const note = (body: string) => ({ type: 'note', params: { body } });

describe.each(ERAS)('an assistant as the mind, %s', (era) => {
  it('evaluates a whole run by tools alone', async () => {
    const on = await startServer({ era });
    await on.call('import_contacts', {
      contacts: [
        { id: 'x', email: 'x@example.com' },
        { id: 'y', email: 'y@example.com' },
      ],
    });
    const { run, run_id } = await awaiting(['x', 'y'], {}, on);
    expect(run).toMatchObject({ status: 'awaiting_evaluation', next: expect.stringContaining('next_evaluation') });
    const first = await on.call('next_evaluation', { run_id });
    expect(first).toMatchObject({ done: false, remaining: 2 });
    expect(first.evaluation).toMatchObject({
      contact_id: 'x',
      playbook_md: 'Thank everyone who looked at pricing.',
      contact: { id: 'x' },
      events: [],
      recent_actions: [],
      unified_profile: { event_count: 0 },
    });
    const second = await on.call('submit_evaluation', {
      run_id,
      evaluation_id: first.evaluation.evaluation_id,
      reasoning: 'Looked at pricing.',
      proposed_actions: [note('Thank them'), { type: 'linkedin_message', params: { message: 'hi' } }],
    });
    expect(second).toMatchObject({
      accepted: 1,
      blocked: [{ type: 'linkedin_message', reason: expect.stringContaining('capability') }],
      remaining: 1,
      evaluation: { contact_id: 'y' },
    });
    const last = await on.call('submit_evaluation', {
      run_id,
      evaluation_id: second.evaluation.evaluation_id,
      reasoning: 'Nothing to do.',
      proposed_actions: [],
    });
    expect(last).toMatchObject({ accepted: 0, remaining: 0, done: true });
    const { run: done } = await on.call('get_run', { run_id });
    expect(done).toMatchObject({
      status: 'completed',
      summary: { contacts_targeted: 2, contacts_evaluated: 2, actions_proposed: 1, actions_blocked: 1 },
      contact_results: [
        { contact_id: 'x', reasoning: 'Looked at pricing.', proposed_actions: [{ source: 'assistant' }] },
        { contact_id: 'y', reasoning: 'Nothing to do.' },
      ],
    });
    await on.close();
  });
});

describe('two assistants on one run', () => {
  it('never get the same contact, and share the rest', async () => {
    const { run_id } = await awaiting(['a0', 'a1', 'a2']);
    const other = await startServer({ home: server.home });
    const handed = await Promise.all(
      [server, other, server, other].map((each) => each.call('next_evaluation', { run_id })),
    );
    const ids = handed.flatMap(({ evaluation }) => (evaluation ? [evaluation.contact_id] : []));
    expect(ids.sort()).toEqual(['a0', 'a1', 'a2']);
    const empty = handed.filter(({ evaluation }) => !evaluation);
    expect(empty).toEqual([{ done: false, remaining: 3, next: expect.stringContaining('in hand') }]);
    for (const { evaluation } of handed) {
      if (!evaluation) continue;
      await other.call('submit_evaluation', {
        run_id,
        evaluation_id: evaluation.evaluation_id,
        reasoning: 'r',
        proposed_actions: [],
      });
    }
    expect((await server.call('get_run', { run_id, mode: 'summary' })).run.status).toBe('completed');
    expect(await server.call('next_evaluation', { run_id })).toMatchObject({ done: true, remaining: 0 });
    await other.close();
  });

  it('takes an answer once, and none that is late or for another run', async () => {
    const { run_id } = await awaiting(['a3', 'a4']);
    const { evaluation } = await server.call('next_evaluation', { run_id });
    const answer = { run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'r', proposed_actions: [note('one')] };
    await server.call('submit_evaluation', answer);
    expect(await server.refusal('submit_evaluation', answer)).toMatchObject({ code: 'CONFLICT' });
    const another = await awaiting(['a5']);
    expect(await server.refusal('submit_evaluation', { ...answer, run_id: another.run_id })).toMatchObject({
      code: 'CONFLICT',
    });
    const inHand = await server.call('next_evaluation', { run_id: another.run_id });
    await server.call('cancel_run', { run_id: another.run_id });
    expect(
      await server.refusal('submit_evaluation', {
        ...answer,
        run_id: another.run_id,
        evaluation_id: inHand.evaluation.evaluation_id,
      }),
    ).toMatchObject({ code: 'CONFLICT', details: { status: 'cancelled' } });
    expect((await server.call('get_run', { run_id })).run.summary.actions_proposed).toBe(1);
  });

  it('lives through the process that handed it out', async () => {
    const first = await startServer();
    await first.call('import_contacts', { contacts: [{ id: 'k', email: 'k@example.com' }] });
    const { run_id } = await awaiting(['k'], {}, first);
    const { evaluation } = await first.call('next_evaluation', { run_id });
    if (first.pid !== undefined) process.kill(first.pid, 'SIGKILL');
    const next = await startServer({ home: first.home });
    expect(await next.call('next_evaluation', { run_id })).toMatchObject({ done: false, remaining: 1 });
    expect(
      await next.call('submit_evaluation', {
        run_id,
        evaluation_id: evaluation.evaluation_id,
        reasoning: 'r',
        proposed_actions: [],
      }),
    ).toMatchObject({ done: true });
    await next.close();
  });
});

describe('a run that awaits evaluation', () => {
  it('keeps the next one of its agent queued until it ends', async () => {
    const { agent, run_id } = await awaiting(['a6']);
    const second = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['a7'], wait_seconds: 0 });
    expect(second.status).toBe('queued');
    expect(await server.refusal('next_evaluation', { run_id: second.run_id })).toMatchObject({ code: 'CONFLICT' });
    await server.call('cancel_run', { run_id });
    const { run } = await server.call('get_run', { run_id: second.run_id, wait_seconds: 5 });
    expect(run.status).toBe('awaiting_evaluation');
  });

  it('is a dry run when asked, which can do nothing', async () => {
    const { agent } = await awaiting(['a1'], { approval: { require_approval: false } });
    const [last] = (await server.call('list_runs', { agent_id: agent.id })).runs;
    await server.call('cancel_run', { run_id: last.id });
    const dry = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['a1'], dry_run: true });
    const { evaluation } = await server.call('next_evaluation', { run_id: dry.run_id });
    const answer = { evaluation_id: evaluation.evaluation_id, reasoning: 'r', proposed_actions: [note('dry')] };
    expect(await server.call('submit_evaluation', { run_id: dry.run_id, ...answer })).toMatchObject({ accepted: 1 });
    expect((await server.call('list_pending_actions', { run_id: dry.run_id })).total).toBe(0);
    expect((await server.call('get_contact', { contact_id: 'a1' })).notes).toEqual([]);
  });

  it('says that its agents’ own approval goes for notes only, until a person allows more', async () => {
    const mind = { name: 'Mind', playbook: { playbook_md: 'Think.' }, capabilities: ['notes', 'email'] };
    const ruled = { ...mind, playbook: { rules: [{ name: 'all', propose: [note('by rule')] }] } };
    const warned = async (args: object, approval: object) =>
      (await server.call('create_agent', { ...args, approval })).warnings.join();
    expect(await warned(mind, { require_approval: false })).toContain('no person has allowed that yet: email_message');
    expect(await warned(mind, { auto_approve: ['note', 'email_message'] })).toContain(
      'no person has allowed that yet: email_message',
    );
    expect(await warned(mind, { auto_approve: ['note'] })).not.toContain('allowed');
    expect(await warned(ruled, { require_approval: false })).toContain('no person has allowed that yet');
  });

  it('refuses what is evaluated by rules', async () => {
    const rules = [{ name: 'all', propose: [note('by rule')] }];
    const { run_id } = await awaiting(['a2'], { playbook: { rules } });
    expect(await server.refusal('next_evaluation', { run_id })).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
