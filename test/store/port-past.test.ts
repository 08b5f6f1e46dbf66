import { beforeEach, describe, expect, it } from 'vitest';
import type { Contact, ContactEvent, Note } from '../../src/domain/contacts/contact.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { AsItWas } from '../../src/store/store.ts';
import { aContact } from '../support/fixtures.ts';
import { anAction, at, change, created, evaluated, moved, SharedHome } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const met = (contact: Partial<Contact> & { id: string }): Event => ({
  type: 'contacts_saved',
  contacts: [aContact({ email: `${contact.id}@example.com`, ...contact })],
});
const visit = (contact_id: string, n: number): ContactEvent => ({
  ...{ contact_id, type: 'page', name: `visit ${n}`, properties: { n }, timestamp: at(n) },
});
const visited = (...events: ContactEvent[]): Event => ({ type: 'events_recorded', events });
const noted = (contact_id: string, body: string): Event => {
  const note: Note = { contact_id, body, agent_id: 'ag', run_id: 'run', action_index: 0, at: at(0) };
  return { type: 'note_added', note };
};
const deleted = (contact_id: string): Event => ({
  type: 'contact_deleted',
  ...{ contact_id, run_ids: [], stand_in: 'erased_1' },
});

/** What is told of a contact as of each of the commits, in short: by the store that wrote, and by a new one. */
async function past(contact_id: string, ...commits: number[]) {
  const wanted = commits.map((commit) => ({ commit, contact_id }));
  const told = await home.open().asOf(wanted);
  await home.closeAll();
  expect(await home.open().asOf(wanted)).toEqual(told);
  return told.map(inShort);
}

const inShort = (was: AsItWas | undefined) =>
  was && [
    was.contact.id,
    was.contact.firstname,
    was.activity.events.map(({ name }) => name),
    was.activity.notes.length,
  ];

describe('a contact as it was', () => {
  it('has the fields, events and notes of that commit, and nothing that came later', async () => {
    await home.write(met({ id: 'ct_2', firstname: 'Other' }));
    await home.write(met({ id: 'ct_1', firstname: 'Ann' }));
    await home.write(visited(visit('ct_1', 5), visit('ct_2', 1)));
    await home.write(noted('ct_1', 'called'));
    await home.write(visited(visit('ct_1', 3)), met({ id: 'ct_1', firstname: 'Anna' }));
    expect(await past('ct_1', 1, 2, 3, 4, 5)).toEqual([
      undefined,
      ['ct_1', 'Ann', [], 0],
      ['ct_1', 'Ann', ['visit 5'], 0],
      ['ct_1', 'Ann', ['visit 5'], 1],
      ['ct_1', 'Anna', ['visit 3', 'visit 5'], 1],
    ]);
  });

  it('is found by another id that an import used, from then on', async () => {
    await home.write(met({ id: 'ct_1', firstname: 'Ann' }), visited(visit('ct_1', 1)));
    await home.write({ type: 'contacts_saved', contacts: [], aliases: [['crm-7', 'ct_1']] });
    expect(await past('crm-7', 1, 2)).toEqual([undefined, ['ct_1', 'Ann', ['visit 1'], 0]]);
  });

  it('is gone from every commit once it was deleted, and who came later under its id is another one', async () => {
    await home.write(met({ id: 'ct_1', firstname: 'Ann' }), visited(visit('ct_1', 1)), noted('ct_1', 'called'));
    await home.write({ type: 'contacts_saved', contacts: [], aliases: [['crm-7', 'ct_1']] });
    await home.write(deleted('ct_1'));
    await home.write(met({ id: 'ct_1', firstname: 'Bea' }));
    const expected = [undefined, undefined, undefined, ['ct_1', 'Bea', [], 0]];
    expect(await past('ct_1', 1, 2, 3, 4)).toEqual(expected);
    expect(await past('crm-7', 1, 2, 3, 4)).toEqual([undefined, undefined, undefined, undefined]);
    await home.open().forget('test');
    expect(await past('ct_1', 1, 2, 3, 4)).toEqual(expected);
    expect(await past('crm-7', 1, 2, 3, 4)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('has the actions that there were, as they stood then', async () => {
    const ref = { run_id: 'run_1', contact_id: 'ct_1', action_index: 0 };
    await home.write(met({ id: 'ct_1' }), met({ id: 'ct_2' }), created('run_1'), created('run_2', { dry_run: true }));
    await home.write(evaluated('run_1', 'ct_1', [anAction(0)]), evaluated('run_1', 'ct_2', [anAction(0)]));
    await home.write(evaluated('run_2', 'ct_1', [anAction(0, { status: 'dry_run' })], { dry_run: true }));
    await home.write(moved(change(ref, 'pending_approval', 'rejected', { set: { reason: 'too pushy' } })));
    await home.write(evaluated('run_3', 'ct_1', [anAction(0)], { agent_id: 'ag_2' }));
    const wanted = [1, 2, 3, 4, 5].map((commit) => ({ commit, contact_id: 'ct_1' }));
    const told = (await home.open().asOf(wanted)).map((was) =>
      was?.ledger.map(({ run_id, agent_id, status, reason }) => [run_id, agent_id, status, reason]),
    );
    const waiting = ['run_1', 'ag_test', 'pending_approval', undefined];
    const rejected = ['run_1', 'ag_test', 'rejected', 'too pushy'];
    const later = ['run_3', 'ag_2', 'pending_approval', undefined];
    expect(told).toEqual([[], [waiting], [waiting], [rejected], [rejected, later]]);
  });

  it('is told in the order asked, however often', async () => {
    await home.write(met({ id: 'ct_1', firstname: 'Ann' }), met({ id: 'ct_2', firstname: 'Bea' }));
    const wanted = ['ct_2', 'ct_1', 'ct_3', 'ct_2'].map((contact_id) => ({ commit: 1, contact_id }));
    expect((await home.open().asOf(wanted)).map((was) => was?.contact.firstname)).toEqual([
      'Bea',
      'Ann',
      undefined,
      'Bea',
    ]);
    expect(await home.open().asOf([])).toEqual([]);
  });

  it('is refused for a commit that there is not', async () => {
    const ask = (commit: number) => home.open().asOf([{ commit, contact_id: 'ct_1' }]);
    await expect(ask(1)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('none yet'),
    });
    await home.write(met({ id: 'ct_1' }));
    for (const commit of [0, 2, 1.5, -1, Number.NaN])
      await expect(ask(commit)).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { commit } });
    expect(await ask(1)).toHaveLength(1);
  });
});
