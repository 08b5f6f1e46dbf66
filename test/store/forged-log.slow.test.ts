import { beforeEach, describe, expect, it } from 'vitest';
import { bindingOf, paramsDigest } from '../../src/domain/decisions/binding.ts';
import type { Proof } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { recipientOf } from '../../src/engine/gate/digest.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { Forger } from '../support/forger.ts';
import { aStore } from '../support/store.ts';

let home: string;
/** The head when everything was decided, before anybody was erased or anything forged. */
let head: string;

function aHouse() {
  const deps = testDeps(home);
  return createHouse(aStore(home, deps), deps);
}

/** A home in which three emails were decided on: to p0 and p1 approved, to p2 rejected. */
beforeEach(async () => {
  home = aHome();
  const house = aHouse();
  const contacts = ['p0', 'p1', 'p2'].map((id) => ({ id, email: `${id}@example.com` }));
  for (const contact of contacts) await importContacts(house, 'test', { contacts: [contact] });
  const params = { subject: 'Hello', message: 'As agreed.' };
  const rules = [{ name: 'all', propose: [{ type: 'email_message', params }] }];
  const made = await createAgent(house, 'test', { name: 'A', capabilities: ['email'], playbook: { rules } });
  const { id } = await trigger(house, 'test', { agent_id: String(made.agent.id) }, undefined);
  await waitForRun(house, id, 5);
  for (const contact_id of ['p0', 'p1'])
    await approve(house, 'test', await asShown(house, { run_id: id, contact_id, action_index: 0 }), 5);
  await reject(house, 'test', { run_id: id, contact_id: 'p2', action_index: 0 });
  await house.store.close();
  head = String((await audited()).head);
});

async function erase(id: string): Promise<void> {
  const house = aHouse();
  expect((await deleteContact(house, 'test', id)).warnings).toEqual([]);
  await house.store.close();
}

function audited(expectHead?: string) {
  return aStore(home, testDeps(home)).audit({ recipientOf, expectHead });
}

async function faults(expectHead?: string): Promise<string> {
  return (await audited(expectHead)).faults.join('\n');
}

/** The forger makes the entry about a contact fit what the log says after the forgery. */
function bind(forger: Forger, contactId: string, bound: { message: string; email: string; via: Proof }): void {
  const entry = forger.entry(contactId);
  const { salt = '' } = entry.personal ?? {};
  const params = paramsDigest({ subject: 'Hello', message: bound.message });
  entry.binds = bindingOf(salt, { params, recipient: bound.email, decided_via: bound.via });
  entry.via = bound.via;
  if (entry.personal) entry.personal.recipient = bound.email;
}

function alterParams(forger: Forger): void {
  for (const { event } of forger.of('results_recorded'))
    for (const { proposed_actions } of event.results)
      for (const action of proposed_actions) action.params = { subject: 'Hello', message: 'Send me money.' };
}

function alterRecipient(forger: Forger): void {
  for (const { event } of forger.of('contacts_saved'))
    for (const contact of event.contacts) if (contact.id === 'p0') contact.email = 'mallory@example.com';
}

const alterProof = (forger: Forger) => {
  forger.change('p0').change.set.decided_via = 'human';
};

describe('a log that somebody put together again with every digest and chain recomputed', () => {
  it('is found whole where nothing was altered, and by its head', async () => {
    new Forger(home).write();
    expect(await faults(head)).toBe('');
  });

  it.each([
    ['what was sent', alterParams, 'the params, the recipient or the proof'],
    ['to whom it went', alterRecipient, 'another recipient'],
    ['a plain call, made a yes at the terminal', alterProof, 'the params, the recipient or the proof'],
    [
      'that and the proof in the entry',
      (forger: Forger) => {
        alterProof(forger);
        forger.entry('p0').via = 'human';
      },
      'the params, the recipient or the proof',
    ],
    [
      'the recipient in the entry',
      (forger: Forger) => Object.assign(forger.entry('p0').personal ?? {}, { recipient: 'mallory@example.com' }),
      'the params, the recipient or the proof',
    ],
    [
      'an entry that binds nothing any more, as if it were from before',
      (forger: Forger) => delete forger.entry('p1').binds,
      'binds nothing',
    ],
    [
      'a proof that was added after the decision',
      (forger: Forger) => {
        const sent = [...forger.of('actions_changed')].flatMap(({ event }) => event.changes);
        for (const change of sent) if (change.to === 'executed') change.set.decided_via = 'human';
      },
      'without a decision',
    ],
    [
      'an entry redacted although nobody was deleted',
      (forger: Forger) => {
        const entry = forger.entry('p0');
        delete entry.personal;
        forger.append({ type: 'decisions_redacted', seqs: [entry.seq] });
      },
      "wasn't deleted",
    ],
  ])('is noticed by what its entries bind: %s', async (_what, alter, words) => {
    const forger = new Forger(home);
    alter(forger);
    forger.write();
    expect(await faults()).toContain(words);
  });

  it.each([
    ['the params', alterParams, { message: 'Send me money.', email: 'p0@example.com', via: 'client' as const }],
    ['the recipient', alterRecipient, { message: 'As agreed.', email: 'mallory@example.com', via: 'client' as const }],
    ['the proof', alterProof, { message: 'As agreed.', email: 'p0@example.com', via: 'human' as const }],
  ])('is noticed by an earlier head where the entries were bound anew to %s', async (what, alter, bound) => {
    const forger = new Forger(home);
    alter(forger);
    bind(forger, 'p0', bound);
    if (what === 'the params') bind(forger, 'p1', { ...bound, email: 'p1@example.com' });
    if (what === 'the params') bind(forger, 'p2', { ...bound, email: 'p2@example.com' });
    forger.write();
    // Without a head this is another log, consistent in itself.
    expect(await faults()).toBe('');
    expect(await faults(head)).toContain('no commit has the head');
  });

  it('is noticed by every head from the altered commit on, whoever wrote it', async () => {
    const forger = new Forger(home);
    const { line } = forger.change('p2');
    line.by = 'mallory';
    forger.write();
    expect(await faults()).toBe('');
    expect(await faults(head)).toContain(`no commit has the head ${head}`);
  });

  it('is noticed where it lost its end, and where the head is of another log', async () => {
    const forger = new Forger(home);
    forger.lines.pop();
    forger.write();
    expect(await faults(head)).toContain(`no commit has the head ${head}`);
    expect(await faults('of no log')).toContain('or it is of another log');
  });
});

describe('an erasure', () => {
  it('leaves every earlier head valid, those of the first edition too', async () => {
    const house = aHouse();
    await importContacts(house, 'test', { contacts: [{ id: 'p9' }] });
    const { hash } = await house.read((view) => view.decisionHead());
    await house.store.close();
    const later = String((await audited()).head);
    await erase('p1');
    await erase('p9');
    for (const earlier of [head, later, hash]) expect(await faults(earlier)).toBe('');
    const { trail, rewritten, head: now } = await audited();
    expect(trail.recount.counts).toEqual({ recomputed: 2, erased: 1, before: 0 });
    expect(rewritten.before).toBe(0);
    expect(rewritten.lines).toBeGreaterThan(2);
    expect([head, later]).not.toContain(now);
    expect(await faults(now)).toBe('');
  });

  it.each([
    ['a decision about somebody else', (forger: Forger) => forger.change('p0').line],
    ['a run', (forger: Forger) => [...forger.of('run_ended')][0]?.line],
  ])("doesn't excuse %s, which it never touched", async (_what, lineIn) => {
    await erase('p1');
    const forger = new Forger(home);
    const [erasure] = forger.of('history_rewritten');
    const [, , standIns = []] = erasure?.event.lines?.[0] ?? [];
    const line = lineIn(forger);
    if (!line) throw new Error('no such line');
    forger.pretendErased(line, ...standIns);
    line.by = 'mallory';
    erasure?.event.lines?.push([line.n, forger.ownOf(line), [...standIns]]);
    forger.write();
    for (const expected of [undefined, head]) {
      expect(await faults(expected)).toContain('about none of the contacts');
      expect(await faults(expected)).toContain("doesn't prove what it says beside");
    }
  });

  it("doesn't excuse what the code itself would rewrite so, if it is about somebody else", async () => {
    await erase('p1');
    const forger = new Forger(home);
    const [erasure] = forger.of('history_rewritten');
    const [, , standIns = []] = erasure?.event.lines?.[0] ?? [];
    const { line } = forger.change('p0');
    const alter = (event: Event) => {
      if (event.type === 'actions_changed') for (const { set } of event.changes) set.decided_via = 'human';
      return event;
    };
    forger.rewrite(line, alter, ...standIns);
    erasure?.event.lines?.push([line.n, forger.ownOf(line), [...standIns]]);
    forger.write();
    expect(await faults(head)).toContain('it replaced what was about none of the contacts');
  });

  it('leaves provable what stood beside the erased contact in the same line', async () => {
    const house = aHouse();
    const both = ['q0', 'q1'].map((id) => ({ id, email: `${id}@example.com` }));
    await importContacts(house, 'test', { contacts: both });
    await house.store.close();
    const then = String((await audited()).head);
    await erase('q1');
    expect(await faults(then)).toBe('');
    const forger = new Forger(home);
    const [erasure] = forger.of('history_rewritten');
    for (const { line, event } of forger.of('contacts_saved')) {
      const q0 = event.contacts.find(({ id }) => id === 'q0');
      const named = erasure?.event.lines?.find(([n]) => n === line.n);
      if (!q0 || !named) continue;
      q0.email = 'mallory@example.com';
      named[1] = forger.ownOf(line);
    }
    forger.write();
    expect(await faults(then)).toContain('the rest of it was altered too');
  });

  it('excuses no line that it does not name, and no other text of one that it names', async () => {
    await erase('p1');
    const forger = new Forger(home);
    const [erasure] = forger.of('history_rewritten');
    const line = forger.lines.find(({ erased }) => erased && erased.length > 0);
    if (!line || !erasure) throw new Error('nothing was erased');
    line.by = 'mallory';
    forger.write();
    expect(await faults(head)).toContain('no erasure names it so');
    const named = erasure.event.lines?.find(([n]) => n === line.n);
    if (named) named[1] = forger.ownOf(line);
    forger.write();
    expect(await faults(head)).toContain('the rest of it was altered too');
  });

  it('left nothing that is said of the erased contact again', async () => {
    await erase('p1');
    const forger = new Forger(home);
    const [erasure] = forger.of('history_rewritten');
    for (const { line, event } of forger.of('results_recorded')) {
      const result = event.results.find(({ contact_id }) => contact_id.startsWith('erased_'));
      const [action] = result?.proposed_actions ?? [];
      if (!result || !action) continue;
      action.params = { subject: 'Hello', message: 'She asked for it.' };
      const named = erasure?.event.lines?.find(([n]) => n === line.n);
      if (named) named[1] = forger.ownOf(line);
    }
    forger.write();
    expect(await faults()).toContain('it still says what erasing');
  });

  it('of a contact who was never deleted excuses nothing', async () => {
    await erase('p2');
    const forger = new Forger(home);
    const [saved] = forger.of('contacts_saved');
    if (!saved) throw new Error('nobody was saved');
    forger.pretendErased(saved.line, 'erased_nobody');
    for (const contact of saved.event.contacts) contact.email = 'mallory@example.com';
    const named: [number, string, string[]] = [saved.line.n, forger.ownOf(saved.line), ['erased_nobody']];
    forger.append({ type: 'history_rewritten', stand_ins: ['erased_nobody'], lines: [named] });
    forger.write();
    const found = await faults(head);
    expect(found).toContain('erases erased_nobody, but no contact of that name was deleted');
    expect(found).toContain("was rewritten to erase erased_nobody, who wasn't deleted after commit 1");
  });

  it('without lines, as the first edition wrote it, excuses nothing in a home of this one', async () => {
    const forger = new Forger(home);
    const { line, change } = forger.change('p0');
    forger.pretendErased(line);
    delete line.erased;
    change.set.decided_by = 'mallory';
    forger.append({ type: 'history_rewritten', stand_ins: [], segments: [[1, 'of the forged segment']] });
    forger.write();
    const found = await faults(head);
    expect(found).toContain('erases without naming the lines');
    expect(found).toContain('was rewritten, but not to erase a contact');
  });
});
