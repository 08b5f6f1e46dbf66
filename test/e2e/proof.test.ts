import { describe, expect, it, onTestFinished } from 'vitest';
import { accept, EMAIL, NOTE, textIn, waits, withPerson } from '../support/person.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { ERAS, startServer } from '../support/server.ts';

const CLOCK = new URL('../support/shifted-clock.mjs', import.meta.url).href;

describe.each(ERAS)('a form, %s', (era) => {
  it('shows the action as its recipient will see it, and approves what was shown', async () => {
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }));
    const { at } = await waits(server, EMAIL, {}, 'assistant');
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({ status: 'executed', decided_via: 'elicited', source: 'assistant' });
    expect(forms).toHaveLength(1);
    const [form] = forms;
    const head = form?.message.split('\n') ?? [];
    expect(head).toEqual([
      expect.stringMatching(/^Approve this email\? Agent "Agent .*"$/),
      'To: pat@example.com',
      'Subject: Hello ⟨U+200B⟩Pat',
    ]);
    const text = textIn(form);
    expect(text.split('\n')[0]).toBe('▸ To: pat@example.com');
    expect(text).toContain('▸ Subject: Hello ⟨U+200B⟩Pat\n');
    expect(text).toContain('▸ Message:\n  Line one\n  Line two\n');
    expect(text).toContain('Lee⟨U+202E⟩');
    expect(form?.requestedSchema).toMatchObject({
      required: ['decision'],
      properties: { decision: { type: 'string', enum: ['leave it waiting', 'approve', 'reject'] } },
    });
    expect(Object.keys(form?.requestedSchema.properties)).toEqual(['decision']);
    expect(form?.requestedSchema.properties.decision).not.toHaveProperty('default');
    await server.close();
  });

  it.each([
    ['left waiting', accept({ decision: 'leave it waiting' }), false],
    ['declined', { action: 'decline' }, true],
    ['cancelled', { action: 'cancel' }, true],
    ['empty', accept({}), true],
    ['answered with something else', accept({ decision: 'yes', confirm: true }), true],
  ])('that is %s decides nothing, and says where the person may not have seen it', async (_, answer, mayBeUnseen) => {
    const { server, forms } = await withPerson(era, () => answer);
    const { at, run_id } = await waits(server, NOTE);
    const refusal = await server.refusal('approve_action', await server.shown(at));
    expect(refusal).toMatchObject({
      code: 'FORBIDDEN',
      details: { ways: expect.arrayContaining([expect.stringMatching(/countersign\.js review --home /)]) },
    });
    expect(refusal.message.includes('without showing the form')).toBe(mayBeUnseen);
    expect(forms).toHaveLength(1);
    const { actions, review_token } = await server.call('list_pending_actions', { run_id });
    expect(actions).toMatchObject([{ status: 'pending_approval' }]);
    expect(await server.refusal('review_actions', { decision: 'approve', review_token })).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });

  it('takes a person’s no', async () => {
    const { server } = await withPerson(era, () => accept({ decision: 'reject' }));
    const { at } = await waits(server, NOTE);
    expect((await server.call('approve_action', await server.shown(at))).action).toMatchObject({
      status: 'rejected',
      decided_via: 'elicited',
    });
    await server.close();
  });

  it('shows an edit as edited, and every row of a bulk decision', async () => {
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }));
    const { at } = await waits(server, EMAIL);
    await server.call(
      'approve_action',
      await server.shown({ ...at, params: { subject: 'Edited', message: 'New text' } }),
    );
    expect(forms[0]?.message).toContain('Subject: Edited');
    expect(textIn(forms[0])).toContain('▸ Message: New text\n');
    const { run_id } = await waits(server, NOTE, {}, 'assistant', ['p', 'q']);
    const { review_token } = await server.call('list_pending_actions', { run_id });
    expect(await server.call('review_actions', { decision: 'approve', review_token })).toMatchObject({ decided: 2 });
    expect(forms[1]?.message).toContain('Approve all 2, or reject them? note');
    expect(textIn(forms[1])).toContain('▸ 1 of 2: note\n▸ Contact: Pat');
    expect(textIn(forms[1])).toContain('▸ 2 of 2: note\n▸ Contact: Quinn');
    const { run } = await server.call('get_run', { run_id });
    expect(run.contact_results[1].proposed_actions[0]).toMatchObject({ status: 'executed', decided_via: 'elicited' });
    await server.close();
  });

  it('asks before a change that loosens, and obeys', async () => {
    let decision = 'reject';
    const { server, forms } = await withPerson(era, () => accept({ decision }));
    const { agent } = await waits(server, NOTE);
    const loosen = { agent_id: agent.id, changes: { approval: { auto_approve: ['email_message'] } } };
    expect(await server.refusal('update_agent', loosen)).toMatchObject({ code: 'FORBIDDEN' });
    expect(forms[0]?.message).toContain('does this without asking: email');
    decision = 'approve';
    expect((await server.call('update_agent', loosen)).agent.approval.auto_approve).toEqual(['email_message']);
    await server.call('update_agent', { agent_id: agent.id, changes: { description: 'harmless' } });
    expect(forms).toHaveLength(2);
    await server.close();
  });
});

describe('an answer', () => {
  it('in words of the person’s own decides nothing, and the model is told the words', async () => {
    const { server } = await withPerson('sdk-1', () => accept({ decision: 'Shorter, please.\nAnd friendlier' }));
    const { at, run_id } = await waits(server, EMAIL);
    const { code, message } = await server.refusal('approve_action', await server.shown(at));
    expect(code).toBe('FORBIDDEN');
    expect(message).toContain(
      'came back with "Shorter, please. ⏎ And friendlier", which is neither approve nor reject',
    );
    const loosen = { agent_id: (await server.call('list_agents')).agents[0].id };
    const refusal = await server.refusal('update_agent', {
      ...loosen,
      changes: { approval: { auto_approve: ['email_message'] } },
    });
    expect(refusal.message).toContain('"Shorter, please. ⏎ And friendlier", which is neither approve nor reject. ');
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });

  it('that picks a row of a list decides nothing', async () => {
    const { server } = await withPerson(
      'sdk-2-modern',
      () => accept({ decision: 'row 1 of the text' }),
      {},
      { client: 'claude-code' },
    );
    const { at } = await waits(server, NOTE);
    const refusal = await server.refusal('approve_action', await server.shown(at));
    expect(refusal).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('neither approve nor reject'),
    });
    await server.close();
  });

  /** A form whose call has ended with it, and what a process says of its answer whose clock is some hours ahead. */
  async function answeredLater() {
    const { server } = await withPerson('sdk-2-modern', () => accept({ decision: 'approve' }));
    onTestFinished(() => server.close());
    const { at } = await waits(server, NOTE);
    const yes = await server.shown(at);
    const { requestState } = await server.exchange('approve_action', yes, {});
    const round = { requestState, inputResponses: { decision: accept({ decision: 'approve' }) } };
    return async (hours: number) => {
      const later = await startServer({
        ...{ home: server.home, era: 'sdk-2-modern', onForm: () => ({ action: 'decline' }) },
        env: { NODE_OPTIONS: `--import ${CLOCK}`, SHIFT_CLOCK_MS: String(hours * 3_600_000) },
      });
      onTestFinished(() => later.close());
      return later.exchange('approve_action', yes, round);
    };
  }

  it('counts hours later where its call ended with the form', async () => {
    const answer = await answeredLater();
    expect(await answer(23)).toMatchObject({
      structuredContent: { action: { status: 'executed', decided_via: 'elicited' } },
    });
  });

  onlyJson('in a database its clock decides: wrong-clock.postgres.test.ts').it(
    'counts no longer after a day',
    async () => {
      const answer = await answeredLater();
      await expect(answer(25)).rejects.toMatchObject({ code: -32602 });
    },
  );

  it('is for what was shown: a change in the meantime undoes it', async () => {
    const changer = { change: async () => undefined as unknown };
    const { server } = await withPerson('sdk-1', async () => {
      await changer.change();
      return accept({ decision: 'approve' });
    });
    const other = await startServer({ home: server.home });
    changer.change = () => other.call('import_contacts', { contacts: [{ id: 'p', email: 'else@example.com' }] });
    const { at, run_id } = await waits(server, EMAIL);
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({ code: 'CONFLICT' });
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
    const bare = await server.exchange('approve_action', await server.shown(at), answer);
    expect(bare).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) });
    const { requestState } = bare;
    await expect(
      server.exchange('approve_action', await server.shown(at), {
        ...answer,
        requestState: `${requestState.slice(0, -4)}AAAA`,
      }),
    ).rejects.toMatchObject({ code: -32602 });
    const elsewhere = await server.exchange('approve_action', await server.shown({ ...at, note: 'other' }), {
      ...answer,
      requestState,
    });
    expect(elsewhere).toMatchObject({ isError: true });
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);

    const again = await server.exchange('approve_action', await server.shown(at), {});
    const good = { ...answer, requestState: again.requestState };
    const yes = await server.shown(at);
    const both = await Promise.all([
      server.exchange('approve_action', yes, good),
      other.exchange('approve_action', yes, good),
    ]);
    expect(both.filter((each) => !each.isError)).toHaveLength(1);
    expect((await server.call('get_run', { run_id })).run.summary).toMatchObject({ actions_executed: 1 });
    expect(await other.exchange('approve_action', await other.shown(at), good)).toMatchObject({ isError: true });
    await other.close();
    await server.close();
  });
});
