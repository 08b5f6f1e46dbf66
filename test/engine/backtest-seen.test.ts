import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const note = (body: string) => ({ type: 'note', params: { body } });

/** An agent whose mind is the assistant, with proposals for one contact, and a clock that can be moved. */
async function proposed(...bodies: string[]) {
  let at = Date.parse('2026-03-01T10:00:00.000Z');
  const { call } = inProcess({ env: TRUSTING, now: () => new Date(at) });
  await call('import_contacts', { contacts: [{ id: 'ann' }] });
  const playbook = { playbook_md: 'Note something.' };
  const { agent } = await call('create_agent', { name: 'Thinker', capabilities: ['notes'], playbook });
  const { run_id } = await call('trigger_agent', { agent_id: agent.id });
  const answer = async (proposed_actions: object[]) => {
    const { evaluation } = await call('next_evaluation', { run_id });
    const { evaluation_id } = evaluation;
    return call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
  };
  await answer(bodies.map(note));
  const decide = async (tool: string, action_index: number, more: object = {}) => {
    at += 60_000;
    const { run } = await call('get_run', { run_id, contact_id: 'ann' });
    const expected_digest = run.contact_results[0].proposed_actions[action_index].digest;
    const binding = tool === 'revise_action' ? {} : { expected_digest };
    await call(tool, { run_id, contact_id: 'ann', action_index, ...binding, ...more });
  };
  const saved = async () => {
    at += 60_000;
    await call('update_agent', { agent_id: agent.id, changes: { playbook: { playbook_md: 'Say which day.' } } });
    at += 60_000;
  };
  const test = (more: object = {}) => call('backtest_agent', { agent_id: agent.id, ...more });
  const cohort = async (more: object = {}) => (await test({ dry_run: true, ...more })).cohort;
  return { call, answer, decide, saved, test, cohort };
}

describe('decisions that the author of a version could know of', () => {
  it('are those older than the version, and all of them for a draft', async () => {
    const { decide, saved, cohort } = await proposed('Ring tomorrow.', 'Send the list.');
    await decide('reject_action', 0, { reason: 'Which day?' });
    await saved();
    await decide('approve_action', 1);
    expect(await cohort()).toMatchObject({ decided_actions: 2, seen: 1, unseen: 1 });
    expect(await cohort({ version: 1 })).toMatchObject({ seen: 0, unseen: 2 });
    const changes = { playbook: { playbook_md: 'Other.' } };
    expect(await cohort({ changes })).toMatchObject({ seen: 2, unseen: 0 });
  });

  it('are also those on what they sent back before, with a reason that improve_playbook quotes', async () => {
    const { answer, decide, saved, cohort } = await proposed('Ring tomorrow.', 'Send the list.');
    await decide('revise_action', 0, { feedback: 'Say which day.' });
    await saved();
    await answer([note('Ring on Friday.')]);
    await decide('approve_action', 2);
    await decide('reject_action', 1, { reason: 'No list' });
    expect(await cohort()).toMatchObject({ decided_actions: 2, seen: 1, unseen: 1 });
  });

  it('are counted one by one among the erased, once their person is erased', async () => {
    const { call, decide, test } = await proposed('Ring tomorrow.', 'Send the list.');
    await decide('reject_action', 0, { reason: 'Which day?' });
    await decide('approve_action', 1);
    const { run_id, cohort } = await test();
    expect(cohort).toMatchObject({ decided_actions: 2, erased: 0 });
    await call('delete_contact', { contact_id: 'ann' });
    expect((await test({ run_id })).cohort).toMatchObject({ evaluations: 0, decided_actions: 0, erased: 2 });
    expect((await test({ dry_run: true })).cohort).toMatchObject({ evaluations: 0, erased: 2 });
  });
});
