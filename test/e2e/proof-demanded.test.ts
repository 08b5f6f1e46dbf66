import { describe, expect, it } from 'vitest';
import { accept, EMAIL, NOTE, waits, withPerson } from '../support/person.ts';
import { ERAS, startServer } from '../support/server.ts';
import { TRUSTING } from '../support/trusting.ts';

describe('making an agent that acts without asking', () => {
  const acting = (approval: object, more: object = {}) => ({
    name: 'Acts alone',
    capabilities: ['email', 'notes'],
    playbook: { rules: [{ name: 'all', propose: [EMAIL] }] },
    approval,
    ...more,
  });

  it('is asked first, like a change to that, and may act so only on a yes', async () => {
    let decision = 'reject';
    const { server, forms } = await withPerson('sdk-2-modern', () => accept({ decision }));
    for (const approval of [{ require_approval: false }, { auto_approve: ['email_message'] }])
      expect((await server.call('create_agent', acting(approval))).agent.approval.unasked.granted).toBe(false);
    expect(forms[1]?.message).toContain('does this without asking: email');
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
    await server.call('create_agent', acting({ require_approval: false, min_proof: 'human' }));
    const broken = acting({ require_approval: false }, { monitoring: { filter: { $where: '1' } } });
    expect(await server.refusal('create_agent', broken)).toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(forms).toEqual([]);
    await server.close();
  });
});

describe('an action that no form can show whole', () => {
  it('is refused with the terminal alone, by a client with forms and by one without', async () => {
    const long = { type: 'email_message', params: { subject: 'Long', message: 'All of it matters. '.repeat(500) } };
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    const { at } = await waits(server, long, {}, 'assistant');
    const plain = await startServer({ home: server.home });
    for (const connection of [server, plain]) {
      const { code, message } = await connection.refusal('approve_action', await connection.shown(at));
      expect(code).toBe('FORBIDDEN');
      expect(message).toMatch(/countersign\.js review --home \S+` in a terminal/);
      expect(message).not.toContain('the forms of Countersign');
    }
    expect(forms).toEqual([]);
    await plain.close();
    await server.close();
  });
});

describe('deleting an agent that demands a proof', () => {
  const MADE_AGAIN = {
    name: 'Careful',
    playbook: { rules: [{ name: 'all', propose: [NOTE] }] },
    capabilities: ['notes'],
  };

  it.each(ERAS)('is asked first, and done only on a yes, %s', async (era) => {
    let answer: unknown = accept({ decision: 'reject' });
    const { server, forms } = await withPerson(era, () => answer);
    const { agent } = await waits(server, NOTE, { name: 'Careful', approval: { min_proof: 'elicited' } });
    for (answer of [{ action: 'decline' }, answer])
      expect(await server.refusal('delete_agent', { agent_id: 'Careful' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms[0]?.message).toContain('agent "Careful" is deleted for good, with its runs');
    expect((await server.call('list_pending_actions')).total).toBe(1);
    answer = accept({ decision: 'approve' });
    expect(await server.call('delete_agent', { agent_id: agent.id })).toMatchObject({ actions_cancelled: 1 });
    await server.close();
  });

  it('is refused to a client without forms, and to a form where a terminal is demanded', async () => {
    const plain = await startServer({});
    await plain.call('create_agent', { ...MADE_AGAIN, approval: { min_proof: 'elicited' } });
    expect(await plain.refusal('delete_agent', { agent_id: 'Careful' })).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(/agent "Careful" is deleted for good.*archived/),
      details: {
        needed: 'elicited',
        given: 'client',
        ways: ['open_desk', expect.stringMatching(/countersign\.js review --home /)],
      },
    });
    expect((await plain.call('list_agents')).total).toBe(1);
    await plain.close();
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    await server.call('create_agent', { ...MADE_AGAIN, approval: { min_proof: 'human' } });
    const refused = { code: 'FORBIDDEN', details: { needed: 'human', given: 'elicited' } };
    expect(await server.refusal('delete_agent', { agent_id: 'Careful' })).toMatchObject(refused);
    expect(forms).toEqual([]);
    await server.close();
  });

  it('asks nothing where no proof is demanded', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'reject' }));
    await server.call('create_agent', { ...MADE_AGAIN, approval: { min_proof: 'client' } });
    expect(await server.call('delete_agent', { agent_id: 'Careful' })).toMatchObject({ runs_deleted: 0 });
    expect(forms).toEqual([]);
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
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject(refused);
    const shown = await server.call('list_pending_actions', { run_id });
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: shown.review_token }),
    ).toMatchObject({
      decided: 0,
      next: expect.stringMatching(
        /^Skipped rows that the person decides on: 1\. Tell them to open the desk, a page in their browser /,
      ),
      skipped: [
        {
          contact_id: 'p',
          needed: 'elicited',
          reason: 'your assistant thought up this email itself, so you approve it yourself',
        },
      ],
    });
    for (const changes of [
      { approval: { require_approval: false } },
      { approval: { auto_approve: ['email_message', 'note'] } },
    ])
      expect(await server.refusal('update_agent', { agent_id: agent.id, changes })).toMatchObject(refused);
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    expect((await server.call('reject_action', at)).action.status).toBe('rejected');
    await server.close();
  });

  it('may, where the person said in so many words that the client is trusted', async () => {
    const { server, forms } = await withPerson('sdk-1', () => ({ action: 'decline' }), TRUSTING);
    const { at } = await waits(server, NOTE, {}, 'assistant');
    expect((await server.call('approve_action', await server.shown(at))).action).toMatchObject({
      status: 'executed',
      decided_via: 'client',
    });
    expect(forms).toEqual([]);
    await server.close();
  });

  it('is asked by form all the same where the agent itself demands it, one action and in bulk', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }), TRUSTING);
    const { at } = await waits(server, NOTE, { approval: { min_proof: 'elicited' } });
    expect((await server.call('approve_action', await server.shown(at))).action.decided_via).toBe('elicited');
    await waits(server, NOTE, { approval: { min_proof: 'elicited' } }, 'rules', ['q']);
    const { review_token } = await server.call('list_pending_actions');
    expect(await server.call('review_actions', { decision: 'approve', review_token })).toEqual({
      decided: 1,
      skipped: [],
    });
    expect(forms).toHaveLength(2);
    await server.close();
  });

  it('has no form do for a person at the terminal', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    const { at } = await waits(server, NOTE, { approval: { min_proof: 'human' } });
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({
      code: 'FORBIDDEN',
      details: { needed: 'human', ways: ['open_desk', expect.stringMatching(/countersign\.js review --home /)] },
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
