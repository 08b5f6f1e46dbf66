import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { findAgent } from '../../src/engine/base/lookup.ts';
import { sceneOf } from '../../src/engine/base/scene.ts';
import { type GatedRun, passGate } from '../../src/engine/gate/gate.ts';
import { inProcess } from '../support/in-process.ts';

/** A run of an assistant's agent over two contacts, with the first one's answer given: two notes. */
async function proposed(agent: Record<string, unknown> = {}) {
  const on = inProcess();
  const { call } = on;
  await call('import_contacts', { contacts: [{ id: 'ann' }, { id: 'bob' }] });
  await call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes', 'webhook'],
    playbook: { playbook_md: 'Note something.' },
    ...agent,
  });
  const { run_id } = await call('trigger_agent', { agent_id: 'Thinker' });
  const { evaluation } = await call('next_evaluation', { run_id });
  const contact_id: string = evaluation.contact_id;
  const notes = ['Ring tomorrow.', 'Send the price list.'].map((body) => ({ type: 'note', params: { body } }));
  const answered = await call('submit_evaluation', {
    ...{ run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'They asked.', proposed_actions: notes },
  });
  const ref = { run_id, contact_id, action_index: 0 };
  const results = async () => (await call('get_run', { run_id, contact_id })).run.contact_results[0];
  const answer = (given: { evaluation_id: string }, body: string, type = 'note') =>
    call('submit_evaluation', {
      ...{ run_id, evaluation_id: given.evaluation_id, reasoning: 'As they said.' },
      proposed_actions: [{ type, params: type === 'note' ? { body } : { payload: { body } } }],
    });
  const refusal = async (name: string, args: Record<string, unknown>) => {
    const error: unknown = await call(name, args).catch((thrown: unknown) => thrown);
    if (!(error instanceof AppError)) throw new Error(`${name} was not refused`);
    return { code: error.code, message: error.message, details: error.details };
  };
  return { on, call, run_id, contact_id, other: answered.evaluation, ref, results, answer, refusal };
}

describe('an action that a person sends back to the assistant', () => {
  it('is cancelled with the feedback, and comes to the assistant again with both texts', async () => {
    const { call, ref, run_id, contact_id } = await proposed();
    const { action, next } = await call('revise_action', { ...ref, feedback: 'Say which day.' });
    expect(action).toMatchObject({ status: 'cancelled', reason: 'Say which day.', decided_via: 'client' });
    expect(action).not.toHaveProperty('superseded_by');
    expect(next).toContain('next_evaluation');
    const { evaluation } = await call('next_evaluation', { run_id });
    expect(evaluation).toMatchObject({
      contact_id,
      revision: {
        ...{ action_index: 0, feedback: 'Say which day.' },
        draft: { type: 'note', params: { body: 'Ring tomorrow.' } },
      },
    });
    expect(evaluation.untrusted).toContain('revision.draft');
    expect(evaluation.instructions).toContain('revision.feedback');
  });

  it('gets a new draft with an index of its own, which waits; both drafts and both reasonings are kept', async () => {
    const { call, ref, run_id, results, answer } = await proposed();
    await call('revise_action', { ...ref, feedback: 'Say which day.' });
    const { evaluation } = await call('next_evaluation', { run_id });
    expect(await answer(evaluation, 'Ring on Friday.')).toMatchObject({ accepted: 1, blocked: [] });
    const result = await results();
    expect(result.proposed_actions).toMatchObject([
      { action_index: 0, status: 'cancelled', params: { body: 'Ring tomorrow.' }, superseded_by: 2 },
      { action_index: 1, status: 'pending_approval' },
      {
        action_index: 2,
        status: 'pending_approval',
        revises: 0,
        source: 'assistant',
        params: { body: 'Ring on Friday.' },
      },
    ]);
    expect(result.proposed_actions[2].digest).not.toBe(result.proposed_actions[0].digest);
    expect(result).toMatchObject({
      reasoning: 'They asked.',
      revisions: [{ action_index: 0, reasoning: 'As they said.' }],
    });
    const { actions } = await call('list_pending_actions', { run_id });
    expect(actions.map((row: { reasoning: string }) => row.reasoning)).toEqual(['They asked.', 'As they said.']);
  });

  it('changes neither the status of the run nor its queue of contacts', async () => {
    const { call, ref, run_id, contact_id, other, answer } = await proposed();
    const before = (await call('get_run', { run_id })).run;
    await call('revise_action', { ...ref, feedback: 'Shorter.' });
    const again = await call('next_evaluation', { run_id });
    expect(again).toMatchObject({ remaining: 2, evaluation: { contact_id } });
    expect(other.contact_id).not.toBe(contact_id);
    await answer(other, 'Nothing new.');
    const { run } = await call('get_run', { run_id });
    expect(run).toMatchObject({ status: 'completed', summary: { contacts_evaluated: 2, contacts_targeted: 2 } });
    expect(await answer(again.evaluation, 'Ring.')).toMatchObject({ done: true, remaining: 0 });
    const after = (await call('get_run', { run_id })).run;
    expect(after).toMatchObject({ status: 'completed', completed_at: run.completed_at });
    expect(after.summary).toMatchObject({
      contacts_evaluated: 2,
      actions_proposed: 4,
      actions_cancelled: 1,
      errors: 0,
    });
    expect(before.status).toBe('awaiting_evaluation');
  });

  it('is revised after its run is over or was cancelled, while no other contact is', async () => {
    const { call, ref, run_id, contact_id, answer } = await proposed();
    await call('cancel_run', { run_id });
    await call('revise_action', { ...ref, feedback: 'Shorter.' });
    const { evaluation, remaining } = await call('next_evaluation', { run_id });
    expect({ remaining, contact: evaluation.contact_id }).toEqual({ remaining: 1, contact: contact_id });
    expect(await answer(evaluation, 'Ring.')).toMatchObject({ accepted: 1, done: true });
    expect((await call('get_run', { run_id })).run.status).toBe('cancelled');
  });

  it('is handed to one assistant at a time, and answered once', async () => {
    const { call, ref, run_id, answer, refusal } = await proposed();
    await call('cancel_run', { run_id });
    await call('revise_action', { ...ref, feedback: 'Shorter.' });
    const { evaluation } = await call('next_evaluation', { run_id });
    expect(await call('next_evaluation', { run_id })).toMatchObject({ done: false, remaining: 1 });
    await answer(evaluation, 'Ring.');
    const late = { run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'r', proposed_actions: [] };
    expect(await refusal('submit_evaluation', late)).toMatchObject({ code: 'CONFLICT' });
  });

  it('passes the gate: what is blocked is shown with its reason, and so is the same draft again', async () => {
    const { call, ref, run_id, results, answer } = await proposed();
    await call('revise_action', { ...ref, feedback: 'Tell the CRM instead.' });
    const first = await call('next_evaluation', { run_id });
    const { blocked } = await answer(first.evaluation, 'Ring.', 'webhook');
    expect(blocked).toMatchObject([{ type: 'webhook', reason: expect.stringContaining('webhook_url') }]);
    expect((await results()).proposed_actions[0]).not.toHaveProperty('superseded_by');
    await call('revise_action', { ...ref, action_index: 1, feedback: 'Without prices.' });
    const second = await call('next_evaluation', { run_id });
    await answer(second.evaluation, 'Send the price list.');
    expect((await results()).blocked_actions).toMatchObject([
      { reason: expect.stringContaining('webhook_url') },
      { reason: 'a person sent the same action back: "Without prices."' },
    ]);
  });

  it('waits for a person even where its agent acts unasked', async () => {
    const { on, contact_id } = await proposed();
    const approval = { auto_approve: ['note'] };
    const input = { name: 'Unasked', capabilities: ['notes'], playbook: { playbook_md: 'x' }, approval };
    const { agent } = await createAgent(on.house, 'maya', input, { via: 'human' });
    const note = { type: 'note', params: { body: 'Hi.' } };
    const gated = (run: GatedRun) =>
      on.house.read((view, moment) => {
        const scene = sceneOf(view, findAgent(view, agent.id), contact_id);
        return scene && passGate(view, moment, { run, scene }, [note]).proposed[0];
      });
    expect(await gated({ id: 'run_x', dry_run: false })).toMatchObject({ action_index: 0, status: 'approved' });
    const revision = { of: 1, from: 4, isSame: false };
    const waits = { action_index: 4, revises: 1, status: 'pending_approval' };
    expect(await gated({ id: 'run_x', dry_run: false, revision })).toMatchObject(waits);
  });

  it('may be sent back five times for a contact and run, not more', async () => {
    const { call, ref, run_id, answer, refusal, results } = await proposed();
    for (let index = 0; index < 5; index++) {
      const action_index = index === 0 ? 0 : index + 1;
      await call('revise_action', { ...ref, action_index, feedback: `Again ${index}.` });
      const { evaluation } = await call('next_evaluation', { run_id });
      await answer(evaluation, `Draft ${index}.`);
    }
    expect(await refusal('revise_action', { ...ref, action_index: 6, feedback: 'Once more.' })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('5 times'),
    });
    expect((await results()).proposed_actions[6]).toMatchObject({ status: 'pending_approval' });
  });

  it('quotes the feedback to later evaluations of the contact, as rejections are', async () => {
    const { call, ref, run_id, contact_id, answer } = await proposed();
    await call('revise_action', { ...ref, feedback: 'Say which day.' });
    const { evaluation } = await call('next_evaluation', { run_id });
    await answer(evaluation, 'Ring on Friday.');
    await call('cancel_run', { run_id });
    const later = await call('trigger_agent', { agent_id: 'Thinker', contact_ids: [contact_id] });
    const next = await call('next_evaluation', { run_id: later.run_id });
    expect(next.evaluation.rejections).toMatchObject([
      { params: { body: 'Ring tomorrow.' }, reason: 'Say which day.' },
    ]);
    expect(next.evaluation).not.toHaveProperty('revision');
  });

  it('that was decided before is a CONFLICT that says how', async () => {
    const { call, ref, refusal } = await proposed();
    await call('reject_action', { ...ref, reason: 'no' });
    expect(await refusal('revise_action', { ...ref, feedback: 'Shorter.' })).toMatchObject({
      ...{ code: 'CONFLICT', details: { status: 'rejected', decided_by: 'tester', reason: 'no' } },
    });
    await call('revise_action', { ...ref, action_index: 1, feedback: 'Shorter.' });
    expect(await refusal('revise_action', { ...ref, action_index: 1, feedback: 'Shorter.' })).toMatchObject({
      ...{ code: 'CONFLICT', details: { status: 'cancelled', reason: 'Shorter.' } },
    });
    expect(await refusal('revise_action', { ...ref, action_index: 9, feedback: 'x' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await refusal('revise_action', { ...ref, feedback: '  ' })).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('is not sent back while the brake is on: a CONFLICT that leaves it waiting', async () => {
    const { call, ref, refusal } = await proposed();
    await call('set_brake', { on: true });
    const refused = await refusal('revise_action', { ...ref, feedback: 'Shorter.' });
    expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('set_brake') });
    expect((await call('list_pending_actions')).total).toBe(2);
  });

  it('stands in the decision log as revised, and the feedback goes with the contact', async () => {
    const { call, ref, contact_id, on } = await proposed();
    await call('revise_action', { ...ref, feedback: 'Say which day, the SECRETWORD one.' });
    const entries = await on.house.read((view) => view.decisions('000000000001'));
    expect(entries).toMatchObject([
      {
        decision: 'revised',
        via: 'client',
        action_index: 0,
        personal: { reason: 'Say which day, the SECRETWORD one.' },
      },
    ]);
    expect((await on.house.store.audit()).faults).toEqual([]);
    await call('delete_contact', { contact_id });
    const audit = await on.house.store.audit();
    expect(audit.faults).toEqual([]);
    const files = fs.readdirSync(on.home, { recursive: true, encoding: 'utf8' });
    const holding = files.filter((name) => {
      const file = `${on.home}/${name}`;
      return fs.statSync(file).isFile() && fs.readFileSync(file, 'utf8').includes('SECRETWORD');
    });
    expect(holding).toEqual([]);
    expect(await on.house.read((view) => [...view.waiting().values()].flatMap((run) => run.revising ?? []))).toEqual(
      [],
    );
  });
});

describe('what nobody can revise', () => {
  it('is what a rule proposed: a CONFLICT that leaves it waiting', async () => {
    const { call, refusal } = await proposed();
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Ruled.' } }] }];
    await call('create_agent', { name: 'Ruled', capabilities: ['notes'], playbook: { rules } });
    const { run_id } = await call('trigger_agent', { agent_id: 'Ruled', contact_ids: ['ann'] });
    const ref = { run_id, contact_id: 'ann', action_index: 0 };
    expect(await refusal('revise_action', { ...ref, feedback: 'Kinder.' })).toMatchObject({
      ...{ code: 'CONFLICT', message: expect.stringContaining('playbook.rules'), details: { provider: 'rules' } },
    });
    expect((await call('list_pending_actions', { run_id })).actions).toHaveLength(1);
  });

  it('is what a dry run shows, and what an archived agent proposed', async () => {
    const { call, ref, refusal } = await proposed();
    const dry = await call('trigger_agent', { agent_id: 'Thinker', dry_run: true, wait_seconds: 0 });
    expect(dry.status).toBe('queued');
    await call('update_agent', { agent_id: 'Thinker', changes: { status: 'archived' } });
    expect(await refusal('revise_action', { ...ref, feedback: 'Kinder.' })).toMatchObject({
      ...{ code: 'CONFLICT', details: { status: 'archived' } },
    });
  });
});
