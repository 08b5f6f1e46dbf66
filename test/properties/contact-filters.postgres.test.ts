import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import type { Store } from '../../src/store/store.ts';
import { anyDottedDocument, anyFilter } from '../support/any-filter.ts';
import { aContact, aHome, testDeps } from '../support/fixtures.ts';
import { at, created, evaluated, started } from '../support/port.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { cases, outlasting, PATIENCE, passingHome } from '../support/property.ts';
import { aDatabaseStore, aJsonStore } from '../support/store.ts';
import { write } from '../support/writes.ts';

/** The same address in several spellings, and what is no address. */
const ADDRESSES = [
  'ann@example.com',
  'Ann@Example.COM',
  '<ann@example.com>',
  'ann',
  '',
  'ÄNN@example.com',
  'änn@example.com',
];
const address = fc.constantFrom(...ADDRESSES);
/** What an index or a column of the database may take otherwise than JavaScript does. */
const ODD = fc.constantFrom(
  ...[
    '\0',
    'a\0b',
    '\\u0000',
    '\ud800',
    '%',
    '_',
    "'",
    '$1',
    'İ',
    'ı',
    'ß',
    'é',
    'e\u0301',
    '\u00a0',
    '1',
    'true',
    'null',
  ],
  ...[0, -0, 1, 1.0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53, -1e300, 5e-324],
  ...[2 ** 53 + 2, 0.3, 1.7976931348623157e308, '-0', '0', '2026-03-01', '2026-03-01T00:00:00.000Z', '-30d', 'today'],
  ...[true, false, null],
);
const odd = fc.oneof(ODD, fc.array(ODD, { maxLength: 3 }), fc.array(fc.array(ODD, { maxLength: 2 }), { maxLength: 2 }));
const oddName = fc.constantFrom(
  ...[
    'odd',
    'a',
    'constructor',
    'o"d',
    'a.b',
    'ö',
    '\0',
    '\ud800',
    '%',
    '',
    'o$d',
    'length',
    'hasOwnProperty',
    'id',
    'tags',
  ],
);

/** Few names and few values, so that a filter often finds some contacts and not others: alike, in a list, and in a list within one. */
const few = fc.constantFrom(...[0, -0, 1, -1.5, 2 ** 53, '', '1', 'x', 'ü', 'a\0', '2026-03-01', true]);
const FEW_NAMES = ['few', 'f"w', 'toString', ''];
const fewNames = fc.constantFrom(...FEW_NAMES);
const anyFew = fc.oneof(
  { weight: 4, arbitrary: few },
  { weight: 2, arbitrary: fc.constant(null) },
  fc.constantFrom({}, { $eq: 1 }),
  { weight: 2, arbitrary: few.map((one) => ({ in: one })) },
  fc.array(few, { maxLength: 3 }),
  fc.array(fc.array(few, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
);
/** Infinity is a number that a client can send, as 1e999, and that JSON has no word for. */
const bound = fc.oneof(
  { weight: 4, arbitrary: few },
  fc.constantFrom(...[Infinity, -Infinity, null, 'today', 'w', '\u00fc']),
);
const demanded = fc.oneof(
  bound,
  bound.map((one) => ({ $eq: one })),
  few.map((one) => ({ $in: [one, Number.POSITIVE_INFINITY] })),
  fc.array(bound, { minLength: 1, maxLength: 4 }).map((among) => ({ $in: among })),
  fc
    .array(fc.integer({ min: -1, max: 30 }), { minLength: 19, maxLength: 22, size: 'max' })
    .map((among) => ({ $in: among })),
  ...['$gt', '$gte', '$lt', '$lte'].map((operator) => bound.map((one) => ({ [operator]: one }))),
  fc.tuple(bound, bound).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.tuple(bound, bound).map(([low, other]) => ({ $gte: low, $ne: other })),
);

const own = (name: string, value: unknown): Record<string, unknown> => Object.fromEntries([[name, value]]);
const anyFields = fc
  .tuple(anyDottedDocument, fc.option(fc.tuple(oddName, odd)), fc.dictionary(fewNames, anyFew), fc.option(address))
  .map(([fields, one, some, email]): object => ({
    ...fields,
    ...(one ? own(...one) : {}),
    ...some,
    ...(email === null ? {} : { email }),
  }));
const plainWanted = fc.dictionary(fc.constantFrom(...FEW_NAMES, 'few.in', 'email'), demanded, {
  minKeys: 1,
  maxKeys: 2,
});
const anyWanted = fc.oneof(
  { weight: 3, arbitrary: anyFilter },
  { weight: 8, arbitrary: plainWanted },
  fc.array(plainWanted, { minLength: 1, maxLength: 2 }).map((all) => ({ $and: all })),
  fc.tuple(plainWanted, plainWanted).map(([one, other]) => ({ ...one, $and: [other, { $and: [{}] }] })),
  fc.tuple(oddName, odd).map(([name, value]) => own(name, value)),
  fc.tuple(oddName, fc.array(ODD, { maxLength: 4 })).map(([name, values]) => own(name, { $in: values })),
  fc
    .tuple(oddName, ODD, ODD)
    .map(([name, one, other]) => ({ $and: [own(name, { $eq: one }), { $or: [own(name, other), { a: 1 }] }] })),
  fc
    .tuple(oddName, fc.constantFrom('$gt', '$gte', '$lt', '$lte'), ODD)
    .map(([name, operator, bound]) => own(name, own(operator, bound))),
  address.map((email) => ({ email })),
  fc.array(address, { maxLength: 3 }).map((among) => ({ email: { $in: among } })),
);

/** Puts the same contacts into both stores. */
async function fill(stores: readonly Store[], all: readonly object[]): Promise<void> {
  const contacts = all.map((fields, index): Contact => {
    const inJson: object = JSON.parse(JSON.stringify(fields));
    return { ...aContact(), ...inJson, id: `c${index}` };
  });
  // Some were evaluated before, several of them at once: a search for targets goes by that.
  const some = contacts.filter((_, index) => index % 3 > 0).map(({ id }) => id);
  const looks = [
    created('run_1'),
    started('run_1', some),
    ...some.map((id, index) => evaluated('run_1', id, [], { at: at(9 - (index % 4)) })),
  ];
  for (const store of stores) await write(store, { type: 'contacts_saved', contacts }, ...looks);
}

/** What stands in names, and what is searched for: letters of which one is written otherwise in capitals, and what JSON escapes. */
const anyText = fc
  .array(fc.constantFrom('Mike', 'K', '\u212aim', 'İpek', 'i', 'é', 'É', ' ', '"', '\\', '\n', '/', '-', 'o'), {
    ...{ minLength: 1, maxLength: 4 },
  })
  .map((parts) => parts.join(''));
const anyPerson = fc
  .record({ firstname: anyText, lastname: anyText, company: anyText, email: address })
  .map((person): object => person);

async function named(store: Store, query: string) {
  const { rows, total } = await store.find.contacts({ query }, { limit: 5, offset: 1 });
  return { ids: rows.map(({ id }) => id), total };
}

/** A page that ends among what is found, where the rest is counted, and others. */
const PAGES = [
  { limit: 1, offset: 0 },
  { limit: 5, offset: 1 },
  { limit: 0, offset: 0 },
  { limit: 50, offset: 2 },
  ALL,
];

async function found(store: Store, filter: Record<string, unknown>) {
  const pages = PAGES.flatMap((page) => [true, false].map((oldestFirst) => ({ page, oldestFirst })));
  const rows = [];
  for (const { page, oldestFirst } of pages) rows.push(await store.find.contacts({ filter, oldestFirst }, page));
  return { rows, targets: await store.find.targets({ filter, limit: 5, agent_id: 'ag_test' }) };
}

describe('a search for a text', () => {
  it('finds the same contacts in a database as in a home of files', { timeout: PATIENCE }, async () => {
    const { run, done } = outlasting(async (all: object[], texts: string[]) => {
      const deps = { ...testDeps(), newId: createIds(() => new Date()) };
      const files = aJsonStore(passingHome(), deps);
      const database = aDatabaseStore(databaseUrlOf(aHome()), deps);
      try {
        await fill([files, database], all);
        for (const text of texts)
          expect({ text, ...(await named(database, text)) }).toEqual({ text, ...(await named(files, text)) });
      } finally {
        await Promise.all([files.close(), database.close()]);
      }
    });
    const some = fc.array(anyPerson, { minLength: 20, maxLength: 30, size: 'max' });
    const wanted = fc.oneof(
      anyText,
      anyText.map((text) => text.toLowerCase()),
      address,
    );
    const texts = fc.array(wanted, { minLength: 60, maxLength: 80, size: 'max' });
    await fc.assert(fc.asyncProperty(some, texts, run), cases(5)).finally(done);
  });
});

describe('a filter', () => {
  it('finds the same contacts in a database as in a home of files', { timeout: PATIENCE }, async () => {
    const { run, done } = outlasting(async (all: object[], filters: Record<string, unknown>[]) => {
      const deps = { ...testDeps(), newId: createIds(() => new Date()) };
      const files = aJsonStore(passingHome(), deps);
      const database = aDatabaseStore(databaseUrlOf(aHome()), deps);
      try {
        await fill([files, database], all);
        for (const filter of filters) {
          const [wanted, actual] = [await found(files, filter), await found(database, filter)];
          expect({ filter, ...actual }).toEqual({ filter, ...wanted });
        }
      } finally {
        await Promise.all([files.close(), database.close()]);
      }
    });
    const some = fc.array(anyFields, { minLength: 20, maxLength: 30, size: 'max' });
    const filters = fc.array(anyWanted, { minLength: 60, maxLength: 80, size: 'max' });
    await fc.assert(fc.asyncProperty(some, filters, run), cases(5)).finally(done);
  });
});
