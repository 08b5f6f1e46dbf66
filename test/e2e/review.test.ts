import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', {
    contacts: Array.from({ length: 6 }, (_, i) => ({ id: `p${i}`, email: `p${i}@example.com` })),
  });
});
afterAll(() => server.close());

let made = 0;

/** An agent that proposes one thing for each of these contacts, and its first run. */
async function proposed(ids: string[], settings: Record<string, unknown> = {}, on = server, body = `note ${made}`) {
  made += 1;
  const { agent } = await on.call('create_agent', {
    name: `Agent ${made}`,
    capabilities: ['notes', 'email', 'crm_sync'],
    playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body } }] }] },
    ...settings,
  });
  const run = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  return { agent, run, at: { run_id: run.run_id, contact_id: ids[0], action_index: 0 } };
}

describe('deciding', () => {
  it('decides once: the loser reads the winner’s decision', async () => {
    const { at } = await proposed(['p0']);
    const yes = await server.shown(at);
    const outcomes = await Promise.all([1, 2, 3].map(() => server.raw('approve_action', yes)));
    expect(outcomes.filter((outcome) => !outcome.isError)).toHaveLength(1);
    const error = await server.refusal('reject_action', at);
    expect(error).toMatchObject({
      code: 'CONFLICT',
      details: {
        status: 'executed',
        decided_by: expect.any(String),
        decided_at: expect.any(String),
        result: { channel: 'notes' },
      },
    });
    expect((await server.call('get_contact', { contact_id: 'p0' })).notes).toHaveLength(1);
  });

  it('takes two processes approving at once as one approval', async () => {
    const { at } = await proposed(['p1'], {
      playbook: {
        rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 's', message: 'm' } }] }],
      },
    });
    const other = await startServer({ home: server.home });
    const yes = await server.shown(at);
    const outcomes = await Promise.all([server.raw('approve_action', yes), other.raw('approve_action', yes)]);
    await other.close();
    expect(outcomes.map((outcome) => outcome.isError === true).sort()).toEqual([false, true]);
  });

  it('refuses another digest, and an edit that does not fit, changing nothing', async () => {
    const { at } = await proposed(['p2']);
    expect(await server.refusal('approve_action', { ...at, expected_digest: 'nope' })).toMatchObject({
      code: 'CONFLICT',
      details: { digest: expect.any(String) },
    });
    expect(await server.refusal('approve_action', await server.shown({ ...at, params: { text: 'x' } }))).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    expect((await server.call('list_pending_actions', { run_id: at.run_id })).total).toBe(1);
  });

  it('decides in bulk exactly the rows shown, in any process', async () => {
    const { run } = await proposed(['p0', 'p1', 'p2', 'p3']);
    const shown = await server.call('list_pending_actions', { run_id: run.run_id, limit: 3, detail: 'brief' });
    const other = await startServer({ home: server.home });
    expect(await other.call('review_actions', { decision: 'approve', review_token: shown.review_token })).toMatchObject(
      {
        decided: 3,
      },
    );
    await other.close();
    expect((await server.call('list_pending_actions', { run_id: run.run_id })).total).toBe(1);
    expect(
      await server.refusal('review_actions', { decision: 'approve', review_token: 'rev_0000000000000000' }),
    ).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('sees a changed recipient as another action', async () => {
    const { at } = await proposed(['p3'], {
      playbook: {
        rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'q', message: 'm' } }] }],
      },
    });
    const [row] = (await server.call('list_pending_actions', { run_id: at.run_id })).actions;
    await server.call('import_contacts', { contacts: [{ id: 'p3', email: 'elsewhere@example.com' }] });
    expect(await server.refusal('approve_action', { ...at, expected_digest: row.digest })).toMatchObject({
      code: 'CONFLICT',
    });
    expect((await server.call('list_pending_actions', { run_id: at.run_id })).actions[0].to).toBe(
      'elsewhere@example.com',
    );
  });

  it('sends an approved action back to review when consent was withdrawn, saying why', async () => {
    const { at } = await proposed(['p4'], {
      playbook: {
        rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'r', message: 'm' } }] }],
      },
    });
    await server.call('import_contacts', { contacts: [{ id: 'p4', do_not_email: true }] });
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({ status: 'pending_approval', reason: expect.stringContaining('do_not_email') });
    expect(action).not.toHaveProperty('decided_by');
  });

  it('lets what nobody decided expire, in its own state', async () => {
    const { run, at } = await proposed(['p5'], { approval: { expires_after_hours: 0.00005 } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({
      code: 'CONFLICT',
      details: { status: 'expired' },
    });
    expect((await server.call('get_run', { run_id: run.run_id })).run.summary).toMatchObject({
      actions_expired: 1,
      actions_pending_approval: 0,
    });
  });

  it('does what the policy approves, and nothing a dry run says', async () => {
    const { agent, run } = await proposed(['p5'], { approval: { auto_approve: ['note'] } });
    expect(run.summary).toMatchObject({ actions_auto_approved: 1, actions_executed: 1, actions_pending_approval: 0 });
    const notes = (await server.call('get_contact', { contact_id: 'p5' })).notes.length;
    await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['p4'], dry_run: true });
    expect((await server.call('get_contact', { contact_id: 'p4' })).notes).toEqual([]);
    expect((await server.call('get_contact', { contact_id: 'p5' })).notes).toHaveLength(notes);
  });

  it('blocks outside the capabilities, the wrong shape, and what a person rejected', async () => {
    const propose = [
      { type: 'linkedin_message', params: { message: 'x' } },
      { type: 'note', params: { text: 'x' } },
      { type: 'sms', params: {} },
      { type: 'webhook', params: { payload: {} } },
    ];
    const { run } = await proposed(['p0'], { playbook: { rules: [{ name: 'all', propose }] } });
    const [result] = (await server.call('get_run', { run_id: run.run_id })).run.contact_results;
    expect(result.proposed_actions).toEqual([]);
    expect(result.blocked_actions.map((item: { reason: string }) => item.reason)).toEqual([
      expect.stringContaining('linkedin'),
      expect.stringContaining('wrong shape'),
      expect.stringContaining('no action of type'),
      expect.stringContaining('webhook'),
    ]);
  });

  it('keeps to cadence across agents', async () => {
    await server.call('import_contacts', { contacts: [{ id: 'cadence', email: 'cadence@example.com' }] });
    const email = (subject: string) => ({
      playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject, message: 'm' } }] }] },
      limits: { cooldown_days: 2 },
    });
    const { at } = await proposed(['cadence'], email('one'));
    await server.call('approve_action', await server.shown(at));
    const { run } = await proposed(['cadence'], email('two'));
    const [result] = (await server.call('get_run', { run_id: run.run_id })).run.contact_results;
    expect(result.blocked_actions[0].reason).toContain('cooldown_days');
  });

  it('refuses to approve where more proof is demanded than a call gives, and still lets one reject', async () => {
    const { at } = await proposed(['p1'], { approval: { min_proof: 'human' } });
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({
      code: 'FORBIDDEN',
      details: { needed: 'human' },
    });
    const shown = await server.call('list_pending_actions', { run_id: at.run_id });
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: shown.review_token }),
    ).toMatchObject({ decided: 0, skipped: [{ contact_id: 'p1' }] });
    expect((await server.call('reject_action', at)).action.status).toBe('rejected');
    const strict = await startServer({ env: { COUNTERSIGN_MIN_PROOF: 'elicited' } });
    await strict.call('import_contacts', { contacts: [{ id: 'p1' }] });
    const other = await proposed(['p1'], { approval: { require_approval: false } }, strict);
    expect(other.run.summary.actions_auto_approved).toBe(1);
    await strict.close();
  });

  it('changes the fields of a contact by crm_update, but never consent', async () => {
    const rules = (fields: object) => ({
      playbook: { rules: [{ name: 'all', propose: [{ type: 'crm_update', params: { fields } }] }] },
    });
    const { at } = await proposed(['p2'], rules({ lifecycle_stage: 'customer', score: 7 }));
    await server.call('approve_action', await server.shown(at));
    expect((await server.call('get_contact', { contact_id: 'p2' })).contact).toMatchObject({
      lifecycle_stage: 'customer',
      score: 7,
    });
    const folded = await proposed(['p2'], rules({ 'Do Not Contact': false }));
    expect(folded.run.summary).toMatchObject({ actions_proposed: 0, actions_blocked: 1 });
    const { run } = await proposed(['p2'], rules({ do_not_email: false }));
    expect(run.summary).toMatchObject({ actions_proposed: 0, actions_blocked: 1 });
  });

  it('keeps the arguments of a decision out of what it decides on', async () => {
    await server.call('import_contacts', { contacts: [{ id: 'clean' }] });
    const { at } = await proposed(['clean']);
    await server.call('approve_action', await server.shown({ ...at, note: 'because', params: { body: 'edited' } }));
    const { notes } = await server.call('get_contact', { contact_id: 'clean' });
    expect(Object.keys(notes[0]).sort()).toEqual(['action_index', 'agent_id', 'at', 'body', 'contact_id', 'run_id']);
    expect(notes[0].body).toBe('edited');
  });

  it('settles only what is unknown', async () => {
    const { at } = await proposed(['p3']);
    expect(await server.refusal('settle_action', { ...at, outcome: 'sent' })).toMatchObject({
      code: 'CONFLICT',
      details: { status: 'pending_approval' },
    });
  });
});
