import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Event, RewrittenLine } from '../../src/domain/state/events.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { recipientOf } from '../../src/engine/gate/digest.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { commitHeader } from '../../src/store/log/commit.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { Forger } from '../support/forger.ts';
import { inProcess } from '../support/in-process.ts';
import { aStore } from '../support/store.ts';

let home: string;
/** The head before anything was forged. */
let head: string;

function aHouse() {
  const deps = testDeps(home);
  return createHouse(aStore(home, deps), deps);
}

function audited(expectHead?: string) {
  return aStore(home, testDeps(home)).audit({ recipientOf, expectHead });
}

async function faults(): Promise<string> {
  return (await audited(head)).faults.join('\n');
}

/** A home in which emails to p0 and p1 were approved, and p1 was erased after. */
beforeEach(async () => {
  home = aHome();
  const house = aHouse();
  for (const id of ['p0', 'p1', 'p2'])
    await importContacts(house, 'test', { contacts: [{ id, email: `${id}@example.com`, plan: 'trial' }] });
  const rules = [
    { name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hello', message: 'As agreed.' } }] },
  ];
  const made = await createAgent(house, 'test', { name: 'A', capabilities: ['email'], playbook: { rules } });
  const { id } = await trigger(house, 'test', { agent_id: String(made.agent.id) }, undefined);
  await waitForRun(house, id, 5);
  for (const contact_id of ['p0', 'p1'])
    await approve(house, 'test', await asShown(house, { run_id: id, contact_id, action_index: 0 }), 5);
  await deleteContact(house, 'test', 'p1');
  await house.store.close();
  head = String((await audited()).head);
});

/** What the true erasure says of itself: the lines that it names, and whom it erased. */
function erasureIn(forger: Forger): { lines: RewrittenLine[]; standIns: string[] } {
  const [erasure] = forger.of('history_rewritten');
  const { lines = [], stand_ins: standIns = [] } = erasure?.event ?? {};
  return { lines, standIns };
}

/** Lets the true erasure name a line as the forger leaves it. */
function name(forger: Forger, line: Forger['lines'][number]): void {
  const { lines, standIns } = erasureIn(forger);
  const named = lines.find(([n]) => n === line.n);
  if (named) named[1] = forger.ownOf(line);
  else lines.push([line.n, forger.ownOf(line), standIns]);
}

const NOBODY: Event = { type: 'contact_deleted', contact_id: 'erased_x', stand_in: 'erased_x', run_ids: [] };

function savedFor(forger: Forger, id: string) {
  const found = [...forger.of('contacts_saved')].find(({ event }) => event.contacts.some((each) => each.id === id));
  if (!found) throw new Error(`${id} was not saved`);
  return found;
}

function letActUnasked(event: Event, description: string): Event {
  if (event.type !== 'agent_saved') return event;
  const approval = { ...event.agent.approval, require_approval: false };
  return { ...event, agent: { ...event.agent, description, approval } };
}

/** A line without root and stand-ins, as the first edition left it, while a deletion still has to be erased. */
function asUnfinished(forger: Forger): void {
  const { line, event } = savedFor(forger, 'p2');
  for (const contact of event.contacts) contact.plan = 'pro';
  forger.pretendErased(line);
  delete line.erased;
  forger.append(NOBODY);
}

/** The first lines, without roots, as if they came from the first edition, under an erasure of nobody. */
function withoutRoots(forger: Forger): void {
  const saved = [...forger.of('contacts_saved')].filter(({ event }) => event.contacts.some(({ id }) => id !== 'p1'));
  for (const { line, event } of saved) {
    for (const contact of event.contacts) contact.plan = 'pro';
    forger.pretendErased(line, 'erased_x');
  }
  const lines = saved.map(({ line }): RewrittenLine => [line.n, forger.ownOf(line), ['erased_x']]);
  forger.append(NOBODY, { type: 'history_rewritten', stand_ins: ['erased_x'], lines });
}

/** The same with leaves, which nothing in such a line binds. */
function withLeavesAlone(forger: Forger): void {
  const { line } = savedFor(forger, 'p2');
  const alter = (event: Event) => (event.type === 'contacts_saved' ? { ...event, aliases: [] } : event);
  forger.rewrite(line, alter, 'erased_x');
  delete line.root;
  delete line.body;
  for (const contact of savedFor(forger, 'p2').event.contacts) contact.plan = 'pro';
  const lines: RewrittenLine[] = [[line.n, forger.ownOf(line), ['erased_x']]];
  forger.append(NOBODY, { type: 'history_rewritten', stand_ins: ['erased_x'], lines });
}

/** A saved agent whose description is the stand-in. */
function asDescription(forger: Forger): void {
  const { standIns } = erasureIn(forger);
  for (const { line } of [...forger.of('agent_saved')]) {
    forger.rewrite(line, (event) => letActUnasked(event, String(standIns[0])), ...standIns);
    name(forger, line);
  }
}

/** The author of a line that an erasure did rewrite, named like the stand-in. */
function asAuthor(forger: Forger): void {
  const line = forger.lines.find(({ erased }) => erased && erased.length > 0);
  const [first = ''] = line?.leaves ?? [];
  if (!line?.leaves) throw new Error('nothing was erased');
  const text = `${first.slice(1)} ${commitHeader(line)}`;
  line.leaves[0] = `!${hash('sha256', text, 'base64url').slice(0, 22)}`;
  line.by = String(erasureIn(forger).standIns[0]);
  name(forger, line);
}

function asProof(forger: Forger): void {
  for (const { line, event } of forger.of('actions_changed')) {
    for (const { contact_id, set } of event.changes)
      if (contact_id.startsWith('erased_') && set.decided_via) set.decided_via = 'human';
    if (event.changes.some(({ contact_id }) => contact_id.startsWith('erased_'))) name(forger, line);
  }
}

/** A line that says the home was raised only then, so that what stands before it would need no proof. */
function asRaised(forger: Forger): void {
  const [first, second] = forger.lines;
  for (const line of [first, second]) {
    if (!line) continue;
    forger.pretendErased(line);
    delete line.erased;
  }
  first?.events.push(NOBODY);
  second?.events.push({ type: 'home_raised', format: 2, lines: [] });
}

function asRaisedAtTheEnd(forger: Forger): void {
  const { line, event } = savedFor(forger, 'p2');
  for (const contact of event.contacts) contact.plan = 'pro';
  forger.pretendErased(line);
  delete line.erased;
  forger.append({ type: 'home_raised', format: 2, lines: [[line.n, forger.ownOf(line), []]] });
}

/** Takes a line's part away, with proof of all that is left of it. */
function take(forger: Forger, type: Event['type'], alter: (event: Event) => Event | undefined): void {
  const { standIns } = erasureIn(forger);
  const line = forger.lines.findLast(({ events, was }) => was === undefined && events.some((one) => one.type === type));
  if (!line) throw new Error(`no line holds ${type}`);
  forger.rewrite(line, (event) => (event.type === type ? alter(event) : event), ...standIns);
  name(forger, line);
}

const withoutEvent = (forger: Forger) => take(forger, 'run_ended', () => undefined);
const withoutItems = (forger: Forger) =>
  take(forger, 'actions_changed', (event) => (event.type === 'actions_changed' ? { ...event, changes: [] } : event));

describe('a forgery that passes for an erasure', () => {
  it('is none where nothing was altered: an earlier head holds', async () => {
    new Forger(home).write();
    expect(await faults()).toBe('');
  });

  it.each([
    ['a line that an unfinished erasure is said to have rewritten', asUnfinished, 'it names nobody'],
    ['lines without their roots, from the first one on', withoutRoots, "doesn't prove what it says beside"],
    ['a line with leaves, but without its root', withLeavesAlone, "doesn't prove what it says beside"],
    ['an agent whose description is the stand-in', asDescription, 'it replaced what was about none of the contacts'],
    ['who wrote a line about the contact', asAuthor, 'it no longer proves when it was written, and by whom'],
    ['the proof of a decision about the contact', asProof, 'the proof of the decision differs'],
    ['that a run ended', withoutEvent, 'it took what no erasure takes'],
    ['what came of an action', withoutItems, 'it took what no erasure takes'],
    ['the home raised in a rewritten line', asRaised, 'raises the home, and was rewritten'],
    ['the home raised at the end of its log', asRaisedAtTheEnd, 'raises a home that had the newer format already'],
  ])('is noticed by a head from before: %s', async (_what, forge, words) => {
    const forger = new Forger(home);
    forge(forger);
    forger.write();
    expect(await faults()).toContain(words);
  });
});

it('contacts erased one after the other, who were decided on in one call, leave every head valid', async () => {
  const on = inProcess();
  const contacts = ['ann', 'bob', 'cid', 'dee'].map((id) => ({ id, email: `${id}@example.com`, plan: 'trial' }));
  await on.call('import_contacts', { contacts });
  const update = { type: 'crm_update', params: { fields: { plan: 'lead' } } };
  const notes = ['Ring', 'Write'].map((body) => ({ type: 'note', params: { body } }));
  const playbook = { rules: [{ name: 'all', propose: [update, ...notes] }] };
  await on.call('create_agent', { name: 'A', capabilities: ['notes', 'crm_sync'], playbook });
  await on.call('trigger_agent', { agent_id: 'A', wait_seconds: 30 });
  const heads = [(await on.house.store.audit({ recipientOf })).head];
  const { review_token } = await on.call('list_pending_actions', { limit: 100 });
  expect(await on.call('review_actions', { decision: 'approve', review_token })).toMatchObject({ decided: 12 });
  for (const contact_id of ['bob', 'ann', 'dee']) {
    heads.push((await on.house.store.audit({ recipientOf })).head);
    await on.call('delete_contact', { contact_id });
    for (const expectHead of heads)
      expect((await on.house.store.audit({ recipientOf, expectHead })).faults).toEqual([]);
  }
});
