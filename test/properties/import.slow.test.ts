import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import type { FormatName } from '../../src/domain/import/parse.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import type { ImportArgs } from '../../src/engine/contacts/import-source.ts';
import { getContact } from '../../src/engine/contacts/read.ts';
import { createHouse } from '../../src/process/house.ts';
import { Book } from '../domain/import/support.ts';
import { testDeps } from '../support/fixtures.ts';
import { cases, outlasting, PATIENCE, passingHome } from '../support/property.ts';
import { aStore, contactsIn } from '../support/store.ts';

const HEADERS = ['id', 'Email', 'first name', 'do_not_email', 'plan', '__proto__', 'constructor', 'created_at', ''];
const cell = fc.oneof(
  fc.constantFrom(
    '',
    'c1',
    'c2',
    'a@example.com',
    'A@Example.com',
    'yes',
    'maybe',
    '007',
    '1e3',
    '=1+1',
    "'=1",
    '"',
    '{}',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const csv = fc
  .tuple(
    fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 5 }),
    fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 6 }),
    fc.constantFrom(',', ';', '\t'),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.boolean(),
  )
  .map(([header, rows, comma, end, isQuoted]) => {
    const write = (text: string) => (isQuoted ? `"${text.replaceAll('"', '""')}"` : text);
    return [header, ...rows].map((row) => row.map(write).join(comma)).join(end);
  });

const value = fc.oneof(cell, fc.jsonValue({ maxDepth: 2 }), fc.constant({ polluted: true }));
const KEYS = [
  ...['id', 'userId', 'anonymousId', 'email', 'contact_id', 'type', 'event', 'name', 'messageId', 'timestamp'],
  ...['traits', 'properties', 'context', 'do_not_contact', '__proto__', 'constructor', 'prototype'],
];
const record = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), value), { maxLength: 6 })
  .map((pairs) => `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`).join(',')}}`);
const call = fc
  .tuple(fc.constantFrom('identify', 'track', 'page', 'group', 'x'), fc.constantFrom('c1', 'c2'), value, fc.integer())
  .map(([type, userId, item, count]) =>
    JSON.stringify({ type, userId, event: 'E', messageId: `m${count % 3}`, traits: { plan: item }, properties: item }),
  );
const line = fc.oneof(record, call, fc.json({ maxDepth: 2 }));
const texts: fc.Arbitrary<[FormatName, string]> = fc.oneof(
  fc.tuple(fc.constant('csv' as const), fc.oneof(csv, fc.string({ unit: 'binary' }))),
  fc.tuple(
    fc.constantFrom('json' as const, 'segment' as const),
    fc.oneof(
      fc.array(line, { maxLength: 5 }).map((lines) => `[${lines.join(',')}]`),
      fc.array(line, { maxLength: 5 }).map((lines) => `{"batch":[${lines.join(',')}]}`),
      line,
      fc.string(),
    ),
  ),
  fc.tuple(
    fc.constantFrom('jsonl' as const, 'segment' as const),
    fc.array(fc.oneof(line, fc.string()), { maxLength: 6 }).map((lines) => lines.join('\n')),
  ),
);

/** The outcome of an import; undefined where the import was refused with one of the two expected codes. */
function imported(book: Book, format: FormatName, text: string) {
  try {
    return book.text(text, format);
  } catch (error) {
    if (error instanceof AppError && ['VALIDATION_ERROR', 'LIMIT_EXCEEDED'].includes(error.code)) return undefined;
    throw error;
  }
}

describe('imports of any bytes', () => {
  it('are read, or refused with an expected error, and change no prototype', { timeout: PATIENCE }, () => {
    const clean = Object.getOwnPropertyNames(Object.prototype).sort();
    fc.assert(
      fc.property(texts, ([format, text]) => {
        const book = new Book();
        const outcome = imported(book, format, text);
        for (const contact of outcome?.contacts ?? []) expect(Object.getPrototypeOf(contact)).toBe(Object.prototype);
        expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(clean);
        expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
      }),
      cases(1_500),
    );
  });

  it('give contacts and events that are the same after a round trip through JSON', {
    timeout: PATIENCE,
  }, () => {
    fc.assert(
      fc.property(texts, ([format, text]) => {
        const { contacts = [], events = [] } = imported(new Book(), format, text) ?? {};
        expect(JSON.parse(JSON.stringify(contacts))).toEqual(contacts);
        expect(JSON.parse(JSON.stringify(events))).toEqual(events);
      }),
      cases(800),
    );
  });
});

/** One row for each contact: rows that contradict each other may change something at every import of their file. */
const table = fc
  .uniqueArray(fc.tuple(fc.constantFrom('c1', 'c2', 'c3', 'c4'), cell, cell), { selector: ([id]) => id, maxLength: 4 })
  .map((rows) => [
    'id,plan,note',
    ...rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')),
  ]);

describe('the same file again', () => {
  it('leaves all contacts unchanged and records no event twice', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(table, fc.array(call, { maxLength: 6 }), (rows, calls) => {
        const book = new Book();
        const first = imported(book, 'csv', rows.join('\n'));
        const again = imported(book, 'csv', rows.join('\n'));
        expect(again?.contacts ?? []).toEqual([]);
        if (first) expect(again).toMatchObject({ created: 0, updated: 0, unchanged: first.created + first.unchanged });
        const timed = calls.map((text) => JSON.stringify({ ...JSON.parse(text), timestamp: '2026-01-01T00:00:00Z' }));
        imported(book, 'segment', timed.join('\n'));
        const events = imported(book, 'segment', timed.join('\n'));
        expect(events?.events_recorded ?? 0).toBe(0);
      }),
      cases(500),
    );
  });
});

const hostile = fc.oneof(
  cell,
  fc.constantFrom(
    '=cmd|calc!A0',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\ud800',
    'a\udfffb',
    '\u0000',
    '\ufeff',
    '\u202e',
    ' ',
  ),
  fc.constant('long '.repeat(20_000)),
);
const names = fc.oneof(
  fc.constantFrom(...HEADERS, 'prototype', '\ud800', '=1+1', '$where', 'a.b', '\n', 'x'.repeat(5_000)),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
/** Objects as a client may send them: a key may be `__proto__`. */
const objects = fc
  .array(fc.array(fc.tuple(names, fc.oneof(hostile, value)), { maxLength: 5 }), { maxLength: 4 })
  .map((rows): Record<string, unknown>[] =>
    rows.map((pairs) =>
      JSON.parse(`{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`).join(',')}}`),
    ),
  );
const hostileCsv = fc
  .tuple(
    fc.array(names, { minLength: 1, maxLength: 4 }),
    fc.array(fc.array(hostile, { maxLength: 5 }), { maxLength: 4 }),
  )
  .map(([header, rows]) =>
    [header, ...rows].map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join('\n'),
  );
const mapping = fc.dictionary(fc.constantFrom('id', 'email', 'plan', 'created_at', '__proto__'), names, { maxKeys: 2 });
const given = fc.record(
  { csv: fc.oneof(csv, hostileCsv), contacts: objects, events: objects, mapping },
  { requiredKeys: [] },
);

/** The result of an import; undefined where the import was refused with one of the two expected codes. */
async function resultOf(house: House, args: ImportArgs): Promise<Record<string, unknown> | undefined> {
  try {
    return await importContacts(house, 'somebody', args);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(['VALIDATION_ERROR', 'LIMIT_EXCEEDED']).toContain(error instanceof AppError ? error.code : '');
    return undefined;
  }
}

function openHouse(home: string): House {
  const deps = testDeps(home);
  return createHouse(aStore(home, deps), deps);
}

/** Imports into an empty home, and checks the dry run, the contacts, the same import again, and a restart. */
async function expectKept(home: string, args: ImportArgs): Promise<void> {
  const house = openHouse(home);
  const dryRun = await resultOf(house, { ...args, dry_run: true });
  expect(await house.read((view) => view.commits())).toBe(0);
  const report = await resultOf(house, args);
  expect(report && { ...report, dry_run: true, import_id: '' }).toEqual(dryRun && { ...dryRun, import_id: '' });
  const kept = await house.read((view) => contactsIn(view));
  expect(kept.length).toBe(report?.created ?? 0);
  for (const contact of kept) {
    const shown = await getContact(house, contact.id);
    // A contact that is too large for a result is cut, and `truncated` says so.
    if (shown.truncated === undefined) expect(shown.contact).toEqual(contact);
    else expect(shown.contact).toMatchObject({ id: contact.id });
  }
  const again = await resultOf(house, args);
  expect(again).toEqual(
    report && expect.objectContaining({ created: 0, events_recorded: 0, error_count: report.error_count }),
  );
  const after = await house.read((view) => contactsIn(view));
  await house.store.close();
  fs.rmSync(path.join(home, 'state'), { recursive: true, force: true });
  const other = openHouse(home);
  expect(await other.read((view) => contactsIn(view))).toEqual(after);
  expect((await other.store.check()).faults).toEqual([]);
  await other.store.close();
}

describe('imports into a home', () => {
  it('do what their dry run said, or nothing; every contact can be read, also after all snapshots are deleted', {
    timeout: PATIENCE,
  }, async () => {
    const { run, done } = outlasting(async (args: ImportArgs) => {
      const home = passingHome();
      try {
        await expectKept(home, args);
        expect('polluted' in {}).toBe(false);
      } finally {
        fs.rmSync(home, { recursive: true, force: true });
      }
    });
    await fc.assert(fc.asyncProperty(given, run), cases(60)).finally(done);
  });
});
