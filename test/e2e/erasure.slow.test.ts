import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { chatScene, inTurn } from '../support/chat.ts';
import { partsKeptIn } from '../support/kept-in.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { command } from '../support/served.ts';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const VERA = {
  id: 'vera-8412',
  email: 'vera@lindqvist.example',
  firstname: 'Vera',
  lastname: 'Lindqvist',
  phone: '+46 70 8412',
  linkedin_url: 'https://www.linkedin.com/in/vera-lindqvist',
  'Shoe size': '38-vera',
};
const OTHERS = [
  { id: 'noor', email: 'noor@example.com', firstname: 'Noor' },
  { id: 'tom', email: 'tom@example.com', firstname: 'Tom' },
];
/** All that was ever said of her holds one of these; a few digits would be in a checksum now and then. */
const TRACES = /vera|lindqvist|70 8412/i;
const OF_FILES = onlyJson('a log of files: made anew from it, or altered in it');

/** What still tells of her: files, by name or by content, and rows of a database. */
async function traces(home: string): Promise<string[]> {
  return (await partsKeptIn(home)).filter((part) => TRACES.test(part));
}

/** A commit's line with the digest that it should have. */
function signed({ sha: _sha, root, ...commit }: Record<string, unknown>): string {
  const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
  const body = JSON.stringify(commit).slice(0, -1);
  return `${body},"root":"${root}","sha":"${digestOf(`${digestOf(body)}${root}`)}"}`;
}

/** Everything that an agent's life leaves behind of a contact, and of two others. */
async function live(on: Connection): Promise<string[]> {
  const events = [VERA, ...OTHERS].map(({ id }) => ({ contact_id: id, type: 'page', properties: { path: `/${id}` } }));
  await on.call('import_contacts', { contacts: [VERA, ...OTHERS], events });
  await on.call('import_contacts', { contacts: [{ id: VERA.email, company: 'Lindqvist AB' }] });
  const params = { subject: 'For {{ contact.firstname }}', message: 'To {{ contact.email }}' };
  const propose = [
    { type: 'note', params: { body: '{{ contact.lastname }} called' } },
    { type: 'email_message', params },
    { type: 'linkedin_message', params: { message: 'Hello {{ contact.firstname }}' } },
    { type: 'webhook', params: { payload: { who: '{{ contact.email }}' } } },
  ];
  const rules = [{ name: 'all', propose, reasoning: '{{ contact.firstname }} is worth a word' }];
  const capabilities = ['notes', 'email', 'linkedin'];
  const { agent } = await on.call('create_agent', { name: 'Writer', enabled: true, capabilities, playbook: { rules } });
  const run = await on.call('trigger_agent', { agent_id: agent.id, dry_run: true });
  const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: [VERA.id, 'noor'] });
  const at = (action_index: number, contact_id = VERA.id) => ({ run_id, contact_id, action_index });
  await on.call(
    'approve_action',
    await on.shown({ ...at(0), params: { body: 'Vera called twice' }, note: 'she is a Lindqvist' }),
  );
  await on.call('approve_action', await on.shown(at(1)));
  await on.call('approve_action', await on.shown(at(1, 'noor')));
  await on.call('reject_action', { ...at(2), reason: 'Vera hates LinkedIn' });
  const thinker = await on.call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Think.' },
    llm_config: { provider: 'assistant' },
  });
  const contact_ids = [VERA.id, 'noor'];
  const waiting = await on.call('trigger_agent', { agent_id: thinker.agent.id, contact_ids });
  const answer = { reasoning: 'Vera again', proposed_actions: [{ type: 'note', params: { body: 'Lindqvist' } }] };
  const { evaluation } = await on.call('next_evaluation', { run_id: waiting.run_id });
  await on.call('submit_evaluation', { run_id: waiting.run_id, evaluation_id: evaluation.evaluation_id, ...answer });
  await on.call('list_pending_actions', {});
  return [run.run_id, run_id, waiting.run_id];
}

async function told(on: Connection, runs: string[]) {
  const of = async (run_id: string) => [
    await on.call('get_run', { run_id }),
    await on.call('get_run', { run_id, mode: 'summary' }),
  ];
  const { actions } = await on.call('list_pending_actions', {});
  const contacts = await Promise.all(OTHERS.map(({ id }) => on.call('get_contact', { contact_id: id })));
  const lists = await Promise.all(
    ['list_agents', 'list_runs', 'list_contacts', 'list_threads'].map((name) => on.call(name)),
  );
  return { runs: await Promise.all(runs.map(of)), actions, contacts, lists };
}

it('leaves nothing of a person in the home, and everything of the others', async () => {
  const { on, say } = await chatScene({ script: { reply: () => ({ text: 'Vera Lindqvist it is.' }) } });
  const runs = await live(on);
  await say(`What of ${VERA.email}?`);
  const other = await startServer({ home: on.home });
  await other.call('get_contact', { contact_id: VERA.id });
  // Snapshots follow in a moment.
  await expect.poll(async () => (await traces(on.home)).length).toBeGreaterThan(10);
  const erasure = await on.call('delete_contact', { contact_id: VERA.email });
  expect(erasure).toMatchObject({ contact_id: VERA.id, erased: { events: 1, notes: 1, results: 3 }, warnings: [] });
  expect(await traces(on.home)).toEqual([]);
  // What the other process had read of her is gone from it too.
  expect(await other.refusal('get_contact', { contact_id: VERA.id })).toMatchObject({ code: 'NOT_FOUND' });
  const mine = await told(on, runs);
  expect(JSON.stringify(mine)).not.toMatch(TRACES);
  expect(await told(other, runs)).toEqual(mine);
  await other.call('import_contacts', { contacts: [{ id: 'late', email: 'late@example.com' }] });
  await Promise.all([other.close(), on.close()]);
  expect(await traces(on.home)).toEqual([]);
  for (const name of ['doctor', 'audit']) expect(command(on.home, [name])).toMatchObject({ status: 0 });
});

it('erases a conversation about another contact in which a function told of the person, who has no address', async () => {
  const look = [{ name: 'get_contact', input: { contact_id: 'ct-8412' } }];
  const { on, say } = await chatScene({ script: { reply: inTurn({ text: '', calls: look }, { text: 'Yes.' }) } });
  const contact = { id: 'ct-8412', firstname: 'Vera', phone: '+46 70 8412', lifecycle_stage: 'lead' };
  await on.call('import_contacts', { contacts: [contact] });
  const { thread_id } = await say('Does ann@example.com know ct-8412?');
  const other = await say('What of ann@example.com?');
  await on.call('delete_contact', { contact_id: contact.id });
  expect(await traces(on.home)).toEqual([]);
  const messagesOf = async (id: string) => (await on.call('get_thread', { thread_id: id })).thread.messages;
  expect(await messagesOf(thread_id)).toEqual([]);
  expect(await messagesOf(other.thread_id)).toHaveLength(2);
});

it('keeps nothing of a conversation in which a function told of someone who was deleted before it was over', async () => {
  let deletion: Promise<unknown> | undefined;
  let forget = () => {};
  const find = { text: '', calls: [{ name: 'find_contacts', input: { query: 'vera' } }] };
  const reply = ({ n }: { n: number }) => {
    if (n === 1) forget();
    return n === 0 ? find : { text: 'Vera.' };
  };
  const { on, say } = await chatScene({ script: { reply, latencyMs: 500 } });
  await on.call('import_contacts', { contacts: [{ id: 'vera', firstname: 'Vera', lifecycle_stage: 'lead' }] });
  forget = () => {
    deletion = on.call('delete_contact', { contact_id: 'vera' });
  };
  await expect(say('Does ann@example.com know anybody?')).rejects.toThrow('deleted meanwhile');
  await deletion;
  expect(await traces(on.home)).toEqual([]);
});

OF_FILES.it('tells the same of the others when all is made again from the log', async () => {
  const server = await startServer();
  const runs = await live(server);
  await server.call('delete_contact', { contact_id: VERA.id });
  const before = await told(server, runs);
  await server.close();
  const bare = temporaryHome();
  onTestFinished(() => fs.rmSync(bare, { recursive: true, force: true }));
  fs.cpSync(server.home, bare, { recursive: true });
  fs.rmSync(path.join(bare, 'state'), { recursive: true });
  const again = await startServer({ home: bare });
  expect(await told(again, runs)).toEqual(before);
  await again.close();
});

OF_FILES.it('finds a line that was rewritten for another reason', async () => {
  const server = await startServer();
  await live(server);
  await server.call('delete_contact', { contact_id: VERA.id });
  await server.close();
  expect(command(server.home, ['audit']).status).toBe(0);
  const file = path.join(server.home, 'log', '000000000001.jsonl');
  const text = fs.readFileSync(file, 'utf8');
  const spoilt = text
    .split('\n')
    .map((line) => (line.includes('"was":') ? signed({ ...JSON.parse(line), by: 'her' }) : line));
  fs.writeFileSync(file, spoilt.join('\n'));
  for (const name of ['doctor', 'audit']) {
    const { status, stdout } = command(server.home, [name]);
    expect(status).toBe(1);
    expect(stdout).toContain(`${file} line`);
    expect(stdout).toContain('was altered: it was rewritten, but no erasure names it so');
  }
});
