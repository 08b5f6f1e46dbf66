import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { type RowSource, remembering } from '../../src/domain/import/raw-row.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { House } from '../../src/engine/base/house.ts';
import type { Moment } from '../../src/engine/base/moment.ts';
import { importContacts, makeImport, readImport } from '../../src/engine/contacts/import.ts';
import { inProcess } from '../support/in-process.ts';

const MANY = 15_000;
/** Just more than are saved at once. */
const SOME = 10_010;
const numbers = Array.from({ length: MANY }, (_, index) => index);
const csvOf = (rows: readonly string[]) => `id,email,city\n${rows.join('\n')}\n`;
const row = (n: number) => `c${n},c${n}@many.example,"City, ${n % 7}"`;
const COUNTS = { created: 0, updated: 0, unchanged: 0, events_recorded: 0, error_count: 0 };

/** A house whose commits are noted. A decision that runs again does so with the same moment, and counts once. */
function noting(house: House): { house: House; commits: Map<Moment, readonly Event[]> } {
  const commits = new Map<Moment, readonly Event[]>();
  const commit: House['commit'] = (author, decide) =>
    house.commit(author, (view, moment) => {
      const decision = decide(view, moment);
      commits.set(moment, decision.events);
      return decision;
    });
  return { house: Object.assign(Object.create(house), { commit }), commits };
}

describe('an import of many rows', () => {
  it('is saved in parts, and means what it would mean in one', async () => {
    const { house } = inProcess();
    const rows = [
      ...numbers.map(row),
      'c3,c3@elsewhere.example,Elsewhere',
      row(14_000),
      ',c7@many.example,Elsewhere',
      'c8,x',
    ];
    const made = await importContacts(house, 'somebody', { csv: csvOf(rows) });
    expect(made).toMatchObject({ ...COUNTS, created: MANY, updated: 2, unchanged: 1, error_count: 1 });
    expect(made.errors).toEqual([{ row: MANY + 4, message: expect.stringContaining('"x"') }]);
    expect(made.warnings).toEqual([expect.stringContaining('1 id came with two addresses')]);
    const found = await house.read((view) => ['c0', 'c3', 'c7', 'c14999'].map((id) => view.contact(id)?.city));
    expect(found).toEqual(['City, 0', 'Elsewhere', 'Elsewhere', 'City, 5']);
    const again = await importContacts(house, 'somebody', { csv: csvOf(numbers.map(row).slice(9)) });
    expect(again).toMatchObject({ ...COUNTS, unchanged: MANY - 9 });
  });

  it('reports a row whose id is no text, and takes the others', async () => {
    const { house } = inProcess();
    const good = { contact_id: 'ada', type: 'page', name: 'Prices' };
    const events = [{ ...good, contact_id: { toString: 1 } }, good, { ...good, contact_id: [['ada']] }];
    const made = await importContacts(house, 'somebody', { events });
    expect(made).toMatchObject({ ...COUNTS, created: 1, events_recorded: 1, error_count: 2 });
    const many = numbers.map((n) => ({ ...good, contact_id: `c${n % 10}`, name: `${n}` }));
    const large = await importContacts(house, 'somebody', {
      contacts: [{ id: { toString: 1 } }],
      events: [...events, ...many],
    });
    expect(large).toMatchObject({ ...COUNTS, created: 10, events_recorded: MANY, error_count: 3 });
  });

  it('reads all contacts before the first event, in whichever part they stand', async () => {
    const { house } = inProcess();
    const contacts = numbers.slice(0, 6_000).map((n) => JSON.stringify({ id: `c${n}`, email: `c${n}@many.example` }));
    const events = numbers
      .slice(0, 6_000)
      .map((n) => JSON.stringify({ contact_id: `c${n % 600}`, type: 'page', name: `${n}` }));
    const made = await importContacts(house, 'somebody', { csv: [...events, ...contacts].join('\n'), format: 'jsonl' });
    expect(made).toMatchObject({ ...COUNTS, created: 6_000, events_recorded: 6_000 });
    expect(await house.read((view) => view.activity('c5').events.length)).toBe(10);
  });

  it('lets another call be answered between its parts, and tells how far it is', async () => {
    const { house } = inProcess();
    const order: string[] = [];
    const read = await readImport(house, { csv: csvOf(numbers.slice(0, SOME).map(row)) });
    const answers: Promise<unknown>[] = [];
    const onProgress = (done: number, of: number, what?: string) => {
      order.push(`${done} of ${of} ${what}`);
      const answer = house.read((view) =>
        numbers.filter((n) => n % 1_000 === 0 && view.contact(`c${n}`)).length.toString(),
      );
      answers.push(answer.then((found) => order.push(found)));
    };
    await makeImport(house, { by: 'somebody', onProgress }, read);
    order.push('imported');
    await Promise.all(answers);
    expect(order).toEqual([
      ...numbers.slice(1, 11).flatMap((part) => [`${part}000 of ${SOME} rows imported`, `${part}`]),
      'imported',
    ]);
  });

  it('writes at most 2,500 contacts with one event of the log, each with the ids that mean it', async () => {
    const { house, commits } = noting(inProcess().house);
    const unnamed = numbers.slice(0, 6_000).map((n) => `,c${n}@many.example,Rome`);
    await importContacts(house, 'somebody', {
      csv: csvOf([...unnamed, 'own1,c1@many.example,', 'own2,c5999@many.example,']),
    });
    const saved = [...commits.values()].flat().flatMap((event) => (event.type === 'contacts_saved' ? [event] : []));
    expect(saved.map(({ contacts, part }) => [contacts.length, part])).toEqual([
      [2_500, 0],
      [2_500, 1],
      [1_000, 2],
    ]);
    expect(saved.map(({ aliases }) => aliases?.map(([id]) => id))).toEqual([['own1'], [], ['own2']]);
    for (const { aliases = [], contacts } of saved)
      for (const [, id] of aliases) expect(contacts.map((contact) => contact.id)).toContain(id);
    expect(await house.read((view) => view.contact('own2'))).toBeUndefined();
    const again = await importContacts(house, 'somebody', { csv: csvOf(['own2,c5999@many.example,Oslo']) });
    expect(again).toMatchObject({ ...COUNTS, updated: 1 });
  });

  it('has a dry run that says what it would do, and changes nothing', async () => {
    const { house } = inProcess();
    const rows = [
      ...numbers.map(row),
      ',c7@many.example,Elsewhere',
      'other,c9@many.example,',
      'c3,c3@many.example,Oslo',
    ];
    const csv = csvOf(rows);
    const events = numbers
      .slice(0, 900)
      .map((n) => ({ contact_id: `c${n % 300}`, type: 'page', timestamp: '2026-01-01T00:00:00Z' }));
    const {
      import_id: _,
      dry_run,
      ...rehearsed
    } = await importContacts(house, 'somebody', { csv, events, dry_run: true });
    expect(dry_run).toBe(true);
    expect(await house.read((view) => view.contact('c0'))).toBeUndefined();
    const { import_id: __, ...made } = await importContacts(house, 'somebody', { csv, events });
    expect(rehearsed).toEqual(made);
    expect(made).toMatchObject({ ...COUNTS, created: MANY + 1, updated: 2, events_recorded: 300 });
  });

  it('changes nothing where a row far behind can’t be read', async () => {
    const { house } = inProcess();
    const csv = `${csvOf(numbers.map(row))}z,"open\n`;
    await expect(importContacts(house, 'somebody', { csv })).rejects.toMatchObject({
      message: expect.stringContaining(`after row ${MANY} is never closed (the text ends at line ${MANY + 2})`),
    });
    expect(await house.read((view) => view.contact('c0'))).toBeUndefined();
  });

  it('says what stays where a part can’t be made', async () => {
    const { house } = inProcess();
    const contacts = [
      ...numbers.slice(0, 15_000).map((n) => ({ id: `c${n}` })),
      JSON.parse('{"id":"z","a":{"__proto__":1}}'),
    ];
    const error = await importContacts(house, 'somebody', { contacts }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/Row 15001: .*15000 rows were imported before that/),
    });
    const found = await house.read((view) => ['c14999', 'z'].map((id) => view.contact(id) !== undefined));
    expect(found).toEqual([true, false]);
  });

  it('waits for a person where its mapping overlooks objections in any part', async () => {
    const { house, call } = inProcess();
    const rows = numbers.slice(0, 12_000).map((n) => `c${n},c${n}@many.example,${n % 4_000 === 3_999 ? 'yes' : ''}`);
    const csv = `id,email,Unsubscribed\n${rows.join('\n')}\n`;
    const refused = call('import_contacts', { csv, mapping: { do_not_email: null } });
    await expect(refused).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('"Unsubscribed" (3 rows)'),
    });
    expect(await house.read((view) => view.contact('c0'))).toBeUndefined();
  });
});

describe('rows that are gone through twice', () => {
  const some = (count: number): RowSource & { passes: number } => ({
    passes: 0,
    end: count,
    *batches() {
      this.passes += 1;
      for (let at = 0; at < count; at++) yield [{ row: at, at, kind: 'contact', text: false, cells: { id: `c${at}` } }];
    },
  });
  const idsIn = (source: RowSource) => [...source.batches()].flat().map(({ cells }) => cells.id);

  it.each([
    ['few, and read once', 3, 1],
    ['many, and read each time', 4, 3],
  ])('are the same: %s', (_what, count, passes) => {
    const source = some(count);
    const rows = remembering({ batches: () => source.batches(), end: count }, 3);
    expect(idsIn(rows)).toEqual(idsIn(rows));
    expect(idsIn(rows)).toHaveLength(count);
    expect(source.passes).toBe(passes);
  });
});
