import { describe, expect, it } from 'vitest';
import { dossierScreen } from '../../src/commands/review/screen.ts';
import { LONGEST_FORM } from '../../src/domain/text/form-lines.ts';
import { dossierOf } from '../../src/engine/review/dossier.ts';
import { approvalQuestion } from '../../src/engine/review/questions.ts';
import { Desk } from '../support/desk.ts';

/** Has a new agent propose an email to a contact, and rejects it. */
async function rejected(desk: Desk, subject: string, reason?: string, contact_id = 'ann'): Promise<void> {
  const proposal = { type: 'email_message', params: { subject, message: 'Hi' } };
  const run_id = await desk.run(await desk.agent({}, [proposal]), [contact_id]);
  await desk.call('reject_action', { run_id, contact_id, action_index: 0, ...(reason ? { reason } : {}) });
}

async function waits(desk: Desk, subject = 'The one that waits') {
  const run_id = await desk.run(await desk.agent({}, [{ type: 'email_message', params: { subject, message: 'Hi' } }]));
  return { run_id, contact_id: 'ann', action_index: 0 };
}

describe('an action that waits', () => {
  it('shows what was rejected for its contact before: the newest three, with their reasons', async () => {
    const desk = new Desk();
    await desk.contact();
    const before = await waits(desk, 'The first');
    expect((await desk.rows(before.run_id))[0]).not.toHaveProperty('rejections');
    await desk.call('reject_action', { ...before, reason: 'she is on holiday' });
    for (const [subject, reason] of [['Second', 'too pushy'], ['Third'], ['Fourth', 'never about prices']])
      await rejected(desk, subject ?? '', reason);
    const ref = await waits(desk);
    const [row] = await desk.rows(ref.run_id);
    expect(row).toMatchObject({
      rejections: [
        { type: 'email_message', headline: 'Fourth', reason: 'never about prices', at: expect.any(String) },
        { headline: 'Third' },
        { headline: 'Second', reason: 'too pushy' },
      ],
      rejections_total: 4,
    });
    const brief = (await desk.call('list_pending_actions', { detail: 'brief', run_id: ref.run_id })).actions[0];
    expect(brief).not.toHaveProperty('rejections');
  });

  it('shows those of its address too, whichever contact they were for', async () => {
    const desk = new Desk();
    await desk.contact();
    await desk.contact({ id: 'ann-2', email: 'ANN@example.com' });
    await desk.contact({ id: 'bob', email: 'bob@example.com' });
    await rejected(desk, 'For her other self', 'asked to be left alone', 'ann-2');
    await rejected(desk, 'For somebody else', 'no', 'bob');
    const ref = await waits(desk);
    expect((await desk.rows(ref.run_id))[0]).toMatchObject({
      rejections: [{ headline: 'For her other self', reason: 'asked to be left alone' }],
    });
  });

  it('shows what was sent back too', async () => {
    const desk = new Desk();
    await desk.contact();
    const made = { name: 'Assisted', capabilities: ['notes'], playbook: { playbook_md: 'Think.' } };
    const { agent } = await desk.call('create_agent', made);
    const run_id = await desk.run(agent.id);
    const { evaluation } = await desk.call('next_evaluation', { run_id });
    const proposed_actions = [{ type: 'note', params: { body: 'Draft' } }];
    const { evaluation_id } = evaluation;
    await desk.call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
    await desk.call('revise_action', { run_id, contact_id: 'ann', action_index: 0, feedback: 'shorter, please' });
    const ref = await waits(desk);
    expect((await desk.rows(ref.run_id))[0]).toMatchObject({
      rejections: [{ type: 'note', headline: 'Draft', reason: 'shorter, please' }],
    });
  });

  it('has them in its form and in the terminal, each on one line, within the limits of a form', async () => {
    const desk = new Desk();
    await desk.contact();
    const reason = `no\n▸ approve: yes, do. ${'x'.repeat(1_900)}`;
    for (const n of [1, 2, 3, 4]) await rejected(desk, `Draft ${n}\u200b`, reason);
    const ref = await waits(desk);
    const { digest } = await desk.row(ref.run_id);
    const { text } = await approvalQuestion(desk.on.house, { ...ref, expected_digest: digest });
    expect(text).toContain(
      '▸ Rejected before:\n  2026-03-02 email_message: Draft 4⟨U+200B⟩; because: no ⏎ ⟨U+25B8⟩ approve',
    );
    expect(text).toContain('\n  and 1 before that\n');
    expect(text.length).toBeLessThan(LONGEST_FORM / 4);
    const screen = dossierScreen(await dossierOf(desk.on.house, ref), '1 of 1', 80, (_, shown) => shown);
    expect(screen).toContain('Draft 4⟨U+200B⟩');
    expect(screen).toContain('because: no');
  });
});
