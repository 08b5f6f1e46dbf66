import { describe, expect, it } from 'vitest';
import { deskScene, pathOf, refOf } from '../support/desk-scene.ts';

/** A note that the connected assistant proposed, and a page that was shown it. */
async function fromAssistant() {
  const on = await deskScene();
  await on.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com' }] });
  const { agent } = await on.call('create_agent', {
    ...{ name: 'Thinker', capabilities: ['notes'], playbook: { playbook_md: 'Write a note.' } },
  });
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ['ann'] });
  const { evaluation } = await on.call('next_evaluation', { run_id });
  const proposed_actions = [{ type: 'note', params: { body: 'Ring tomorrow.' } }];
  const answer = { evaluation_id: evaluation.evaluation_id, reasoning: 'They asked.', proposed_actions };
  await on.call('submit_evaluation', { run_id, ...answer });
  const page = await on.open();
  const [row] = await on.rows(page);
  if (!row) throw new Error('nothing waits');
  const { digest, nonce } = row;
  const sendBack = (more: object = {}) =>
    page.post('/desk/revise', { ref: refOf(row), digest, nonce, feedback: 'Say which day.', ...more });
  return { on, page, row, run_id, sendBack };
}

describe('a draft that a person sends back at the desk', () => {
  it('goes to whoever proposed it, with the person’s words', async () => {
    const { on, page, row, run_id, sendBack } = await fromAssistant();
    expect((await page.get(pathOf(row))).json).toMatchObject({ may_revise: true });
    const { status, json } = await sendBack();
    expect([status, json.action]).toMatchObject([
      200,
      { status: 'cancelled', reason: 'Say which day.', decided_via: 'human' },
    ]);
    const { evaluation } = await on.call('next_evaluation', { run_id });
    expect(evaluation.revision).toMatchObject({ feedback: 'Say which day.' });
    expect((await page.get('/desk/queue')).json.total_waiting).toBe(0);
  });

  it('stays where it isn’t what the page was shown, or no words are said', async () => {
    const { on, row, sendBack } = await fromAssistant();
    for (const [more, status] of [
      [{ nonce: 'x' }, 409],
      [{ digest: 'x' }, 409],
      [{ feedback: '  ' }, 400],
      [{ feedback: 'x'.repeat(2_001) }, 400],
    ] as const)
      expect([more, (await sendBack(more)).status]).toEqual([more, status]);
    expect((await on.action(row)).status).toBe('pending_approval');
  });
});
