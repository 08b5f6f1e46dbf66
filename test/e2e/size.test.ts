import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';

/** As many characters as 8,000 tokens can be, of text that packs well. */
const MOST = 60_000;
const HUGE = 'word '.repeat(200_000);

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', { contacts: [{ id: 'a', email: 'a@example.com', firstname: HUGE, bio: HUGE }] });
});
afterAll(() => server.close());

async function evaluated(proposed_actions: object[]) {
  const { agent } = await server.call('create_agent', {
    name: 'Wordy',
    capabilities: ['webhook', 'crm_sync'],
    connections: { webhook_url: 'https://example.com/hook' },
    playbook: { playbook_md: 'x' },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  const { evaluation } = await server.call('next_evaluation', { run_id });
  const { evaluation_id } = evaluation;
  const answer = { run_id, evaluation_id, reasoning: 'Because.', proposed_actions };
  return { run_id, submitted: await server.call('submit_evaluation', answer) };
}

describe('what is too large for a result', () => {
  it('is cut where it stands, saying so; all of it is kept', async () => {
    const read = await server.call('get_contact', { contact_id: 'a' });
    expect(JSON.stringify(read).length).toBeLessThan(MOST);
    expect(read.truncated).toBe('size');
    expect(read.contact).toMatchObject({ id: 'a', email: 'a@example.com' });
    expect(read.contact.bio).toMatch(/^word word .*… \(1000000 characters in all\)$/);
    const page = await server.call('list_contacts', { fields: ['bio'] });
    expect(JSON.stringify(page).length).toBeLessThan(MOST);
    expect(page).toMatchObject({ total: 1, truncated: 'size', has_next: false, contacts: [{ id: 'a' }] });
    const found = await server.call('list_contacts', { filter: { bio: HUGE } });
    expect(found.total).toBe(1);
  });

  it('waits for a person under its own digest, one row a page', async () => {
    const tree = (levels: number): unknown =>
      levels === 0 ? 'leaf' : Object.fromEntries([...'abcdefgh'].map((key) => [key, tree(levels - 1)]));
    const payloads = [{ text: HUGE }, { tree: tree(5) }, { list: Array.from({ length: 100_000 }, (_, i) => i) }];
    const { run_id, submitted } = await evaluated([
      ...payloads.map((payload) => ({ type: 'webhook', params: { payload } })),
      { type: 'crm_update', params: { fields: { id: HUGE } } },
    ]);
    expect(submitted).toMatchObject({ accepted: 3, blocked: [{ reason: expect.stringContaining("can't change id") }] });
    expect(JSON.stringify(submitted).length).toBeLessThan(MOST);
    for (const nth of [0, 1, 2]) {
      const page = await server.call('list_pending_actions', { run_id });
      expect(JSON.stringify(page).length).toBeLessThan(MOST);
      expect(page).toMatchObject({ total: 3 - nth, truncated: 'size', has_next: nth < 2 });
      const [{ action_index, digest, contact }] = page.actions;
      expect([action_index, contact.id]).toEqual([nth, 'a']);
      await server.call('reject_action', { run_id, contact_id: 'a', action_index, expected_digest: digest });
    }
  });
});
