import { beforeEach, describe, expect, it } from 'vitest';
import { chained, type DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { DecisionAudit, Store } from '../../src/store/store.ts';
import { aContact, anAgent } from '../support/fixtures.ts';
import {
  anAction,
  at,
  change,
  created,
  ended,
  evaluated,
  moved,
  passTime,
  SharedHome,
  said,
  started,
} from '../support/port.ts';
import { whole } from '../support/whole.ts';
import { saved } from '../support/writes.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const VERA = aContact({ id: 'vera-8412', email: 'vera@person.example', firstname: 'Vera' });
const TOKEN = `rev_${'a1'.repeat(12)}`;
/** What would tell of her. */
const SIGNS = /vera/i;

/** A change of an action, and its entry in the decision log. */
function decide(store: Store, changed: ActionChange, decision: 'approved' | 'rejected'): Promise<void> {
  return store.commit('ada', (view) => {
    const { contact_id, run_id, action_index } = changed;
    const said = {
      decision,
      by: 'ada',
      via: 'client' as const,
      agent_id: 'ag_test',
      agent_name: 'A',
      agent_version: 1,
    };
    const personal = { contact_id, reason: `asked by ${contact_id}`, salt: 'salt' };
    const entry = chained({ at: at(3), ...said, run_id, action_index, personal }, view.decisionHead());
    return { events: [moved(changed), { type: 'decisions_recorded', entries: [entry] }], value: undefined };
  });
}

/** A home that knows her and another by all that there is: fields, events, notes, a run, decisions, a conversation. */
async function acquainted(): Promise<Store> {
  const store = home.open();
  const visits = ['vera-8412', 'noor'].map((contact_id) => ({
    ...{ contact_id, type: 'page', properties: { of: contact_id }, timestamp: at(1) },
  }));
  const noted = { contact_id: VERA.id, body: 'Vera likes tea', agent_id: 'ag_test', run_id: 'run_1', action_index: 0 };
  await home.write(
    ...[
      { type: 'agent_saved' as const, agent: anAgent() },
      { type: 'contacts_saved' as const, contacts: [VERA] },
    ],
    ...[saved('noor'), { type: 'events_recorded' as const, events: visits }],
    ...[
      { type: 'note_added' as const, note: { ...noted, at: at(1) } },
      said('th_1', 'Hello Vera', { contact_id: VERA.id }),
    ],
  );
  await home.write(created('run_1', {}, [VERA.id, 'noor']), started('run_1', [VERA.id, 'noor']));
  const wait = [anAction(0, { params: { body: 'For Vera' } })];
  await home.write(evaluated('run_1', VERA.id, wait), evaluated('run_1', 'noor', [anAction(0)]), ended('run_1'));
  for (const contact_id of [VERA.id, 'noor'])
    await decide(
      store,
      change({ run_id: 'run_1', contact_id, action_index: 0 }, 'pending_approval', 'rejected'),
      'rejected',
    );
  await store.keep(TOKEN, JSON.stringify([['run_1', VERA.id, 0, 'digest']]));
  return store;
}

/** Deletes her, as the product does it. */
function remove(store: Store): Promise<string> {
  return store.commit('ada', (view) => {
    const { results: _count, ...traces } = view.tracesOf(VERA);
    const stand_in = view.standIn(VERA.id, 'erased_0000000001');
    const seqs = view.ledger(VERA.id).flatMap((entry) => entry.decisions ?? []);
    const deletion = { type: 'contact_deleted' as const, contact_id: VERA.id, stand_in, ...traces };
    return { events: [deletion, { type: 'decisions_redacted', seqs }], value: stand_in };
  });
}

/** All that a view tells, asked for her too, as texts. */
function everything(view: View): string[] {
  const said = view.messages('th_1').map(({ content }) => content);
  return [...whole(view, [VERA.id, 'noor', 'run_1', 'ag_test']).values(), ...said];
}

async function entriesOf({ entries }: DecisionAudit): Promise<DecisionEntry[]> {
  const all: DecisionEntry[] = [];
  for await (const entry of entries()) all.push(entry);
  return all;
}

describe('a stand-in', () => {
  it('is made of the id that was drawn, the same each time, and tells nothing of the person', async () => {
    const names = await home.told((view) =>
      ['erased_1', 'erased_1', 'erased_2'].map((id) => view.standIn(VERA.id, id)),
    );
    expect(names[0]).toContain('erased_1');
    expect(names[1]).toBe(names[0]);
    expect(names[2]).toContain('erased_2');
    expect(names.join()).not.toMatch(SIGNS);
  });
});

describe('a deleted contact', () => {
  it('is pending until what was written before has forgotten it', async () => {
    const store = await acquainted();
    const stand_in = await remove(store);
    const erasure = { contact_id: VERA.id, stand_in, thread_ids: ['th_1'] };
    expect(await home.told((view) => [...view.erasures().pending])).toEqual([[stand_in, erasure]]);
    expect(await home.open().forget('test')).toBe(true);
    expect(await home.told((view) => [...view.erasures().pending])).toEqual([]);
  });

  it('is told of by nothing after that, in any store, and all others are told of as before', async () => {
    const store = await acquainted();
    const onlooker = home.open();
    expect((await onlooker.read(everything)).join()).toMatch(SIGNS);
    expect(await onlooker.recall(TOKEN)).toMatch(SIGNS);
    const noor = await store.read((view) => [view.contact('noor'), view.activity('noor'), view.ledger('noor')]);
    await remove(store);
    expect(await store.forget('test')).toBe(true);
    expect((await onlooker.read(everything)).join()).not.toMatch(SIGNS);
    expect(await onlooker.recall(TOKEN)).not.toMatch(SIGNS);
    expect((await home.told(everything)).join()).not.toMatch(SIGNS);
    const left = await home.told((view) => [view.contact('noor'), view.activity('noor'), view.ledger('noor')]);
    expect(left).toEqual(noor);
    expect(await home.open().check()).toMatchObject({ faults: [], warnings: [] });
  });

  it('leaves the counts of its runs as they were', async () => {
    const store = await acquainted();
    const summary = await store.read((view) => view.run('run_1')?.summary);
    await remove(store);
    expect(await store.forget('test')).toBe(true);
    expect(await home.told((view) => view.run('run_1')?.summary)).toEqual(summary);
  });

  it('is forgotten once, whoever else is at it, and calling again changes nothing', async () => {
    const store = await acquainted();
    const other = home.open();
    await remove(store);
    expect(await Promise.all([store.forget('test'), other.forget('test')])).toEqual([true, true]);
    const before = await home.told((view) => view.commits());
    expect(await home.open().forget('test')).toBe(true);
    expect(await home.told((view) => view.commits())).toBe(before);
  });

  it('is left to a store that is at it and lives, and taken over from one that ended', async () => {
    const store = await acquainted();
    const other = home.open();
    await remove(store);
    await other.renew();
    await home.write({ type: 'history_claimed', holder: other.holder });
    const waiting = store.forget('test');
    // It waits a while for the other one, which this makes short.
    await new Promise((resolve) => setImmediate(resolve));
    passTime(6_000);
    expect(await waiting).toBe(false);
    expect(await store.read((view) => view.erasures().pending.size)).toBe(1);
    await home.close(other);
    expect(await store.forget('test')).toBe(true);
    expect(await home.told((view) => [view.erasures().pending.size, view.erasures().holder])).toEqual([0, undefined]);
  });

  it('may come back as somebody new', async () => {
    const store = await acquainted();
    await remove(store);
    expect(await store.forget('test')).toBe(true);
    await home.write({ type: 'contacts_saved', contacts: [VERA] });
    const told = await home.told((view) => [
      view.contact(VERA.id),
      view.activity(VERA.id).events,
      view.ledger(VERA.id),
    ]);
    expect(told).toEqual([VERA, [], []]);
    expect(await home.open().forget('test')).toBe(true);
    expect(await home.told((view) => view.contact(VERA.id))).toEqual(VERA);
  });
});

describe('an audit', () => {
  it('of a home that was never made finds none, and makes none', async () => {
    const store = home.open();
    for (let times = 0; times < 2; times++) {
      const audit = await store.audit();
      expect(audit).toMatchObject({ isMade: false, commits: 0, faults: [], warnings: [] });
      expect(await entriesOf(audit)).toEqual([]);
    }
  });

  it('goes through every commit and gives every decision, oldest first, as often as it is asked', async () => {
    const store = await acquainted();
    const before = await store.read((view) => view.commits());
    const audit = await store.audit();
    expect(audit).toMatchObject({ isMade: true, commits: before, faults: [], warnings: [] });
    expect([audit.trail.entries, audit.trail.head]).toEqual([2, await store.read((view) => view.decisionHead())]);
    const entries = await entriesOf(audit);
    expect(entries.map(({ seq, personal }) => [seq, personal?.contact_id])).toEqual([
      [1, VERA.id],
      [2, 'noor'],
    ]);
    expect(await entriesOf(audit)).toEqual(entries);
    expect(await store.read((view) => view.commits())).toBe(before);
  });

  it('gives a head that every commit moves, and that goes on being accepted after an erasure', async () => {
    const store = await acquainted();
    const heads = [(await store.audit()).head];
    await home.write(saved('ines'));
    heads.push((await store.audit()).head);
    await remove(store);
    expect(await store.forget('test')).toBe(true);
    heads.push((await store.audit()).head);
    expect(new Set(heads).size).toBe(3);
    for (const expectHead of heads) expect(await home.open().audit({ expectHead })).toMatchObject({ faults: [] });
    const { faults } = await home.open().audit({ expectHead: 'f'.repeat(64) });
    expect(faults).toEqual([expect.stringContaining('no commit has the head')]);
  });

  it('holds, and tells nothing of a person, from the deletion on', async () => {
    const store = await acquainted();
    await remove(store);
    expect(JSON.stringify(await entriesOf(await store.audit()))).not.toMatch(SIGNS);
    expect(await store.forget('test')).toBe(true);
    const audit = await home.open().audit();
    expect(audit).toMatchObject({ isMade: true, faults: [], warnings: [] });
    expect([audit.trail.entries, audit.trail.redacted]).toEqual([2, 1]);
    const entries = await entriesOf(audit);
    expect(JSON.stringify(entries)).not.toMatch(SIGNS);
    expect(entries.map(({ seq, personal }) => [seq, personal?.contact_id])).toEqual([
      [1, undefined],
      [2, 'noor'],
    ]);
  });
});
