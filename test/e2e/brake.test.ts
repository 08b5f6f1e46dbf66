import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { aPerson, twoProcesses } from '../support/braked.ts';
import { finished } from '../support/model-scene.ts';
import { accept } from '../support/person.ts';
import { BUNDLE, baseEnv, type Connection, startServer, temporaryHome } from '../support/server.ts';

const ON = { on: true, reason: 'A customer complained' };

async function bulk(server: Connection, run_id: string, decision = 'approve') {
  const { review_token } = await server.call('list_pending_actions', { run_id, limit: 100 });
  return server.call('review_actions', { decision, review_token });
}

function exported(home: string) {
  const text = execFileSync(process.execPath, [BUNDLE, 'audit', '--export', 'jsonl'], { env: baseEnv(home) });
  return text
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('while the brake is on', () => {
  it('what is approved, alone or in bulk, waits in every process; afterwards each goes once', async () => {
    const { worker, person, mail, hook, run_id, actions, statuses } = await twoProcesses();
    const { brake } = await person.call('set_brake', ON);
    expect(brake).toMatchObject({ ...ON, by: expect.stringContaining('test-sdk-1'), since: expect.any(String) });
    const first = await worker.shown({ run_id, contact_id: 'p', action_index: 0 });
    const { action } = await worker.call('approve_action', first);
    expect(action).toMatchObject({ status: 'approved', decided_via: 'client' });
    expect(await bulk(worker, run_id)).toMatchObject({ decided: 7 });
    expect(await statuses()).toEqual(['approved']);
    expect([mail.connections(), hook.connections()]).toEqual([0, 0]);
    expect((await worker.call('get_contact', { contact_id: 'p' })).notes).toEqual([]);
    expect((await person.call('set_brake', { on: false })).brake).toMatchObject({ on: false });
    await expect.poll(statuses, { timeout: 30_000 }).toEqual(['executed']);
    expect(mail.mails.map(({ to }) => to[0]).sort()).toEqual(['p@example.com', 'q@example.com']);
    expect(hook.requests).toHaveLength(2);
    for (const contact_id of ['p', 'q']) {
      const { contact, notes } = await worker.call('get_contact', { contact_id });
      expect([contact.tier, notes.length]).toEqual(['gold', 1]);
    }
    expect((await actions())[0]).toMatchObject({ decided_via: 'client' });
  });

  it('an agent that acts unasked does nothing, and its actions go afterwards', async () => {
    const { worker, person, agent, home, env } = await twoProcesses([]);
    const { agent: unasked } = await person.call('create_agent', {
      name: 'Unasked',
      llm_config: { provider: 'assistant' },
      playbook: { playbook_md: 'Note something.' },
      capabilities: ['notes'],
      approval: { require_approval: false },
    });
    expect(agent.id).not.toBe(unasked.id);
    const { run_id } = await worker.call('trigger_agent', { agent_id: unasked.id });
    const { evaluation } = await worker.call('next_evaluation', { run_id });
    const other = await startServer({ home, env });
    await other.call('set_brake', { on: true });
    await other.close();
    const answer = await worker.call('submit_evaluation', {
      ...{ run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'r' },
      proposed_actions: [{ type: 'note', params: { body: 'Seen' } }],
    });
    // The contact in hand is answered, and no other is handed out.
    expect(answer).toMatchObject({ accepted: 1, remaining: 1, done: false, next: expect.stringContaining('brake') });
    expect(answer).not.toHaveProperty('evaluation');
    const statusNow = async () => (await finished(worker, run_id)).contact_results[0].proposed_actions[0].status;
    expect(await worker.call('get_contact', { contact_id: evaluation.contact_id })).toMatchObject({ notes: [] });
    await person.call('set_brake', { on: false });
    await expect.poll(statusNow, { timeout: 30_000 }).toBe('executed');
  });

  it('nothing is begun: trigger_agent, next_evaluation and chats are a CONFLICT that names set_brake', async () => {
    const { worker, agent, run_id, hook } = await twoProcesses();
    await worker.call('set_brake', ON);
    for (const [tool, args] of [
      ['trigger_agent', { agent_id: agent.id }],
      ['trigger_agent', { agent_id: agent.id, dry_run: true }],
      ['next_evaluation', { run_id }],
      ['chat_with_agent', { agent_id: agent.id, message: 'Hello' }],
    ] as const) {
      const error = await worker.refusal(tool, args);
      expect(error, tool).toMatchObject({ code: 'CONFLICT', details: { brake: { on: true, reason: ON.reason } } });
      expect(error.message, tool).toContain('set_brake');
    }
    expect((await worker.call('list_runs')).total).toBe(1);
    // Reading, rejecting and authoring go on.
    const at = { run_id, contact_id: 'p', action_index: 1 };
    expect((await worker.call('reject_action', at)).action).toMatchObject({ status: 'rejected' });
    await worker.call('update_agent', { agent_id: agent.id, changes: { description: 'Stopped for now' } });
    expect(hook.connections()).toBe(0);
  });

  it('a failed attempt that is retried waits too', async () => {
    const { worker, person, run_id, hook, statuses } = await twoProcesses([
      { type: 'webhook', params: { payload: { n: 1 } } },
    ]);
    await hook.close();
    await bulk(worker, run_id);
    await expect.poll(statuses, { timeout: 60_000 }).toEqual(['failed']);
    await person.call('set_brake', ON);
    const retry = await worker.shown({ run_id, contact_id: 'p', action_index: 0 });
    const { action } = await worker.call('settle_action', { ...retry, outcome: 'retry' });
    expect(action).toMatchObject({ status: 'approved' });
  });

  it('every success says so first, in every process, and a resource still equals its tool', async () => {
    const { worker, person } = await twoProcesses();
    await worker.call('list_pending_actions');
    await person.call('set_brake', ON);
    for (const server of [worker, person]) {
      const told = await server.call('list_agents');
      expect(Object.keys(told)[0]).toBe('notice');
      expect(told.notice).toMatch(/^The brake is on since .*"A customer complained".*set_brake/);
    }
    const contact = await worker.call('get_contact', { contact_id: 'p' });
    expect(await worker.resource('countersign://contacts/p')).toEqual(contact);
    await person.call('set_brake', { on: false });
    expect(await worker.call('list_agents')).not.toHaveProperty('notice');
  });
});

describe('taking the brake off', () => {
  it('needs a form, whatever COUNTERSIGN_MIN_PROOF says: without one it is refused with ways that exist', async () => {
    for (const proof of ['client', 'elicited', 'human']) {
      const home = temporaryHome();
      const plain = await startServer({ home, env: { COUNTERSIGN_MIN_PROOF: proof } });
      await plain.call('set_brake', ON);
      const error = await plain.refusal('set_brake', { on: false });
      expect(error).toMatchObject({ code: 'FORBIDDEN', details: { needed: 'elicited' } });
      expect(error.message).toContain('countersign.js resume --home ');
      expect(error.message).not.toContain('COUNTERSIGN_');
      expect((await plain.call('list_agents')).notice).toContain('The brake is on');
      await plain.close();
    }
  });

  it('is decided by approve alone: each other answer leaves it on', async () => {
    const home = temporaryHome();
    const answers: unknown[] = [
      { action: 'decline' },
      { action: 'cancel' },
      accept({}),
      accept({ decision: 'leave it waiting' }),
      accept({ decision: 'reject' }),
    ];
    const texts: string[] = [];
    const person = await aPerson(home, { COUNTERSIGN_MIN_PROOF: 'client' }, ({ message, requestedSchema }) => {
      texts.push(`${message}\n${requestedSchema.properties.decision.description}`);
      return answers.shift() ?? accept({ decision: 'approve' });
    });
    await person.call('set_brake', ON);
    for (let left = answers.length; left > 0; left--)
      expect(await person.refusal('set_brake', { on: false })).toMatchObject({ code: 'FORBIDDEN' });
    expect((await person.call('set_brake', { on: true })).brake).toMatchObject(ON);
    expect((await person.call('set_brake', { on: false })).brake).toMatchObject({ on: false });
    expect(texts[0]).toMatch(/^Take the brake off\?[\s\S]*A customer complained[\s\S]*approve/);
    // Off already: nobody has to be asked.
    expect((await person.call('set_brake', { on: false })).brake).toMatchObject({ on: false });
    expect(texts).toHaveLength(6);
  });

  it('stands in the decision log, as does putting it on, with who and how', async () => {
    const home = temporaryHome();
    const person = await aPerson(home);
    await person.call('set_brake', ON);
    await person.call('set_brake', { on: true });
    await person.call('set_brake', { on: false });
    expect(exported(home)).toMatchObject([
      { decision: 'paused', via: 'client', client: 'test-sdk-1 1.2.3' },
      { decision: 'resumed', via: 'elicited', client: 'test-sdk-1 1.2.3' },
    ]);
    const audit = execFileSync(process.execPath, [BUNDLE, 'audit'], { env: baseEnv(home), encoding: 'utf8' });
    expect(audit).toMatch(/paused 1, resumed 1[\s\S]*whole/);
  });

  it('looks at what was approved again: what moved meanwhile goes back to review', async () => {
    const { worker, person, run_id, mail, actions } = await twoProcesses([
      { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } },
    ]);
    await person.call('set_brake', ON);
    await bulk(worker, run_id);
    await worker.call('import_contacts', { contacts: [{ id: 'p', do_not_email: true }] });
    await person.call('set_brake', { on: false });
    const byStatus = async () => (await actions()).map(({ status }: { status: string }) => status).sort();
    await expect.poll(byStatus, { timeout: 30_000 }).toEqual(['executed', 'pending_approval']);
    expect(mail.mails.map(({ to }) => to[0])).toEqual(['q@example.com']);
  });
});
