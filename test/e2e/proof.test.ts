import { describe, expect, it } from 'vitest';
import { type Connection, ERAS, type Era, type OnForm, startServer } from '../support/server.ts';

type Form = Parameters<OnForm>[0];

/** A server whose client answers forms as a test says, and keeps what it was shown. */
async function withPerson(era: Era, answer: (form: Form) => unknown, env: Record<string, string> = {}) {
  const forms: Form[] = [];
  const server = await startServer({
    era,
    env,
    onForm: async (form) => {
      forms.push(form);
      return answer(form);
    },
  });
  await server.call('import_contacts', {
    contacts: [
      { id: 'p', email: 'pat@example.com', firstname: 'Pat', lastname: 'Lee\u202e' },
      { id: 'q', email: 'quinn@example.com', firstname: 'Quinn' },
    ],
  });
  return { server, forms };
}

const accept = (content: object) => ({ action: 'accept', content });
const EMAIL = { type: 'email_message', params: { subject: 'Hello \u200bPat', message: 'Line one\nLine two' } };
const NOTE = { type: 'note', params: { body: 'A note' } };

/** An action that waits: by rules, or by the assistant's own submission. */
async function waits(
  on: Connection,
  propose: object,
  settings: Record<string, unknown> = {},
  provider: 'rules' | 'assistant' = 'rules',
  ids = ['p'],
) {
  const playbook =
    provider === 'rules' ? { rules: [{ name: 'all', propose: [propose] }] } : { playbook_md: 'Write to everyone.' };
  const { agent } = await on.call('create_agent', {
    name: `Agent ${Math.random()}`,
    capabilities: ['email', 'notes'],
    playbook,
    ...settings,
  });
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  if (provider === 'assistant') {
    let { evaluation } = await on.call('next_evaluation', { run_id });
    while (evaluation) {
      const { evaluation_id } = evaluation;
      const answer = { run_id, evaluation_id, reasoning: 'r', proposed_actions: [propose] };
      evaluation = (await on.call('submit_evaluation', answer)).evaluation;
    }
  }
  return { agent, run_id, at: { run_id, contact_id: ids[0], action_index: 0 } };
}

describe.each(ERAS)('a form, %s', (era) => {
  it('shows the action as its recipient will see it, and approves what was shown', async () => {
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }));
    const { at } = await waits(server, EMAIL, {}, 'assistant');
    const { action } = await server.call('approve_action', at);
    expect(action).toMatchObject({ status: 'executed', decided_via: 'elicited', source: 'assistant' });
    expect(forms).toHaveLength(1);
    const [form] = forms;
    expect(form?.message.split('\n')[0]).toBe('To: pat@example.com');
    expect(form?.message).toContain('Subject: Hello ⟨U+200B⟩Pat');
    expect(form?.message).toContain('Message:\n  Line one\n  Line two');
    expect(form?.message).toContain('Lee⟨U+202E⟩');
    expect(form?.requestedSchema).toMatchObject({
      required: ['decision'],
      properties: { decision: { type: 'string', enum: ['approve', 'reject'] } },
    });
    expect(form?.requestedSchema.properties.decision).not.toHaveProperty('default');
    await server.close();
  });

  it.each([
    ['declined', { action: 'decline' }],
    ['cancelled', { action: 'cancel' }],
    ['empty', accept({})],
    ['answered with something else', accept({ decision: 'yes', confirm: true })],
  ])('that is %s decides nothing, whatever the client says', async (_, answer) => {
    const { server, forms } = await withPerson(era, () => answer);
    const { at, run_id } = await waits(server, NOTE);
    expect(await server.refusal('approve_action', at)).toMatchObject({
      code: 'FORBIDDEN',
      details: { ways: expect.arrayContaining([expect.stringContaining('countersign review')]) },
    });
    expect(forms).toHaveLength(1);
    const { actions, review_token } = await server.call('list_pending_actions', { run_id });
    expect(actions).toMatchObject([{ status: 'pending_approval' }]);
    expect(await server.refusal('review_actions', { decision: 'approve', review_token })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });

  it('takes a person’s no, with the reason', async () => {
    const { server } = await withPerson(era, () => accept({ decision: 'reject', reason: 'Not now' }));
    const { at } = await waits(server, NOTE);
    expect((await server.call('approve_action', at)).action).toMatchObject({
      status: 'rejected',
      decided_via: 'elicited',
      reason: 'Not now',
    });
    await server.close();
  });

  it('shows an edit as edited, and every row of a bulk decision', async () => {
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }));
    const { at } = await waits(server, EMAIL);
    await server.call('approve_action', { ...at, params: { subject: 'Edited', message: 'New text' } });
    expect(forms[0]?.message).toContain('Subject: Edited');
    const { run_id } = await waits(server, NOTE, {}, 'assistant', ['p', 'q']);
    const { review_token } = await server.call('list_pending_actions', { run_id });
    expect(await server.call('review_actions', { decision: 'approve', review_token })).toMatchObject({ decided: 2 });
    expect(forms[1]?.message).toContain('Approve all 2');
    expect(forms[1]?.message).toContain('Pat');
    expect(forms[1]?.message).toContain('Quinn');
    const { run } = await server.call('get_run', { run_id });
    expect(run.contact_results[1].proposed_actions[0]).toMatchObject({ status: 'executed', decided_via: 'elicited' });
    await server.close();
  });

  it('asks before a change that loosens, and obeys', async () => {
    let decision = 'reject';
    const { server, forms } = await withPerson(era, () => accept({ decision }));
    const { agent } = await waits(server, NOTE);
    const loosen = { agent_id: agent.id, changes: { approval: { auto_approve: ['note'] } } };
    expect(await server.refusal('update_agent', loosen)).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms[0]?.message).toContain('without being asked: note');
    decision = 'approve';
    expect((await server.call('update_agent', loosen)).agent.approval.auto_approve).toEqual(['note']);
    await server.call('update_agent', { agent_id: agent.id, changes: { description: 'harmless' } });
    expect(forms).toHaveLength(2);
    await server.close();
  });
});

describe('making an agent that acts without asking', () => {
  const acting = (approval: object, more: object = {}) => ({
    name: 'Acts alone',
    capabilities: ['email', 'notes'],
    playbook: { rules: [{ name: 'all', propose: [EMAIL] }] },
    approval,
    ...more,
  });

  it('is asked first, like a change to that, and made only on a yes', async () => {
    let decision = 'reject';
    const { server, forms } = await withPerson('sdk-2-modern', () => accept({ decision }));
    for (const approval of [{ require_approval: false }, { auto_approve: ['email_message'] }])
      expect(await server.refusal('create_agent', acting(approval))).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms[1]?.message).toContain('without asking anybody: email_message');
    expect((await server.call('list_agents')).total).toBe(0);
    decision = 'approve';
    const input = { ...acting({ require_approval: false }), idempotency_key: 'once' };
    const { agent } = await server.call('create_agent', input);
    expect((await server.call('create_agent', input)).agent.id).toBe(agent.id);
    expect(forms).toHaveLength(3);
    await server.close();
  });

  it('is not asked where nothing but a note would happen unasked, or it could not be saved anyway', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    await server.call('create_agent', acting({ auto_approve: ['note'] }));
    await server.call('create_agent', acting({ require_approval: false }, { llm_config: { provider: 'assistant' } }));
    await server.call('create_agent', acting({ require_approval: false, min_proof: 'human' }));
    const broken = acting({ require_approval: false }, { monitoring: { filter: { $where: '1' } } });
    expect(await server.refusal('create_agent', broken)).toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(forms).toEqual([]);
    await server.close();
  });
});

describe('an answer', () => {
  it('is for what was shown: a change in the meantime undoes it', async () => {
    const changer = { change: async () => undefined as unknown };
    const { server } = await withPerson('sdk-1', async () => {
      await changer.change();
      return accept({ decision: 'approve' });
    });
    const other = await startServer({ home: server.home });
    changer.change = () => other.call('import_contacts', { contacts: [{ id: 'p', email: 'else@example.com' }] });
    const { at, run_id } = await waits(server, EMAIL);
    expect(await server.refusal('approve_action', at)).toMatchObject({ code: 'CONFLICT' });
    expect((await server.call('list_pending_actions', { run_id })).actions).toMatchObject([
      { status: 'pending_approval', to: 'else@example.com' },
    ]);
    await other.close();
    await server.close();
  });

  it('is nothing by itself: only with our own state, once, in any process', async () => {
    const { server } = await withPerson('sdk-2-modern', () => accept({ decision: 'approve' }));
    const other = await startServer({ home: server.home, era: 'sdk-2-modern', onForm: () => ({ action: 'decline' }) });
    const { at, run_id } = await waits(server, NOTE);
    const answer = { inputResponses: { decision: accept({ decision: 'approve' }) } };
    const bare = await server.exchange('approve_action', at, answer);
    expect(bare).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) });
    const { requestState } = bare;
    await expect(
      server.exchange('approve_action', at, { ...answer, requestState: `${requestState.slice(0, -4)}AAAA` }),
    ).rejects.toMatchObject({ code: -32602 });
    const elsewhere = await server.exchange('approve_action', { ...at, note: 'other' }, { ...answer, requestState });
    expect(elsewhere).toMatchObject({ isError: true });
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);

    const again = await server.exchange('approve_action', at, {});
    const good = { ...answer, requestState: again.requestState };
    const both = await Promise.all([
      server.exchange('approve_action', at, good),
      other.exchange('approve_action', at, good),
    ]);
    expect(both.filter((each) => !each.isError)).toHaveLength(1);
    expect((await server.call('get_run', { run_id })).run.summary).toMatchObject({ actions_executed: 1 });
    expect(await other.exchange('approve_action', at, good)).toMatchObject({ isError: true });
    await other.close();
    await server.close();
  });
});

describe('the mind that read the contact', () => {
  it.each(ERAS)('does not approve its own proposal by a plain call, %s', async (era) => {
    const server = await startServer({ era });
    await server.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    const { at, run_id, agent } = await waits(
      server,
      EMAIL,
      { approval: { auto_approve: ['email_message'] } },
      'assistant',
    );
    const refused = { code: 'FORBIDDEN', details: { needed: 'elicited', given: 'client' } };
    expect(await server.refusal('approve_action', at)).toMatchObject(refused);
    const shown = await server.call('list_pending_actions', { run_id });
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: shown.review_token }),
    ).toMatchObject({
      decided: 0,
      skipped: [{ contact_id: 'p', reason: expect.stringContaining('elicited') }],
    });
    for (const changes of [
      { approval: { require_approval: false } },
      { approval: { auto_approve: ['email_message', 'note'] } },
      { capabilities: ['email', 'notes', 'webhook'] },
    ])
      expect(await server.refusal('update_agent', { agent_id: agent.id, changes })).toMatchObject(refused);
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    expect((await server.call('reject_action', at)).action.status).toBe('rejected');
    await server.close();
  });

  it('may, where the person said in so many words that the client is trusted', async () => {
    const { server, forms } = await withPerson('sdk-1', () => ({ action: 'decline' }), {
      COUNTERSIGN_MIN_PROOF: 'client',
    });
    const { at } = await waits(server, NOTE, {}, 'assistant');
    expect((await server.call('approve_action', at)).action).toMatchObject({
      status: 'executed',
      decided_via: 'client',
    });
    expect(forms).toEqual([]);
    await server.close();
  });

  it('has no form do for a person at the terminal', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    const { at } = await waits(server, NOTE, { approval: { min_proof: 'human' } });
    expect(await server.refusal('approve_action', at)).toMatchObject({
      code: 'FORBIDDEN',
      details: { needed: 'human', ways: [expect.stringContaining('countersign review')] },
    });
    expect(forms).toEqual([]);
    await server.close();
  });

  it('asks before waiting actions come from someone else', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'reject' }));
    const sam = { name: 'Sam', email: 'sam@example.com' };
    const { identity } = await server.call('save_identity', sam);
    const { agent } = await waits(server, EMAIL, { identity_id: identity.id });
    const eve = { name: 'Eve', email: 'eve@evil.example', identity_id: identity.id };
    expect(await server.refusal('save_identity', eve)).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms[0]?.message).toContain('sam@example.com');
    const other = await server.call('save_identity', { name: 'Eve', email: 'eve@evil.example' });
    const change = { agent_id: agent.id, changes: { identity_id: other.identity.id } };
    expect(await server.refusal('update_agent', change)).toMatchObject({ code: 'FORBIDDEN' });
    await server.close();
  });
});
