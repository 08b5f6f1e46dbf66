import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, withPerson } from '../support/person.ts';
import { type Connection, startServer } from '../support/server.ts';
import { openSink } from '../support/sink.ts';
import { TRUSTING } from '../support/trusting.ts';

let server: Connection;
let sink: Awaited<ReturnType<typeof openSink>>;
let isUp = true;
beforeAll(async () => {
  sink = await openSink((_request, response) => response.writeHead(isUp ? 200 : 404).end());
  server = await startServer({ env: { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host } });
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const EMAIL = { type: 'email_message', params: { subject: 'Your plan', message: 'Hi' } };
const HOOK = { type: 'webhook', params: { payload: { n: 1 } } };
const NOTE = { type: 'note', params: { body: 'Ring' } };
let made = 0;

/** Actions that wait for new contacts, one each; `ids` are the contacts'. */
async function waiting(propose: object, count = 1, on = server) {
  made += 1;
  const ids = Array.from({ length: count }, (_, index) => `c${made}-${index}`);
  await on.call('import_contacts', { contacts: ids.map((id) => ({ id, email: `${id}@example.com` })) });
  const { agent } = await on.call('create_agent', {
    name: `Agent ${made}`,
    capabilities: ['notes', 'email', 'webhook'],
    playbook: { rules: [{ name: 'all', propose: [propose] }] },
    connections: { webhook_url: sink.url('/hook') },
  });
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ids });
  const listed = await on.call('list_pending_actions', { run_id });
  const [row] = listed.actions;
  const at = { run_id, contact_id: row.contact_id, action_index: row.action_index };
  const move = (id: string) => on.call('import_contacts', { contacts: [{ id, email: `new-${id}@example.com` }] });
  return { run_id, row, rows: listed.actions, at, ids, move, review_token: listed.review_token };
}

const stillWaits = async (run_id: string) => (await server.call('list_pending_actions', { run_id })).total;

describe('a yes names what it is for', () => {
  it('is refused without a digest, and names the tool that shows it', async () => {
    const { at, run_id } = await waiting(NOTE);
    const error = await server.refusal('approve_action', at);
    expect(error).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('expected_digest: missing, take it from list_pending_actions'),
      details: { expected_digest: expect.stringContaining('list_pending_actions') },
    });
    expect(await stillWaits(run_id)).toBe(1);
  });

  it('with another digest is a CONFLICT that shows the row as it is now, on which one can decide', async () => {
    const { at, row, move, ids } = await waiting(EMAIL);
    await move(ids[0] ?? '');
    const error = await server.refusal('approve_action', { ...at, expected_digest: row.digest });
    const [now] = (await server.call('list_pending_actions', { run_id: at.run_id })).actions;
    expect(error).toMatchObject({ code: 'CONFLICT', details: { action: now } });
    expect(now.to).toBe(`new-${ids[0]}@example.com`);
    expect(error.message).not.toContain(now.digest);
    const { action } = await server.call('approve_action', { ...at, expected_digest: now.digest });
    expect(action.status).toBe('executed');
  });

  it('may say the recipient and the subject, which have to be those of the row', async () => {
    const { at, row, run_id } = await waiting(EMAIL);
    const yes = { ...at, expected_digest: row.digest };
    for (const wrong of [
      { recipient: 'boss@example.com' },
      { subject: 'Another plan' },
      { recipient: row.to, subject: 'Another plan' },
      // After an edit, the subject is the one that would be sent.
      { subject: 'Your plan', params: { subject: 'Edited', message: 'Hi' } },
    ])
      expect(await server.refusal('approve_action', { ...yes, ...wrong })).toMatchObject({
        code: 'CONFLICT',
        details: { action: { to: row.to, digest: row.digest } },
      });
    expect(await stillWaits(run_id)).toBe(1);
    const right = { recipient: ` ${row.to.toUpperCase()} `, subject: 'Edited' };
    const params = { subject: 'Edited', message: 'Hi' };
    const { action } = await server.call('approve_action', { ...yes, ...right, params });
    expect(action).toMatchObject({ status: 'executed', edited_params: params });
    expect(action).not.toHaveProperty('recipient');
  });

  it('may say the URL as it will be reached, and nothing that the row does not have', async () => {
    isUp = true;
    const note = await waiting(NOTE);
    for (const echo of [{ recipient: 'x' }, { subject: 'x' }])
      expect(
        await server.refusal('approve_action', { ...note.at, expected_digest: note.row.digest, ...echo }),
      ).toMatchObject({ code: 'CONFLICT' });
    const { at, row } = await waiting(HOOK);
    const yes = { ...at, expected_digest: row.digest };
    const url = sink.url('/hook');
    expect(await server.refusal('approve_action', { ...yes, recipient: `${url}/other` })).toMatchObject({
      code: 'CONFLICT',
    });
    const recipient = url.replace('http:', 'HTTP:').replace('/hook', '/other/../hook');
    expect((await server.call('approve_action', { ...yes, recipient })).action.status).toBe('executed');
  });
});

describe('a retry', () => {
  it('names what it repeats: the failed row, which is listed with its digest', async () => {
    isUp = false;
    const { at, row, run_id } = await waiting(HOOK);
    const { action } = await server.call('approve_action', { ...at, expected_digest: row.digest });
    expect(action.status).toBe('failed');
    isUp = true;
    expect(await stillWaits(run_id)).toBe(0);
    const failed = await server.call('list_pending_actions', { run_id, status: 'failed' });
    expect(failed).toMatchObject({ total: 1, actions: [{ status: 'failed', digest: action.digest }] });
    expect(failed).not.toHaveProperty('review_token');
    const retry = { ...at, outcome: 'retry' };
    expect(await server.refusal('settle_action', retry)).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { expected_digest: expect.stringContaining('list_pending_actions') },
    });
    // The digest of the approval is none of the retry: the attempt in between is part of it.
    expect(await server.refusal('settle_action', { ...retry, expected_digest: row.digest })).toMatchObject({
      code: 'CONFLICT',
      details: { action: { status: 'failed', digest: action.digest } },
    });
    const again = await server.call('settle_action', { ...retry, expected_digest: action.digest });
    expect(again.action.status).toBe('executed');
    expect((await server.call('list_pending_actions', { run_id, status: 'failed' })).total).toBe(0);
  });
});

describe('a decision in bulk', () => {
  it('skips the rows that changed or were decided since, says why, and decides the others', async () => {
    const { at, rows, ids, move, run_id, review_token } = await waiting(EMAIL, 4);
    await server.call('reject_action', at);
    await move(ids[1] ?? '');
    const outcome = await server.call('review_actions', { decision: 'approve', review_token });
    expect(outcome).toMatchObject({
      decided: 2,
      skipped: [
        { contact_id: ids[0], reason: expect.stringContaining('already rejected') },
        { contact_id: ids[1], reason: expect.stringContaining('changed since it was shown') },
      ],
    });
    expect(rows).toHaveLength(4);
    const { actions } = await server.call('list_pending_actions', { run_id });
    expect(actions).toMatchObject([{ contact_id: ids[1] }]);
  });

  it.each(['approve', 'reject'])('to %s is a CONFLICT where no row is left', async (decision) => {
    const { at, ids, move, run_id, review_token } = await waiting(EMAIL, 2);
    await server.call('reject_action', at);
    await move(ids[1] ?? '');
    expect(await server.refusal('review_actions', { decision, review_token })).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('list_pending_actions'),
      details: { skipped_total: 2 },
    });
    expect(await stillWaits(run_id)).toBe(1);
  });

  it('asks the person about the rows that are left, and decides no other', async () => {
    const before: (() => Promise<unknown>)[] = [];
    const yes = async () => {
      for (const change of before) await change();
      return accept({ decision: 'approve' });
    };
    const { server: asked, forms } = await withPerson('sdk-1', yes, { COUNTERSIGN_ALLOW_HOSTS: sink.host });
    const { ids, move, run_id, review_token } = await waiting(EMAIL, 3, asked);
    await move(ids[0] ?? '');
    const outcome = await asked.call('review_actions', { decision: 'approve', review_token });
    expect(outcome).toMatchObject({ decided: 2, skipped: [{ contact_id: ids[0] }] });
    expect(forms[0]?.message).not.toContain(`${ids[0]}@example.com`);
    expect(forms[0]?.message).toContain(`${ids[1]}@example.com`);
    const { actions } = await asked.call('list_pending_actions', { run_id });
    expect(actions).toMatchObject([{ contact_id: ids[0] }]);
    // A row that is what it was again when the answer comes, but wasn't in the form, isn't decided by the answer.
    const flipped = await waiting(EMAIL, 2, asked);
    const [first = ''] = flipped.ids;
    await flipped.move(first);
    const other = await startServer({ home: asked.home });
    before.push(() => other.call('import_contacts', { contacts: [{ id: first, email: `${first}@example.com` }] }));
    const result = await asked.raw('review_actions', { decision: 'approve', review_token: flipped.review_token });
    expect(JSON.stringify(result)).not.toContain('"decided":2');
    await other.close();
    await asked.close();
  });
});

describe('a missing argument', () => {
  it.each([
    ['get_run', {}, 'run_id', 'trigger_agent or list_runs'],
    ['get_contact', {}, 'contact_id', 'list_contacts'],
    ['trigger_agent', {}, 'agent_id', 'list_agents'],
    ['reject_action', { run_id: 'r', contact_id: 'c' }, 'action_index', 'list_pending_actions'],
    ['review_actions', { decision: 'approve' }, 'review_token', 'list_pending_actions'],
    ['submit_evaluation', { run_id: 'r', reasoning: '' }, 'evaluation_id', 'next_evaluation'],
    ['get_thread', {}, 'thread_id', 'list_threads'],
  ])('of %s is named with the tool that yields it', async (tool, args, name, source) => {
    const error = await server.refusal(tool, args);
    expect(error.details?.[name]).toMatch(/^missing, take it from /);
    expect(error.details?.[name]).toContain(source);
    expect(error.message).toContain(`${name}: missing`);
  });

  it('that no tool yields is named in our own words', async () => {
    const error = await server.refusal('reject_action', {});
    expect(error.message).not.toMatch(/undefined|Invalid/);
    const decision = await server.refusal('review_actions', { review_token: 'x' });
    expect(decision.details?.decision).toBe('missing, it is one of approve, reject');
  });

  it('is answered with at most 20 suggestions', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`unknown_${index}`, 1]));
    const { details = {} } = await server.refusal('create_agent', { name: 'A', ...many });
    const said = Object.values(details).map(String);
    expect(said).toHaveLength(30);
    expect(said.filter((text) => text.includes('Did you mean'))).toHaveLength(20);
    for (const text of said) expect(text.split(', ').length).toBeLessThanOrEqual(20);
  });
});
