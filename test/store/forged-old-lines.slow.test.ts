import fs from 'node:fs';
import path from 'node:path';
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
import { asOfFirstEdition } from '../support/as-first-edition.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { Forger } from '../support/forger.ts';
import { aStore } from '../support/store.ts';

let home: string;
/** The head of the log as the first edition left it. */
let before: string;
/** The head once the home was raised. */
let head: string;

function aHouse() {
  const deps = testDeps(home);
  return createHouse(aStore(home, deps), deps);
}

function audited(expectHead?: string) {
  return aStore(home, testDeps(home)).audit({ recipientOf, expectHead });
}

async function faults(expectHead?: string): Promise<string> {
  return (await audited(expectHead)).faults.join('\n');
}

async function headNow(): Promise<string> {
  return String((await audited()).head);
}

/** The home is opened by this edition, which raises it. */
async function raise(): Promise<void> {
  const house = aHouse();
  await house.read(() => undefined);
  await house.store.close();
}

async function erase(id: string): Promise<void> {
  const house = aHouse();
  expect((await deleteContact(house, 'test', id)).warnings).toEqual([]);
  await house.store.close();
}

const kindsIn = (): string[] => new Forger(home).lines.flatMap(({ events }) => events.map(({ type }) => type));

/** A home of format 1: contacts in one line, some of whom emails were approved to, and one who objects in a column. */
beforeEach(async () => {
  home = aHome();
  const house = aHouse();
  const contacts = ['person-0', 'person-1', 'person-2'].map((id) => ({
    id,
    email: `${id}@example.com`,
    plan: 'trial',
  }));
  await importContacts(house, 'test', { contacts });
  await importContacts(house, 'test', { contacts: [{ id: 'nina', email: 'nina@example.com' }] });
  const params = { subject: 'Hello', message: 'As agreed.' };
  const rules = [{ name: 'all', propose: [{ type: 'email_message', params }] }];
  const made = await createAgent(house, 'test', { name: 'A', capabilities: ['email'], playbook: { rules } });
  const args = { agent_id: String(made.agent.id), contact_ids: ['person-0', 'person-1', 'person-2'] };
  const { id } = await trigger(house, 'test', args, undefined);
  await waitForRun(house, id, 5);
  for (const contact_id of ['person-0', 'person-1'])
    await approve(house, 'test', await asShown(house, { run_id: id, contact_id, action_index: 0 }), 5);
  await house.store.close();
  const forger = new Forger(home);
  for (const { event } of forger.of('contacts_saved'))
    for (const contact of event.contacts) if (contact.id === 'nina') contact['Unsubscribed from all email'] = 'yes';
  forger.write();
  asOfFirstEdition(home);
  before = await headNow();
  await raise();
  head = await headNow();
});

describe('a contact of a home that was raised', () => {
  it('is erased from the old lines too, and every earlier head stays valid', async () => {
    for (const id of ['person-1', 'person-0', 'person-2']) {
      await erase(id);
      for (const expected of [before, head]) expect(await faults(expected)).toBe('');
      expect(new Forger(home).lines.map((line) => JSON.stringify(line)).join()).not.toContain(id);
    }
  });

  it('whose objection was read from a column when the home was raised is erased from there too', async () => {
    const house = aHouse();
    expect(await house.read((view) => view.contact('nina'))).toMatchObject({ do_not_email: true });
    await house.store.close();
    await erase('nina');
    for (const expected of [before, head]) expect(await faults(expected)).toBe('');
    expect(new Forger(home).lines.map((line) => JSON.stringify(line)).join()).not.toContain('nina');
  });
});

const NOBODY: Event = { type: 'contact_deleted', contact_id: 'erased_x', stand_in: 'erased_x', run_ids: [] };

/** The line in which all contacts were saved at first. */
function savedIn(forger: Forger) {
  const [saved] = forger.of('contacts_saved');
  if (!saved) throw new Error('nobody was saved');
  return saved;
}

/** A deletion and an erasure of somebody who never was, behind everything, that names these lines. */
function pretendErasure(forger: Forger, ...lines: Forger['lines'][number][]): void {
  const named = lines.map((line): RewrittenLine => [line.n, forger.ownOf(line), ['erased_x']]);
  forger.append(NOBODY, { type: 'history_rewritten', stand_ins: ['erased_x'], lines: named });
}

/** An old line that says something else, as if somebody had been erased from it, without any proof. */
function altered(forger: Forger): void {
  const { line, event } = savedIn(forger);
  for (const contact of event.contacts) contact.plan = 'pro';
  forger.pretendErased(line, 'erased_x');
  pretendErasure(forger, line);
}

/** The same with leaves that the code itself would leave. */
function alteredWithLeaves(forger: Forger): void {
  const { line } = savedIn(forger);
  forger.rewrite(
    line,
    (event) => {
      if (event.type !== 'contacts_saved') return event;
      return { ...event, contacts: event.contacts.slice(1) };
    },
    'erased_x',
  );
  const { event } = savedIn(forger);
  for (const contact of event.contacts) contact.plan = 'pro';
  pretendErasure(forger, line);
}

/** An old line without stand-ins, as the first edition rewrote lines. */
function alteredAsBefore(forger: Forger): void {
  const { line, event } = savedIn(forger);
  for (const contact of event.contacts) contact.plan = 'pro';
  forger.pretendErased(line);
  delete line.erased;
}

/** Who was deleted for good, with something else altered in a line from which they were erased. */
function alteredBeside(forger: Forger): void {
  const { line, event } = savedIn(forger);
  for (const contact of event.contacts) contact.plan = 'pro';
  const [erasure] = forger.of('history_rewritten');
  const named = erasure?.event.lines?.find(([n]) => n === line.n);
  if (named) named[1] = forger.ownOf(line);
}

/** Who wrote a line, in one from which the code itself would have erased somebody. */
function alteredAuthor(forger: Forger): void {
  const [changed] = forger.of('actions_changed');
  if (!changed) throw new Error('nothing was decided');
  const alter = (event: Event): Event =>
    event.type === 'actions_changed'
      ? { ...event, changes: event.changes.map((change) => ({ ...change, contact_id: 'erased_x' })) }
      : event;
  forger.rewrite(changed.line, alter, 'erased_x');
  changed.line.by = 'mallory';
  pretendErasure(forger, changed.line);
}

describe('a made-up erasure of what the first edition wrote', () => {
  it.each([
    ['without any proof', altered],
    ['with leaves, as this edition leaves them', alteredWithLeaves],
    ['without stand-ins, as the first edition rewrote lines', alteredAsBefore],
    ['of who decided', alteredAuthor],
  ])('is noticed by a head of the raised home: %s', async (_how, forge) => {
    const forger = new Forger(home);
    forge(forger);
    forger.write();
    for (const expected of [undefined, head]) expect(await faults(expected)).toContain('no longer add up to what');
  });

  it('is noticed in a line from which somebody was truly erased', async () => {
    await erase('person-1');
    const forger = new Forger(home);
    alteredBeside(forger);
    forger.write();
    const found = await faults(head);
    expect(found).toContain('no longer add up to what');
    expect(found).toContain('rewritten there: commit 1');
  });

  it('is noticed by that head where what binds the old lines was taken away', async () => {
    const forger = new Forger(home);
    altered(forger);
    for (const line of forger.lines) line.events = line.events.filter(({ type }) => type !== 'old_lines_bound');
    forger.write();
    expect(await faults(head)).toContain(`no commit has the head ${head}`);
  });
});

describe('old lines that nothing binds', () => {
  it('stay valid in a home that an earlier build raised, and are bound by its next erasure', async () => {
    const forger = new Forger(home);
    for (const line of forger.lines) line.events = line.events.filter(({ type }) => type !== 'old_lines_bound');
    forger.write();
    const unbound = await headNow();
    expect(await faults(before)).toBe('');
    await erase('person-1');
    expect(kindsIn()).toContain('old_lines_bound');
    for (const expected of [before, unbound]) expect(await faults(expected)).toBe('');
    const later = await headNow();
    await erase('person-0');
    for (const expected of [before, unbound, later]) expect(await faults(expected)).toBe('');
    const second = new Forger(home);
    altered(second);
    second.write();
    expect(await faults(later)).toContain('no longer add up to what');
  });

  it('are bound by the erasure that was unfinished when the home was raised', async () => {
    const unfinished = new Forger(home);
    const raisedAt = unfinished.lines.findIndex(({ events }) => events.some(({ type }) => type === 'home_raised'));
    unfinished.lines.splice(raisedAt);
    unfinished.append(
      { ...NOBODY, contact_id: 'person-1', stand_in: 'erased_person_1' },
      { type: 'decisions_redacted', seqs: [2] },
    );
    unfinished.write();
    asOfFirstEdition(home);
    const then = await headNow();
    await raise();
    expect(kindsIn()).not.toContain('old_lines_bound');
    expect(fs.readFileSync(path.join(home, 'home.json'), 'utf8')).toBe('{"format": 2}\n');
    const store = aStore(home, testDeps(home));
    expect(await store.forget('test')).toBe(true);
    await store.close();
    expect(kindsIn()).toContain('old_lines_bound');
    for (const expected of [then, await headNow()]) expect(await faults(expected)).toBe('');
  });
});
