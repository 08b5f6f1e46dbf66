import fs from 'node:fs';
import os from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, ERAS, startServer } from '../support/server.ts';

const open: Connection[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

async function start(options: Parameters<typeof startServer>[0]): Promise<Connection> {
  const connection = await startServer(options);
  open.push(connection);
  return connection;
}

const EMAIL_RULE = {
  name: 'pricing twice',
  when: { events: [{ match: { type: 'page', 'properties.path': '/pricing' }, within: '7d', at_least: 2 }] },
  propose: [
    {
      type: 'email_message',
      params: {
        subject: 'Hello {{ contact.firstname }}',
        message: 'Hi {{ contact.firstname }}, a question about pricing?',
      },
    },
    { type: 'note', params: { body: 'Looked at pricing {{ events.size }} times' } },
  ],
  reasoning: '{{ contact.firstname }} looked at pricing {{ events.size }} times',
};

function visits(...ids: string[]): object[] {
  return ids.flatMap((contact_id) =>
    [1, 2].map((hours) => ({
      contact_id,
      type: 'page',
      properties: { path: '/pricing' },
      timestamp: new Date(Date.now() - hours * 3_600_000).toISOString(),
    })),
  );
}

const CONTACTS = [
  { id: 'a', email: 'ada@example.com', firstname: 'Ada' },
  { id: 'b', email: 'bo@example.com', firstname: 'Bo' },
  { id: 'c', email: 'cy@example.com', firstname: 'Cy' },
  { id: 'd', email: 'di@example.com', firstname: 'Di', do_not_email: true },
  { id: 'e', email: 'ed@example.com', firstname: 'Ed' },
];

function sum(summary: Record<string, number>): number {
  const {
    actions_pending_approval = 0,
    actions_approved = 0,
    actions_auto_approved = 0,
    actions_rejected = 0,
    actions_expired = 0,
    actions_cancelled = 0,
  } = summary;
  return (
    actions_pending_approval +
    actions_approved +
    actions_auto_approved +
    actions_rejected +
    actions_expired +
    actions_cancelled
  );
}

describe.each(ERAS)('the whole life of an agent, over stdio, with %s', (era) => {
  it('imports, authors, runs, decides, executes and shows receipts', async () => {
    const server = await start({ era });
    const imported = await server.call('import_contacts', { contacts: CONTACTS, events: visits('a', 'b', 'c', 'd') });
    expect(imported).toMatchObject({ created: 5, events_recorded: 8, error_count: 0 });
    const { identity } = await server.call('save_identity', { name: 'Sam', email: 'sam@acme.example' });
    const { agent, warnings } = await server.call('create_agent', {
      name: 'Pricing',
      capabilities: ['email', 'notes'],
      identity_id: identity.id,
      playbook: { rules: [EMAIL_RULE] },
      // One contact after the other, so that their results have an order.
      llm_config: { concurrency: 1 },
      enabled: true,
    });
    expect(agent).toMatchObject({
      status: 'active',
      version: 1,
      effective_provider: 'rules',
      created_by: expect.stringContaining(os.userInfo().username),
    });
    expect(agent.created_by).toContain(era === 'sdk-1' ? 'test-sdk-1 1.2.3' : 'test-sdk-2 1.2.3');
    expect(warnings).toEqual([expect.stringContaining('limits.cooldown_days is not set')]);

    const dry = await server.call('trigger_agent', { agent_id: 'pricing', dry_run: true });
    expect(dry).toMatchObject({
      status: 'completed',
      summary: { contacts_targeted: 5, actions_proposed: 7, actions_pending_approval: 0, actions_blocked: 1 },
    });
    expect((await server.call('list_pending_actions')).total).toBe(0);

    const run = await server.call('trigger_agent', { agent_id: agent.id });
    expect(run.summary).toMatchObject({
      contacts_evaluated: 5,
      actions_proposed: 7,
      actions_pending_approval: 7,
      actions_blocked: 1,
      errors: 0,
    });
    const full = await server.call('get_run', { run_id: run.run_id });
    expect(full.total).toBe(5);
    expect(full.run.contact_results[0]).toMatchObject({
      contact_id: 'a',
      contact: { firstname: 'Ada' },
      reasoning: 'Ada looked at pricing 2 times',
    });
    expect(full.run.contact_results[3].blocked_actions[0].reason).toContain('do_not_email');

    const pending = await server.call('list_pending_actions', { type: 'email_message' });
    expect(pending.actions.map((row: { to: string }) => row.to)).toEqual([
      'ada@example.com',
      'bo@example.com',
      'cy@example.com',
    ]);
    const [ada, bo, cy] = pending.actions;
    const at = (row: typeof ada) => ({
      run_id: row.run_id,
      contact_id: row.contact_id,
      action_index: row.action_index,
    });

    const approved = (await server.call('approve_action', { ...at(ada), expected_digest: ada.digest })).action;
    expect(approved).toMatchObject({
      status: 'executed',
      decided_via: 'client',
      result: { channel: 'outbox', note: expect.stringContaining('not sent') },
    });
    const mail = fs.readFileSync(approved.result.path, 'utf8');
    expect(mail).toMatch(/^To: .*ada@example\.com/m);
    expect(mail).toMatch(/^Subject: Hello Ada/m);

    const edit = { subject: 'Another subject', message: 'Rewritten by a person' };
    const edited = (await server.call('approve_action', await server.shown({ ...at(bo), params: edit }))).action;
    expect(edited).toMatchObject({ status: 'executed', params: { subject: 'Hello Bo' }, edited_params: edit });
    expect(fs.readFileSync(edited.result.path, 'utf8')).toContain('Rewritten by a person');

    const rejected = (await server.call('reject_action', { ...at(cy), reason: 'We spoke yesterday' })).action;
    expect(rejected).toMatchObject({ status: 'rejected', reason: 'We spoke yesterday' });

    const notes = await server.call('list_pending_actions', { type: 'note' });
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: notes.review_token }),
    ).toMatchObject({ decided: 4, skipped: [] });
    const { run: after } = await server.call('get_run', { run_id: run.run_id, mode: 'summary' });
    expect(after.summary).toMatchObject({
      actions_approved: 6,
      actions_executed: 6,
      actions_rejected: 1,
      actions_pending_approval: 0,
    });
    expect(sum(after.summary)).toBe(after.summary.actions_proposed);

    const contact = await server.call('get_contact', { contact_id: 'a' });
    expect(contact.notes[0].body).toBe('Looked at pricing 2 times');
    expect(contact.recent_actions.map((action: { status: string }) => action.status)).toEqual(['executed', 'executed']);
    expect(contact.unified_profile).toMatchObject({
      event_count: 2,
      top_pages: [{ path: '/pricing', count: 2 }],
      last_contacted_at: approved.executed_at,
    });

    const again = await server.call('trigger_agent', { agent_id: agent.id });
    expect(again.summary.actions_proposed).toBe(0);
    const { run: second } = await server.call('get_run', { run_id: again.run_id, contact_id: 'c' });
    expect(second.contact_results[0].blocked_actions[0].reason).toContain('We spoke yesterday');
  });

  it('serves resources equal to the tools that read the same', async () => {
    const server = await start({ era });
    await server.call('import_contacts', { contacts: [{ id: 'x y/ü', firstname: 'Xi' }] });
    const { agent } = await server.call('create_agent', {
      name: 'Noter',
      capabilities: ['notes'],
      playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'hi' } }] }] },
    });
    const run = await server.call('trigger_agent', { agent_id: agent.id });
    expect(await server.resource(`countersign://agents/${agent.id}`)).toEqual(
      await server.call('get_agent', { agent_id: agent.id }),
    );
    expect(await server.resource(`countersign://runs/${run.run_id}`)).toEqual(
      await server.call('get_run', { run_id: run.run_id }),
    );
    const one = await server.resource(`countersign://runs/${run.run_id}/contacts/${encodeURIComponent('x y/ü')}`);
    expect(one.run.contact_results).toHaveLength(1);
    const pending = await server.resource('countersign://pending');
    expect(pending.actions).toEqual((await server.call('list_pending_actions')).actions);
  });
});
