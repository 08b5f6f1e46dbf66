import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { auditOf, decidedHome, houseIn } from '../support/forged-scene.ts';
import { Forger } from '../support/forger.ts';

let home: string;
/** The head when everything was decided, before anybody was erased or anything forged. */
let head: string;

beforeEach(async () => {
  const made = await decidedHome();
  home = made.home;
  head = made.head;
});

async function erase(id: string): Promise<void> {
  const house = houseIn(home);
  expect((await deleteContact(house, 'test', id)).warnings).toEqual([]);
  await house.store.close();
}

const audited = (expectHead?: string) => auditOf(home, expectHead);

async function faults(expectHead?: string): Promise<string> {
  return (await audited(expectHead)).faults.join('\n');
}

describe('an erasure', () => {
  it('leaves every earlier head valid, those of the first edition too', async () => {
    const house = houseIn(home);
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
    const house = houseIn(home);
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
