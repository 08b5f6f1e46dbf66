import { describe, expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';

/** One half of an emoji, as a text has that was cut inside it. */
const HALF = 'Hi \ud83d';
const EMAIL = { subject: 'Hi', message: 'Hi 😀' };

/** An agent whose assistant proposes, and one contact. */
async function aScene() {
  const { call, house } = inProcess();
  await call('import_contacts', { contacts: [{ id: 'a', email: 'a@example.com' }] });
  const { agent } = await call('create_agent', {
    ...{ name: 'Mailer', playbook: { playbook_md: 'Write.' } },
    capabilities: ['email', 'notes', 'crm_sync', 'webhook'],
    connections: { webhook_url: 'https://hook.example.com/' },
  });
  const propose = async (...proposed_actions: object[]) => {
    const { run_id } = await call('trigger_agent', { agent_id: agent.id });
    const { evaluation } = await call('next_evaluation', { run_id });
    const { evaluation_id } = evaluation;
    const { blocked } = await call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
    return { run_id, blocked };
  };
  return { call, house, propose };
}

describe('half a character', () => {
  it('is refused in the params of every type of action', async () => {
    const { propose } = await aScene();
    const { blocked } = await propose(
      { type: 'email_message', params: { ...EMAIL, message: HALF } },
      { type: 'email_message', params: { ...EMAIL, subject: HALF } },
      { type: 'note', params: { body: HALF } },
      { type: 'crm_update', params: { fields: { tier: { name: HALF } } } },
      { type: 'crm_update', params: { fields: { [HALF]: 1 } } },
      { type: 'webhook', params: { payload: { list: ['a', HALF] } } },
      { type: 'email_message', params: EMAIL },
    );
    expect(blocked.map(({ reason }: { reason: string }) => reason)).toEqual(
      [
        'params.message',
        'params.subject',
        'params.body',
        'params.fields.tier.name',
        'params.fields',
        'params.payload.list[1]',
      ].map((path) =>
        expect.stringMatching(new RegExp(`^wrong shape: ${path.replace(/[[\].]/g, '\\$&')}: .*half a character`)),
      ),
    );
  });

  it('is refused in an edit', async () => {
    const { call, propose } = await aScene();
    const { run_id } = await propose({ type: 'note', params: { body: 'Seen' } });
    const [row] = (await call('list_pending_actions')).actions;
    const edit = { run_id, contact_id: 'a', action_index: 0, expected_digest: row.digest, params: { body: HALF } };
    await expect(call('approve_action', edit)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { 'params.body': expect.stringContaining('half a character') },
    });
  });

  it('is refused in an agent’s rules and words, and in an identity', async () => {
    const { call } = await aScene();
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: HALF } }] }];
    await expect(call('create_agent', { name: 'Other', playbook: { rules } })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { 'playbook.rules[0].propose[0].params.body': expect.stringContaining('half a character') },
    });
    const sam = { name: 'Sam', email: 'sam@acme.example' };
    for (const field of ['name', 'signature'])
      await expect(call('save_identity', { ...sam, [field]: HALF })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { [field]: expect.stringContaining('half a character') },
      });
  });
});
