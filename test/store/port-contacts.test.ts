import { beforeEach, describe, expect, it } from 'vitest';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { ALL, type Named } from '../../src/domain/state/queries.ts';
import { contactOf } from '../../src/domain/state/view.ts';
import type { ContactQuery } from '../../src/store/store.ts';
import { aContact, anAgent, anIdentity } from '../support/fixtures.ts';
import { at, created, evaluated, SharedHome, said, started } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const met = (...contacts: (Partial<Contact> & { id: string })[]): Event => ({
  type: 'contacts_saved',
  contacts: contacts.map((contact) => aContact({ email: `${contact.id}@example.com`, ...contact })),
});
const deleted = (contact_id: string): Event => ({ type: 'contact_deleted', contact_id, run_ids: [] });

describe('a contact', () => {
  it('is told as it was saved last, its own columns too', async () => {
    await home.write(met({ id: 'ct_1' }, { id: 'ct_2', plan: { tier: [1, null, 'ü'] }, score: 0.1 }));
    await home.write(met({ id: 'ct_1', firstname: 'Sanne', lastname: 'Bakker' }));
    const told = await home.told((view) => ['ct_1', 'ct_2', 'ct_3'].map((id) => view.contact(id)));
    expect(told[0]).toMatchObject({ lastname: 'Bakker', email: 'ct_1@example.com' });
    expect(told[1]).toMatchObject({ plan: { tier: [1, null, 'ü'] }, score: 0.1 });
    expect(told[2]).toBeUndefined();
    await home.write(deleted('ct_1'));
    expect(await home.told((view) => view.find.contacts(ALL).rows.map(({ id }) => id))).toEqual(['ct_2']);
  });

  it('is found by another id that an import used for it', async () => {
    const contacts = [aContact({ id: 'ct_1' })];
    await home.write({ type: 'contacts_saved', contacts, aliases: [['crm-7', 'ct_1']] });
    const found = () =>
      home.told((view) => [view.aliasOf('crm-7'), contactOf(view, 'crm-7')?.id, view.aliasOf('ct_1')]);
    expect(await found()).toEqual(['ct_1', 'ct_1', undefined]);
    await home.write(deleted('ct_1'));
    expect(await found()).toEqual([undefined, undefined, undefined]);
  });

  it('keeps an address from younger ones, however it came to it', async () => {
    const email = 'same@example.com';
    const born = (day: number) => ({ created_at: `2026-01-0${day}T00:00:00.000Z` });
    const holder = () => home.told((view) => [view.contactAt(email)?.id, view.contactAt(email.toUpperCase())?.id]);
    await home.write(met({ id: 'c', ...born(3), email }, { id: 'a', ...born(1) }, { id: 'b', ...born(2), email }));
    expect(await holder()).toEqual(['b', 'b']);
    await home.write(met({ id: 'a', ...born(1), email: 'SAME@example.com' }));
    expect(await holder()).toEqual(['a', 'a']);
    await home.write(deleted('a'));
    expect(await holder()).toEqual(['b', 'b']);
    await home.write(met({ id: 'b', ...born(2), email: 'other@example.com' }));
    expect(await holder()).toEqual(['c', 'c']);
  });

  it('is told with what it did, oldest first, and what was noted of it', async () => {
    const visit = (n: number, contact_id = 'ct_1') => ({
      ...{ contact_id, type: 'page', name: `visit ${n}`, properties: { n }, timestamp: at(n) },
    });
    const note = (body: string): Event => ({
      type: 'note_added',
      note: { contact_id: 'ct_1', body, agent_id: 'ag_test', run_id: 'run_1', action_index: 0, at: at(1) },
    });
    await home.write(met({ id: 'ct_1' }), note('one'));
    await home.write({ type: 'events_recorded', events: [visit(3), visit(1), visit(2, 'ct_2')] }, note('two'));
    await home.write({ type: 'events_recorded', events: [visit(2)] });
    const told = await home.told((view) => view.activity('ct_1'));
    expect(told.events).toEqual([visit(1), visit(2), visit(3)]);
    expect(told.notes.map(({ body }) => body)).toEqual(['one', 'two']);
    await home.write(deleted('ct_1'));
    const left = await home.told((view) => ['ct_1', 'ct_2'].map((id) => view.activity(id)));
    expect(left).toEqual([
      { events: [], notes: [] },
      { events: [visit(2, 'ct_2')], notes: [] },
    ]);
  });

  it('leaves traces: runs that were to look at it, their agents, conversations about it or that name it', async () => {
    await home.write(met({ id: 'ct_1', email: 'vera@example.com' }, { id: 'ct_2' }));
    await home.write(created('run_1'), started('run_1', ['ct_1', 'ct_2']), evaluated('run_1', 'ct_1'));
    await home.write(created('run_2', { agent_id: 'ag_2' }, ['ct_1']), created('run_3', {}, ['ct_2']));
    await home.write(created('run_4'), evaluated('run_4', 'ct_1'));
    await home.write(said('th_1', 'hello', { contact_id: 'ct_1' }), said('th_2', 'Write to Vera@Example.com, please.'));
    await home.write(said('th_3', '{"contacts":[{"id":"ct_1"}]}'), said('th_4', 'ct_1x and ct_2@example.com'));
    const traces = await home.told((view) => view.tracesOf(aContact({ id: 'ct_1', email: 'vera@example.com' })));
    expect({ ...traces, agent_ids: [...traces.agent_ids].sort() }).toEqual({
      run_ids: ['run_1', 'run_2', 'run_4'],
      agent_ids: ['ag_2', 'ag_test'],
      results: 2,
      thread_ids: ['th_1', 'th_2', 'th_3'],
    });
    const none = await home.told((view) => view.tracesOf(aContact({ id: 'ct_3', email: 'nobody@example.com' })));
    expect(none).toEqual({ run_ids: [], agent_ids: [], results: 0, thread_ids: [] });
  });
});

describe('contacts are found', () => {
  const PEOPLE = [
    { id: 'ct_1', firstname: 'Vera', lastname: 'Jansen', company: 'Acme', score: 10 },
    { id: 'ct_2', firstname: 'Noor', lastname: 'Vos', company: 'acme labs', score: 20 },
    { id: 'ct_3', firstname: 'Tim', lastname: 'Acker', company: 'Other', score: 30 },
  ];
  const QUERIES: [ContactQuery, string[]][] = [
    [{}, ['ct_3', 'ct_2', 'ct_1']],
    [{ oldestFirst: true }, ['ct_1', 'ct_2', 'ct_3']],
    [{ filter: { score: { $gte: 20 } } }, ['ct_3', 'ct_2']],
    [{ query: 'ACME' }, ['ct_2', 'ct_1']],
    [{ query: 'T_3' }, ['ct_3']],
    [{ query: 'ct_2@ex' }, ['ct_2']],
    [{ query: 'vera jan' }, ['ct_1']],
    [{ query: 'acme', filter: { score: { $gt: 10 } } }, ['ct_2']],
    [{ query: 'ac', filter: { score: { $gt: 10 } }, oldestFirst: true }, ['ct_2', 'ct_3']],
    [{ query: 'nobody' }, []],
    [{ filter: { score: 11 } }, []],
  ];

  it.each(QUERIES)('by %j', async (query, expected) => {
    const store = home.open();
    await home.write(met(...PEOPLE));
    const { rows, total } = await store.find.contacts(query, ALL);
    expect([rows.map(({ id }) => id), total]).toEqual([expected, expected.length]);
    await home.closeAll();
    expect(await home.open().find.contacts(query, ALL)).toEqual({ rows, total });
  });

  it('among those that another store wrote meanwhile', async () => {
    const [store, other] = [home.open(), home.open()];
    expect((await other.find.contacts({}, ALL)).total).toBe(0);
    await store.commit('test', () => ({ events: [met({ id: 'ct_1' })], value: undefined }));
    expect((await other.find.contacts({}, ALL)).total).toBe(1);
  });

  it('by no filter that can not be', async () => {
    const store = home.open();
    await home.write(met({ id: 'ct_1' }));
    const wrong = { filter: { score: { $wrong: 1 } } };
    await expect(store.find.contacts(wrong, ALL)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    const targets = store.find.targets({ agent_id: 'ag_test', limit: 10, ...wrong });
    await expect(targets).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect((await store.find.contacts({}, ALL)).total).toBe(1);
  });
});

describe('targets', () => {
  it('are those never evaluated first, then those evaluated longest ago; so many, of all that match', async () => {
    await home.write(met(...[1, 2, 3, 4, 5].map((n) => ({ id: `ct_${n}`, score: n }))));
    await home.write(created('run_1'), evaluated('run_1', 'ct_2', [], { at: at(9) }));
    await home.write(evaluated('run_1', 'ct_4', [], { at: at(7) }), evaluated('run_1', 'ct_3', [], { at: at(8) }));
    await home.write(created('run_2', { agent_id: 'ag_2' }), evaluated('run_2', 'ct_5', [], { agent_id: 'ag_2' }));
    const targets = (limit: number, score = 1, agent_id = 'ag_test') =>
      home.open().find.targets({ agent_id, filter: { score: { $gte: score } }, limit });
    expect(await targets(10)).toEqual({ ids: ['ct_1', 'ct_5', 'ct_4', 'ct_3', 'ct_2'], matched: 5 });
    expect(await targets(3)).toEqual({ ids: ['ct_1', 'ct_5', 'ct_4'], matched: 5 });
    expect(await targets(2, 2)).toEqual({ ids: ['ct_5', 'ct_4'], matched: 4 });
    expect(await targets(10, 9)).toEqual({ ids: [], matched: 0 });
    expect((await targets(10, 1, 'ag_3')).ids).toEqual(['ct_1', 'ct_2', 'ct_3', 'ct_4', 'ct_5']);
    await home.closeAll();
    expect(await targets(3)).toEqual({ ids: ['ct_1', 'ct_5', 'ct_4'], matched: 5 });
  });
});

describe('where contacts are kept', () => {
  it('is told by their ids, by other ids and by addresses that they have or had, and for nobody else', async () => {
    const moved = { id: 'ct_1', email: 'new@example.com' };
    await home.write(met({ id: 'ct_1', email: 'old@example.com' }, { id: 'ct_2' }));
    await home.write({ type: 'contacts_saved', contacts: [aContact(moved)], aliases: [['also', 'ct_1']] });
    for (const store of [home.open(), await home.closeAll().then(() => home.open())]) {
      const [own = '', ...others] = await store.places('id', ['ct_1', 'ct_2', 'also', 'nobody', undefined]);
      expect(own).toEqual(expect.any(String));
      expect(others).toEqual([own, own, undefined, undefined]);
      const addresses = ['OLD@example.com', 'new@example.com', 'nobody@example.com', undefined];
      expect(await store.places('address', addresses)).toEqual([own, own, undefined, undefined]);
    }
  });

  it('can be asked of very many, and prepared, while other calls are answered', async () => {
    const MANY = 3_000;
    const names = Array.from({ length: MANY }, (_, n) => `ct_${n}`);
    await home.write(met(...names.map((id) => ({ id, email: `${id}@example.com` }))));
    const store = home.open();
    const before = await store.read((view) => view.commits());
    expect(new Set(await store.places('id', names)).size).toBe(1);
    const whom = names.map((id, n) => ({ id: n % 2 === 0 ? id : undefined, address: `${id}@example.com` }));
    await store.prepare(whom, true);
    expect(await store.read((view) => [view.commits(), view.contact('ct_7')?.id])).toEqual([before, 'ct_7']);
  });
});

describe('the name closest to one that is not there', () => {
  it.each<[Named, string, string]>([
    ['agents', 'trail ending', 'Trial ending'],
    ['agents', 'ag_secnd', 'ag_second'],
    ['runs', 'run_frist', 'run_first'],
    ['contacts', 'ct_frist', 'ct_first'],
    ['identities', 'id_secnd', 'id_second'],
    ['threads', 'th_frist', 'th_first'],
  ])('is found among %s: %s', async (kind, wanted, expected) => {
    await home.write(met({ id: 'ct_first' }, { id: 'ct_second' }), created('run_first'), created('run_second'));
    await home.write(said('th_first', 'a'), said('th_second', 'b'));
    for (const [id, name] of [
      ['ag_first', 'Trial ending'],
      ['ag_second', 'Welcome'],
    ] as const)
      await home.write({ type: 'agent_saved', agent: anAgent({ id, name }) });
    for (const id of ['id_first', 'id_second'])
      await home.write({ type: 'identity_saved', identity: anIdentity({ id }) });
    expect(await home.told((view) => view.find.similar(kind, wanted))).toBe(expected);
  });

  it('is the closest of all, however many there are', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({ id: `person-${String(index).padStart(6, '0')}` }));
    await home.write(met(...many, { id: 'vera-jansen' }));
    expect(await home.told((view) => view.find.similar('contacts', 'vera-janssen'))).toBe('vera-jansen');
    expect(await home.told((view) => view.find.similar('contacts', 'person-02999'))).toBe('person-002999');
  });

  it('is none where there is nothing', async () => {
    await home.write(met({ id: 'ct_1' }));
    expect(await home.told((view) => view.find.similar('threads', 'ct_1'))).toBeUndefined();
  });
});
