import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';

/** Texts that are near the limit up to which a list shows a value whole. */
const text = (start: string) => start + 'Könnten wir am 3.4. um 9:15 kurz reden (Büro 7b)? '.repeat(20).slice(0, 480);

/** An agent that may do nothing unasked yet: its permission waits as a change with its whole mandate. */
async function actor(on: InProcess, name: string, agent: object = {}): Promise<string> {
  const propose = [{ type: 'email_message', params: { subject: name, message: text('Guten Tag. ') } }];
  const made = await on.call('create_agent', {
    name,
    capabilities: ['email'],
    playbook: { playbook_md: text('# '), rules: [{ name: 'all', propose }] },
    approval: { auto_approve: ['email_message'] },
    ...agent,
  });
  return made.agent.id;
}

/** Many changes that wait, and many emails beside them. */
async function crowded() {
  const on = inProcess();
  const contacts = Array.from({ length: 60 }, (_, i) => ({
    id: `c${i}`,
    email: `c${i}@example.com`,
    firstname: 'Ann',
  }));
  await on.call('import_contacts', { contacts });
  const monitoring = { max_contacts_per_run: 60 };
  const first = await actor(on, 'Agent 0', { monitoring });
  for (let i = 1; i < 22; i++) await actor(on, `Agent ${i}`);
  await on.call('trigger_agent', { agent_id: first, wait_seconds: 30 });
  return on;
}

const tokensOf = (value: unknown) => encode(JSON.stringify(value)).length;

describe('a page of what waits', () => {
  it('stays within 8,000 tokens, the changes beside the actions included; actions fill what is left', async () => {
    const on = await crowded();
    const page = await on.call('list_pending_actions', { limit: 100 });
    expect(tokensOf(page)).toBeLessThanOrEqual(8_000);
    expect(page).toMatchObject({ changes_total: 22, total: 60, has_next: true, truncated: 'size' });
    expect(page.changes.length).toBeGreaterThan(0);
    expect(page.changes.length).toBeLessThan(20);
    expect(page.actions.length).toBeGreaterThan(0);
    expect(tokensOf(page)).toBeGreaterThan(4_000);
    // The token stands for the rows that were given, and for no others.
    const { review_token } = page;
    expect(await on.call('review_actions', { decision: 'reject', review_token })).toMatchObject({
      decided: page.actions.length,
    });
  });

  it('shows a change cut where that alone takes too much', async () => {
    const on = inProcess();
    const { identity } = await on.call('save_identity', { name: 'Maya', email: 'maya@example.com' });
    for (let i = 0; i < 60; i++) await actor(on, text(`Agent ${i} `).slice(0, 190), { identity_id: identity.id });
    const asked = await on.house.read((view) => view.changes().map(({ id }) => id));
    for (const change_id of asked)
      await decideChange(on.house, 'tester', { change_id, decision: 'approve', via: 'human' });
    // One new signature ends what all of them were allowed, and so asks for all of it in one change.
    await on.call('save_identity', {
      ...{ name: 'Maya', email: 'maya@example.com' },
      identity_id: identity.id,
      signature: 'M.',
    });
    const page = await on.call('list_pending_actions');
    expect(tokensOf(page)).toBeLessThanOrEqual(3_000);
    expect(page.changes_total).toBe(1);
    expect(page.changes[0].what.at(-1)).toBe('… (60 in all)');
  });
});
