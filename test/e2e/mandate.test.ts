import { describe, expect, it } from 'vitest';
import { accept, EMAIL, type Form, textIn } from '../support/person.ts';
import { type Connection, type StartOptions, startServer } from '../support/server.ts';
import { codeOn, MENU, openReview } from '../support/terminal.ts';

const RULES = { rules: [{ name: 'all', propose: [EMAIL] }] };
const UNASKED = { require_approval: false };

async function aServer(options: StartOptions = {}): Promise<Connection> {
  const server = await startServer(options);
  await server.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com', plan: 'trial' }] });
  return server;
}

/** An agent that writes an email to everybody, by its own settings without asking. */
function unasked(server: Connection, more: object = {}) {
  const agent = { name: 'Ada', capabilities: ['email', 'notes'], playbook: RULES, approval: UNASKED };
  return server.call('create_agent', { ...agent, ...more });
}

/** The one action of a new run. */
async function acted(server: Connection, agent_id: string) {
  const { run_id } = await server.call('trigger_agent', { agent_id, wait_seconds: 10 });
  const { run } = await server.call('get_run', { run_id, wait_seconds: 10 });
  const [{ proposed_actions, blocked_actions }] = run.contact_results;
  return proposed_actions[0] ?? blocked_actions[0];
}

const waiting = (server: Connection) => server.call('list_pending_actions');

describe('an agent that would act unasked', () => {
  it('is made without a form where the client draws none, and waits for a person until the terminal allows it', async () => {
    const server = await aServer();
    const { agent, change_id, warnings } = await unasked(server, { monitoring: { filter: { plan: 'trial' } } });
    expect(agent.approval.unasked).toEqual({ types: ['email_message', 'note'], granted: false, earned: [] });
    expect(warnings.join()).toContain(change_id);
    expect(await acted(server, agent.id)).toMatchObject({ status: 'pending_approval' });
    const { changes, changes_total } = await waiting(server);
    expect(changes_total).toBe(1);
    expect(changes).toEqual([
      {
        ...{ change_id, agent_id: agent.id, needs: 'elicited', before: {} },
        what: ['agent "Ada" does this without asking: email'],
        after: expect.objectContaining({ 'approval.require_approval': false, 'monitoring.filter': { plan: 'trial' } }),
        ...{ asked_at: expect.any(String), asked_by: expect.any(String), lapses_at: expect.any(String) },
      },
    ]);
    const terminal = openReview(server.home);
    const [screen] = await terminal.until(/Change 1 of 1[\s\S]*\[q\]uit >/);
    for (const words of [
      'Does without asking you',
      'email, note',
      '{"plan":"trial"} (1 now)',
      'whenever it is started',
    ])
      expect(screen.replace(/\s+│?\s*/g, ' ')).toContain(words);
    expect(screen).not.toMatch(/elicited|client|digest|mandate/);
    terminal.type('a');
    terminal.type(await codeOn(terminal));
    await terminal.until('Allowed');
    terminal.type('q');
    expect(await terminal.exit).toBe(0);
    expect((await server.call('get_agent', { agent_id: agent.id })).agent.approval.unasked).toMatchObject({
      granted: true,
      granted_via: 'human',
      granted_at: expect.any(String),
    });
    expect((await waiting(server)).changes).toEqual([]);
    await server.close();
  });

  it('acts unasked once a person allowed it by the form, which shows what it will do', async () => {
    const forms: Form[] = [];
    const onForm = (form: Form) => {
      forms.push(form);
      return accept({ decision: 'approve' });
    };
    const server = await aServer({ onForm });
    const { agent, change_id } = await unasked(server);
    expect(change_id).toBeUndefined();
    expect(agent.approval.unasked).toMatchObject({ granted: true, granted_via: 'elicited' });
    for (const words of [
      '▸ Does without asking you: email, note',
      '▸ To: every contact (1 now)',
      'Rule 1',
      'there was none',
    ])
      expect(textIn(forms[0])).toContain(words);
    expect(await acted(server, agent.id)).toMatchObject({ auto_approved: true, decided_via: 'policy' });
    await server.close();
  });

  it('is made all the same after a declined form, and may not act unasked', async () => {
    const server = await aServer({ onForm: () => ({ action: 'decline' }) });
    const { agent, change_id } = await unasked(server);
    expect(change_id).toMatch(/^ch_/);
    expect(await acted(server, agent.id)).toMatchObject({ status: 'pending_approval' });
    await server.close();
  });

  it.each([
    ['its filter', { changes: { monitoring: { filter: { plan: 'paid' } } } }, 'monitoring.filter'],
    [
      'its rules',
      { changes: { playbook: { rules: [...RULES.rules, { name: 'more', propose: [] }] } } },
      'playbook.rules',
    ],
    ['its schedule', { changes: { monitoring: { schedule_cron: '0 9 * * 1' } } }, 'monitoring.schedule_cron'],
    ['a cleared limit', { clear: ['limits.cooldown_days'] }, 'limits.cooldown_days'],
    ['a capability', { changes: { capabilities: ['email', 'notes', 'linkedin'] } }, 'capabilities'],
    ['a template', { changes: { playbook_template: 'cold_outreach' } }, 'playbook_template'],
  ])('loses its permission with a change of %s, also when it is changed back', async (_, change, path) => {
    const server = await aServer({ onForm: () => accept({ decision: 'approve' }) });
    const { agent } = await unasked(server, { limits: { cooldown_days: 1 } });
    const args = { agent_id: agent.id, ...change };
    const changed = await server.call('update_agent', args);
    expect(changed.agent.approval.unasked.granted).toBe(false);
    expect(changed.warnings.join()).toContain('that permission has ended');
    const { changes } = await waiting(server);
    expect(changes).toMatchObject([{ change_id: changed.change_id, agent_id: agent.id }]);
    expect(Object.keys({ ...changes[0].before, ...changes[0].after })).toContain(path);
    const back = await server.call('update_agent', { agent_id: agent.id, restore_version: 1 });
    expect(back.agent.approval.unasked.granted).toBe(false);
    expect(await acted(server, agent.id)).toMatchObject({ status: 'pending_approval' });
    expect((await waiting(server)).changes_total).toBe(1);
    await server.close();
  });

  it('keeps its permission through a change of what is harmless', async () => {
    const server = await aServer({ onForm: () => accept({ decision: 'approve' }) });
    const { agent } = await unasked(server);
    const changes = {
      name: 'Ada Two',
      description: 'new',
      tags: ['a'],
      language: 'nl',
      approval: { min_proof: 'elicited' },
    };
    const changed = await server.call('update_agent', { agent_id: agent.id, changes });
    expect(changed.agent.approval.unasked.granted).toBe(true);
    const stricter = await server.call('update_agent', {
      agent_id: agent.id,
      changes: { approval: { min_proof: 'human' } },
    });
    expect(stricter.agent.approval.unasked.granted).toBe(false);
    await server.close();
  });

  it('loses it when it is revived from the archive', async () => {
    const server = await aServer({ onForm: () => accept({ decision: 'approve' }) });
    const { agent } = await unasked(server);
    const set = (status: string) => server.call('update_agent', { agent_id: agent.id, changes: { status } });
    expect((await set('archived')).agent.approval.unasked.granted).toBe(true);
    expect((await set('active')).agent.approval.unasked.granted).toBe(false);
    await server.close();
  });

  it('loses it with every other agent of an identity that changes: one row restores all', async () => {
    const server = await aServer({ onForm: () => accept({ decision: 'approve' }) });
    const sender = { name: 'Maya', email: 'maya@sender.example' };
    const { identity } = await server.call('save_identity', sender);
    const more = { identity_id: identity.id };
    const [one, two] = [await unasked(server, more), await unasked(server, { ...more, name: 'Bo' })];
    const args = { ...sender, email: 'eve@sender.example', identity_id: identity.id };
    const saved = await server.call('save_identity', args);
    expect(saved.warnings.join()).toMatch(/"Ada".*"Bo"|"Bo".*"Ada"/);
    const { changes } = await waiting(server);
    expect(changes).toMatchObject([
      { identity_id: identity.id, before: { 'identity.email': sender.email }, after: { 'identity.email': args.email } },
    ]);
    expect(changes[0].what).toHaveLength(2);
    expect((await server.call('list_pending_actions', { agent_id: two.agent.id })).changes_total).toBe(1);
    const terminal = openReview(server.home);
    await terminal.until(MENU);
    terminal.type('a');
    terminal.type(await codeOn(terminal));
    await terminal.until('changes allowed 1, declined 0');
    for (const { agent } of [one, two])
      expect((await server.call('get_agent', { agent_id: agent.id })).agent.approval.unasked.granted).toBe(true);
    await server.close();
  });

  it('waits in a process that needs more than what it was granted by', async () => {
    const server = await aServer({ onForm: () => accept({ decision: 'approve' }) });
    const { agent } = await unasked(server);
    const strict = await startServer({ home: server.home, env: { COUNTERSIGN_MIN_PROOF: 'human' } });
    expect(await acted(strict, agent.id)).toMatchObject({ status: 'pending_approval' });
    await strict.close();
    await server.close();
  });
});

describe('update_agent that lets something happen unasked', () => {
  const loosen = (agent_id: string) => ({ agent_id, changes: { description: 'new', approval: UNASKED } });

  it('waits whole where the client draws no form, once however often it is asked, and is made exactly in the terminal', async () => {
    const server = await aServer();
    const { agent } = await unasked(server, { approval: {} });
    const refusal = await server.refusal('update_agent', loosen(agent.id));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.stringMatching(/^ch_/) } });
    const again = await server.refusal('update_agent', loosen(agent.name));
    expect(again.details?.change_id).toBe(refusal.details?.change_id);
    const kept = await server.call('get_agent', { agent_id: agent.id });
    expect(kept.agent).toMatchObject({ version: 1, approval: { require_approval: true, unasked: { types: [] } } });
    expect(kept.agent.description).toBeUndefined();
    const { changes } = await waiting(server);
    expect(changes).toMatchObject([{ after: { description: 'new', 'approval.require_approval': false } }]);
    const terminal = openReview(server.home);
    await terminal.until(MENU);
    terminal.type('a');
    terminal.type(await codeOn(terminal));
    await terminal.until('changes allowed 1');
    const made = await server.call('get_agent', { agent_id: agent.id });
    expect(made.agent).toMatchObject({ version: 2, description: 'new', approval: { unasked: { granted: true } } });
    expect(await acted(server, agent.id)).toMatchObject({ auto_approved: true });
    await server.close();
  });

  it('changes nothing where the person declines in the terminal', async () => {
    const server = await aServer();
    const { agent } = await unasked(server, { approval: {} });
    await server.refusal('update_agent', loosen(agent.id));
    const terminal = openReview(server.home);
    await terminal.until(MENU);
    terminal.type('d');
    await terminal.until('changes allowed 0, declined 1');
    expect((await server.call('get_agent', { agent_id: agent.id })).agent.version).toBe(1);
    expect((await waiting(server)).changes).toEqual([]);
    await server.close();
  });

  it('holds once the form is approved, waits where the form is declined, and is gone where the person rejects', async () => {
    let answer: unknown = { action: 'decline' };
    const server = await aServer({ onForm: () => answer });
    const { agent } = await unasked(server, { approval: {} });
    const refusal = await server.refusal('update_agent', loosen(agent.id));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.any(String) } });
    expect((await waiting(server)).changes_total).toBe(1);
    answer = accept({ decision: 'reject' });
    const no = await server.refusal('update_agent', loosen(agent.id));
    expect(no).toMatchObject({ code: 'FORBIDDEN' });
    expect(no.details?.change_id).toBeUndefined();
    expect((await waiting(server)).changes_total).toBe(0);
    answer = accept({ decision: 'approve' });
    const { agent: changed } = await server.call('update_agent', loosen(agent.id));
    expect(changed.approval.unasked).toMatchObject({ granted: true, granted_via: 'elicited' });
    await server.close();
  });

  it('lapses when what the agent would do has moved on, and not when it is only renamed', async () => {
    const server = await aServer();
    const { agent } = await unasked(server, { approval: {} });
    await server.refusal('update_agent', loosen(agent.id));
    await server.call('update_agent', { agent_id: agent.id, changes: { name: 'Renamed' } });
    expect((await waiting(server)).changes_total).toBe(1);
    await server.call('update_agent', { agent_id: agent.id, changes: { limits: { cooldown_days: 2 } } });
    expect((await waiting(server)).changes_total).toBe(0);
    await server.close();
  });
});
