import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { Decision, Store } from '../../src/store/store.ts';
import { aContact } from '../support/fixtures.ts';
import { passTime, SharedHome } from '../support/port.ts';
import { contactsIn } from '../support/store.ts';
import { AT, saved } from '../support/writes.ts';

/*
 * What any store promises, asked through the port alone: `port*.test.ts` are to run on a second store as they are. A store
 * comes from `aStore()`, by way of `SharedHome`, and no test knows how it keeps what it is told.
 */

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const idsIn = (view: View) => contactsIn(view).map(({ id }) => id);
const commits = (store: Store) => store.read((view) => view.commits());

/** Numbers the notes of one contact, so that two decisions over the same state would show. */
function numbered(view: View): Decision<string> {
  const body = String(view.activity('ct_1').notes.length + 1);
  const note = { contact_id: 'ct_1', body, agent_id: 'ag', run_id: 'run', action_index: 0, at: AT };
  return { events: [{ type: 'note_added', note }], value: body };
}
const notes = (view: View) => view.activity('ct_1').notes.map(({ body }) => body);

describe('a commit', () => {
  it('is seen by the next read, by another store, and by one that is opened later', async () => {
    const [store, other] = [home.open(), home.open()];
    expect(await other.read(idsIn)).toEqual([]);
    await store.commit('test', () => ({ events: [saved('a'), saved('b')], value: undefined }));
    expect(await store.read(idsIn)).toEqual(['a', 'b']);
    expect(await other.read(idsIn)).toEqual(['a', 'b']);
    expect(await home.told(idsIn)).toEqual(['a', 'b']);
  });

  it('sees what another store wrote before it, and gives what it decided to tell', async () => {
    const [store, other] = [home.open(), home.open()];
    expect(await store.commit('test', numbered)).toBe('1');
    expect(await other.commit({ user: 'ada', client: 'desk 1' }, numbered)).toBe('2');
    expect(await store.commit('test', numbered)).toBe('3');
  });

  it('is counted once, however much it says, and where nothing changed the number stays', async () => {
    const [store, other] = [home.open(), home.open()];
    expect(await commits(store)).toBe(0);
    await store.commit('test', () => ({ events: [saved('a'), saved('b')], value: undefined }));
    expect(await commits(store)).toBe(1);
    expect(await commits(store)).toBe(1);
    await other.commit('test', () => ({ events: [saved('c')], value: undefined }));
    expect(await home.told((view) => view.commits())).toBe(2);
  });

  it('without events writes nothing, and gives its value all the same', async () => {
    const store = home.open();
    await home.write(saved('a'));
    expect(await store.commit('test', (view) => ({ events: [], value: idsIn(view) }))).toEqual(['a']);
    expect(await home.told((view) => view.commits())).toBe(1);
  });

  it.each([
    ['of the product', new AppError('CONFLICT', 'Not now.', { status: 'done' })],
    ['of its own', new TypeError('a fault of the decision')],
  ])('whose decision throws an error %s writes nothing, passes it on, and the next goes on', async (_whose, error) => {
    const store = home.open();
    const refused = store.commit('test', () => {
      throw error;
    });
    await expect(refused).rejects.toBe(error);
    expect(await commits(store)).toBe(0);
    expect(await store.commit('test', numbered)).toBe('1');
    expect(await home.told(notes)).toEqual(['1']);
  });

  it('is decided again over what another store writes meanwhile', async () => {
    const [store, other] = [home.open(), home.open()];
    await Promise.all([store.read(notes), other.read(notes)]);
    let meanwhile: Promise<string> | undefined;
    const first = store.commit('test', (view) => {
      const decision = numbered(view);
      meanwhile ??= other.commit('test', numbered);
      return decision;
    });
    expect([await first, await meanwhile].sort()).toEqual(['1', '2']);
    expect(await home.told(notes)).toEqual(['1', '2']);
  });

  it('is decided over the one before, when several stores commit much at once', async () => {
    const stores = [home.open(), home.open(), home.open()];
    const all = Array.from({ length: 10 }, () => stores.map((store) => store.commit('test', numbered))).flat();
    const values = (await Promise.all(all)).map(Number).sort((a, b) => a - b);
    const expected = Array.from({ length: 30 }, (_, index) => index + 1);
    expect(values).toEqual(expected);
    expect(await home.told(notes)).toEqual(expected.map(String));
  });
});

describe('a look', () => {
  it('gives what it comes to, and what it throws', async () => {
    const store = home.open();
    expect(await store.read((view) => view.commits() + 1)).toBe(1);
    const error = new AppError('NOT_FOUND', 'Nobody is there.');
    const failing = store.read(() => {
      throw error;
    });
    await expect(failing).rejects.toBe(error);
  });

  it('finds nothing in a new home, whatever it asks for', async () => {
    const told = await home.told((view) => [
      ...[view.agent('x'), view.run('x'), view.contact('x'), view.identity('x'), view.thread('x'), view.key('x', 'x')],
      ...[view.aliasOf('x'), view.contactAt('x'), view.lastRun('x'), view.schedule('x'), view.evaluatedAt('x', 'x')],
      ...view.agentsNamed('x'),
      ...[view.agentsOf('x'), view.runsOf('x'), view.unfinished(), view.schedules(), view.open({})].flat(),
      ...[view.agentFile('x').versions, view.ledger('x'), view.messages('x'), view.decisions('000000000001')].flat(),
      ...[...view.results('x').results.keys(), ...view.results('x').targets, ...view.waiting().keys()],
      ...[view.activity('x').events, view.activity('x').notes].flat(),
    ]);
    expect(told.filter((found) => found !== undefined)).toEqual([]);
  });

  it('may take functions out of its view, and lay others over it', async () => {
    await home.write(saved('a'));
    const told = await home.told((view) => {
      const { contact, contactAt } = view;
      const dressed: View = { ...view, ledger: () => [] };
      return [contact('a')?.id, contactAt('a@example.com')?.id, dressed.contact('a')?.id, dressed.ledger('a').length];
    });
    expect(told).toEqual(['a', 'a', 'a', 0]);
  });

  it('tells the same whether it says before what it wants, or not', async () => {
    const contact_id = 'ct_1';
    const visits = [1, 2].map((n) => ({ contact_id, type: 'page', properties: { n }, timestamp: AT }));
    await home.write({ type: 'contacts_saved', contacts: [aContact({ id: contact_id })] });
    await home.write({ type: 'events_recorded', events: visits });
    const plain = (view: View) => [view.activity(contact_id), view.ledger(contact_id), view.results('run_1')];
    const before = await home.told(plain);
    const wanting = await home.told((view) => {
      view.want({ activity: [contact_id, 'nobody'], ledger: [contact_id], results: ['run_1'] });
      view.want({});
      return plain(view);
    });
    expect(wanting).toEqual(before);
    expect(await home.told((view) => view.commits())).toBe(2);
  });
});

describe('a holder', () => {
  const livesFor = (other: Store, { holder }: Store) => other.read((view) => view.isAlive(holder));

  it('is another one for each store, and lives for all of them until it is closed', async () => {
    const [store, other] = [home.open(), home.open()];
    expect(store.holder).not.toBe(other.holder);
    expect(await livesFor(other, store)).toBe(false);
    await store.renew();
    expect(await livesFor(store, store)).toBe(true);
    expect(await livesFor(other, store)).toBe(true);
    await home.close(store);
    expect(await livesFor(other, store)).toBe(false);
  });

  it('that does not say so for 15 s is taken for dead', async () => {
    const [store, other] = [home.open(), home.open()];
    await store.renew();
    passTime(14_000);
    expect(await livesFor(other, store)).toBe(true);
    passTime(2_000);
    expect(await livesFor(other, store)).toBe(false);
  });

  it('that nobody ever was does not live', async () => {
    expect(await home.told((view) => ['proc_0000000000', '', '..'].map(view.isAlive))).toEqual([false, false, false]);
  });
});
