import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/domain/filter/filter.ts';

type Document = Record<string, unknown>;
type Case = { filter: Document; hits: Document[]; misses: Document[] };

function expectCase({ filter, hits, misses }: Case): void {
  const matches = compileFilter(filter, 'filter');
  for (const document of hits) expect(matches(document), `hit ${JSON.stringify(document)}`).toBe(true);
  for (const document of misses) expect(matches(document), `miss ${JSON.stringify(document)}`).toBe(false);
}

const OPERATOR_CASES: Record<string, Case> = {
  'implicit equality': {
    filter: { a: 1 },
    hits: [{ a: 1 }, { a: [0, 1] }],
    misses: [{ a: '1' }, { a: true }, { a: [[1]] }, { a: null }, {}],
  },
  $eq: { filter: { a: { $eq: 'x' } }, hits: [{ a: 'x' }, { a: ['y', 'x'] }], misses: [{ a: 'X' }, { a: [] }, {}] },
  $ne: { filter: { a: { $ne: 1 } }, hits: [{}, { a: 2 }, { a: null }, { a: [] }], misses: [{ a: 1 }, { a: [1, 2] }] },
  $gt: {
    filter: { a: { $gt: 5 } },
    hits: [{ a: 6 }, { a: 5.1 }, { a: [1, 9] }],
    misses: [{ a: 5 }, { a: '6' }, { a: true }, { a: null }, { a: {} }, { a: [] }, {}],
  },
  $gte: { filter: { a: { $gte: 'b' } }, hits: [{ a: 'b' }, { a: 'c' }], misses: [{ a: 'a' }, { a: 3 }, { a: null }] },
  $lt: { filter: { a: { $lt: 0 } }, hits: [{ a: -1 }], misses: [{ a: 0 }, { a: false }, { a: '' }, {}] },
  $lte: { filter: { a: { $lte: false } }, hits: [{ a: false }], misses: [{ a: true }, { a: 0 }, {}] },
  $in: {
    filter: { a: { $in: ['x', 2, [3], { b: 1 }] } },
    hits: [{ a: 'x' }, { a: 2 }, { a: [9, 2] }, { a: [3] }, { a: [[3]] }, { a: { b: 1 } }],
    misses: [{ a: '2' }, { a: 3 }, { a: { b: 2 } }, { a: null }, {}],
  },
  '$in with null': { filter: { a: { $in: [null] } }, hits: [{}, { a: null }, { a: [null] }], misses: [{ a: 0 }] },
  '$in of nothing': { filter: { a: { $in: [] } }, hits: [], misses: [{}, { a: null }, { a: [] }] },
  $nin: { filter: { a: { $nin: [1, 2] } }, hits: [{}, { a: 3 }, { a: [3] }], misses: [{ a: 1 }, { a: [3, 2] }] },
  '$exists: true': {
    filter: { a: { $exists: true } },
    hits: [{ a: null }, { a: [] }, { a: 0 }],
    misses: [{}, { b: 1 }],
  },
  '$exists: false': { filter: { a: { $exists: false } }, hits: [{}, { b: 1 }], misses: [{ a: null }, { a: '' }] },
  $and: {
    filter: { $and: [{ a: { $gt: 1 } }, { a: { $lt: 5 } }] },
    hits: [{ a: 3 }, { a: [0, 9] }],
    misses: [{ a: 1 }, { a: 5 }],
  },
  $or: { filter: { $or: [{ a: 1 }, { b: 2 }] }, hits: [{ a: 1 }, { b: 2 }], misses: [{ a: 2, b: 1 }, {}] },
  $nor: { filter: { $nor: [{ a: 1 }, { b: 2 }] }, hits: [{}, { a: 2 }], misses: [{ a: 1 }, { b: 2 }] },
  $not: {
    filter: { a: { $not: { $gt: 5, $lt: 9 } } },
    hits: [{}, { a: 5 }, { a: 9 }, { a: 'x' }, { a: [1] }],
    misses: [{ a: 6 }, { a: [1, 7] }],
  },
  $regex: {
    filter: { a: { $regex: 'b.d' } },
    hits: [{ a: 'abcde' }, { a: ['x', 'bad'] }],
    misses: [{ a: 'BAD' }, { a: 'b\nd' }, { a: 5 }, { a: null }, {}],
  },
  '$options i': { filter: { a: { $regex: '^bad$', $options: 'i' } }, hits: [{ a: 'BaD' }], misses: [{ a: 'x\nbad' }] },
  '$options m': {
    filter: { a: { $options: 'm', $regex: '^bad$' } },
    hits: [{ a: 'x\nbad\ny' }],
    misses: [{ a: 'BAD' }],
  },
  '$options s': { filter: { a: { $regex: 'b.d', $options: 's' } }, hits: [{ a: 'b\nd' }], misses: [{ a: 'bd' }] },
  $all: {
    filter: { a: { $all: [1, 2] } },
    hits: [{ a: [2, 1, 3] }],
    misses: [{ a: [1] }, { a: 1 }, { a: [] }, { a: [[1, 2]] }, {}],
  },
  '$all of one': { filter: { a: { $all: ['x'] } }, hits: [{ a: 'x' }, { a: ['x'] }], misses: [{ a: 'y' }] },
  '$all of nothing': { filter: { a: { $all: [] } }, hits: [], misses: [{ a: [] }, {}] },
  '$all of $elemMatch': {
    filter: { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
    hits: [{ a: [{ b: 1 }, { b: 2 }] }],
    misses: [{ a: [{ b: 1 }] }],
  },
  $size: { filter: { a: { $size: 2 } }, hits: [{ a: [1, [2]] }], misses: [{ a: [[1, 2]] }, { a: 'ab' }, { a: 2 }, {}] },
  '$elemMatch on values': {
    filter: { a: { $elemMatch: { $gt: 1, $lt: 5 } } },
    hits: [{ a: [0, 3] }],
    misses: [{ a: [0, 9] }, { a: 3 }, { a: [[3]] }, { a: [] }, {}],
  },
  '$elemMatch on subdocuments': {
    filter: { a: { $elemMatch: { b: 1, c: { $ne: 2 } } } },
    hits: [{ a: [{ b: 1, c: 3 }] }, { a: [0, { b: 1 }] }],
    misses: [
      {
        a: [
          { b: 1, c: 2 },
          { b: 2, c: 3 },
        ],
      },
      { a: { b: 1 } },
      { a: [1] },
    ],
  },
  '$elemMatch with $or': {
    filter: { a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } },
    hits: [{ a: [{ b: 2 }] }],
    misses: [{ a: [{ b: 3 }] }, { a: [2] }],
  },
  '$elemMatch within $elemMatch': {
    filter: { a: { $elemMatch: { $elemMatch: { $eq: 2 } } } },
    hits: [{ a: [[1], [2]] }],
    misses: [{ a: [2] }],
  },
};

describe('operators', () => {
  test.each(Object.entries(OPERATOR_CASES))('%s', (_name, operatorCase) => expectCase(operatorCase));
});

const VALUE_CASES: Record<string, Case> = {
  'an empty filter matches everything': { filter: {}, hits: [{}, { a: 1 }], misses: [] },
  'several fields must all match': { filter: { a: 1, b: 2 }, hits: [{ a: 1, b: 2 }], misses: [{ a: 1 }, { b: 2 }] },
  'null equals missing': {
    filter: { a: null },
    hits: [{}, { a: null }, { a: [1, null] }],
    misses: [{ a: 0 }, { a: [] }],
  },
  '$ne null means present': { filter: { a: { $ne: null } }, hits: [{ a: 0 }, { a: [] }], misses: [{}, { a: null }] },
  'null is at least null': { filter: { a: { $gte: null } }, hits: [{}, { a: null }], misses: [{ a: 0 }] },
  'nothing is above null': { filter: { a: { $gt: null } }, hits: [], misses: [{}, { a: null }, { a: 0 }] },
  'an object is the whole object': {
    filter: { a: { b: 1, c: [2] } },
    hits: [{ a: { b: 1, c: [2] } }, { a: { c: [2], b: 1 } }, { a: [{ b: 1, c: [2] }] }],
    misses: [{ a: { b: 1 } }, { a: { b: 1, c: [2], d: 3 } }, { a: { b: 1, c: 2 } }],
  },
  'an empty object is an empty object': {
    filter: { a: {} },
    hits: [{ a: {} }],
    misses: [{ a: { b: 1 } }, { a: [] }, {}],
  },
  'an array is the whole array, or an element': {
    filter: { a: [1, 2] },
    hits: [{ a: [1, 2] }, { a: [[1, 2]] }],
    misses: [{ a: [2, 1] }, { a: [1, 2, 3] }, { a: 1 }],
  },
  'an object with null is not one without': {
    filter: { a: { b: null } },
    hits: [{ a: { b: null } }],
    misses: [{ a: {} }],
  },
  'bounds on an array may be met by different elements': {
    filter: { a: { $gt: 1, $lt: 5 } },
    hits: [{ a: [0, 9] }],
    misses: [{ a: [0] }],
  },
};

const NAME_CASES: Record<string, Case> = {
  'a path into objects': {
    filter: { 'a.b': 1 },
    hits: [{ a: { b: 1 } }, { a: { b: [1] } }],
    misses: [{ a: 1 }, { b: 1 }],
  },
  'a path through an array of subdocuments': {
    filter: { 'a.b': 1 },
    hits: [{ a: [{ b: 2 }, { b: 1 }] }],
    misses: [{ a: [1] }, { a: [[{ b: 1 }]] }, { a: [] }],
  },
  'a path through an array by index': {
    filter: { 'a.1.b': 1 },
    hits: [{ a: [{ b: 2 }, { b: 1 }] }, { a: [0, [{ b: 1 }]] }],
    misses: [{ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }] }],
  },
  'an element by index': {
    filter: { 'a.0': 1 },
    hits: [{ a: [1, 2] }, { a: { 0: 1 } }],
    misses: [{ a: [2, 1] }, { a: 1 }],
  },
  'an array by index is asked as a whole': {
    filter: { 'a.0': [1, 2] },
    hits: [{ a: [[1, 2]] }],
    misses: [{ a: [1, 2] }],
  },
  'an index that exists': {
    filter: { 'a.1': { $exists: true } },
    hits: [{ a: [1, 2] }],
    misses: [{ a: [1] }, { a: 'xy' }],
  },
  'null on a path, as MongoDB has it': {
    filter: { 'a.b': null },
    hits: [{}, { a: 4 }, { a: {} }, { a: null }, { a: { b: null } }, { a: [{ b: 1 }, {}] }],
    misses: [{ a: [] }, { a: [1, 2] }, { a: { b: {} } }, { a: [{ b: 1 }] }],
  },
  'a dotted name as it stands': {
    filter: { 'utm.source': 'ads' },
    hits: [{ 'utm.source': 'ads' }, { utm: { source: 'ads' } }],
    misses: [{ 'utm.source': 'mail', utm: { source: 'ads' } }],
  },
  'a dotted name further down': {
    filter: { 'properties.utm.source': 'ads' },
    hits: [{ properties: { 'utm.source': 'ads' } }, { properties: { utm: { source: 'ads' } } }],
    misses: [{ properties: {} }],
  },
  'a name with a space': {
    filter: { 'Lead Source': 'API' },
    hits: [{ 'Lead Source': 'API' }],
    misses: [{ Lead: 'API' }],
  },
  'an empty name and empty parts': {
    filter: { '.': 1 },
    hits: [{ '.': 1 }, { '': { '': 1 } }],
    misses: [{ '': 1 }, {}],
  },
  'nothing inherited is read': {
    filter: { $or: [{ constructor: { $exists: true } }, { 'toString.name': { $exists: true } }] },
    hits: [{ constructor: 'own' }],
    misses: [{}, { a: 1 }],
  },
  'the length of an array or string is no field': {
    filter: { $or: [{ 'a.length': 1 }, { a: { $elemMatch: { length: 1 } } }] },
    hits: [{ a: [{ length: 1 }] }, { a: { length: 1 } }],
    misses: [{ a: [1] }, { a: 'x' }, { a: [[1]] }],
  },
};

describe('values', () => {
  test.each(Object.entries(VALUE_CASES))('%s', (_name, valueCase) => expectCase(valueCase));
});

describe('field names', () => {
  test.each(Object.entries(NAME_CASES))('%s', (_name, nameCase) => expectCase(nameCase));
});
