import { describe, expect, it } from 'vitest';
import { detectFormat, rowsOfValues, textOfString } from '../../../src/domain/import/parse.ts';
import { Book, counts, parseFile, parseRows, thrownBy } from './support.ts';

const calls = [
  {
    type: 'track',
    userId: 'u1',
    event: 'Trial Started',
    properties: { plan: 'pro' },
    timestamp: '2025-12-02T00:00:00Z',
    messageId: 'm1',
  },
  {
    type: 'identify',
    userId: 'u1',
    traits: { email: 'a@b.c', firstName: 'Ann', company: { name: 'Acme', id: 4 }, plan: 'pro', id: 'u1' },
  },
  {
    type: 'page',
    anonymousId: 'anon',
    name: 'Pricing',
    category: 'Docs',
    properties: { path: '/pricing' },
    originalTimestamp: '2025-12-03',
  },
];

describe('the format', () => {
  it.each([
    ['a.csv', '[1]', 'csv'],
    ['a.CSV', 'id\n', 'csv'],
    ['a.json', '[{"id":1}]', 'json'],
    ['a.ndjson', '{"id":1}', 'jsonl'],
    ['a.jsonl', '{"id":1}', 'jsonl'],
    [undefined, 'id,email\n', 'csv'],
    [undefined, ' [{"id":1}]', 'json'],
    [undefined, '{"contacts":[]}', 'json'],
    [undefined, '\uFEFF{"id":1}\n{"id":2}\n', 'jsonl'],
    ['a.json', '{"id":1}\n{"id":2}\n', 'jsonl'],
    ['a.txt', '{broken', 'json'],
    ['a.json', JSON.stringify(calls), 'segment'],
    ['a.json', JSON.stringify({ batch: calls }), 'segment'],
    ['a.jsonl', calls.map((call) => JSON.stringify(call)).join('\n'), 'segment'],
    [undefined, JSON.stringify(calls[0]), 'segment'],
    [undefined, '[{"id":"1","type":"page","userId":"u"}]', 'json'],
  ])('of %s holding %j is %s', (fileName, text, format) => {
    expect(detectFormat(textOfString(text), fileName)).toBe(format);
  });
});

describe('JSON', () => {
  it('is an array of contacts, or contacts and events', () => {
    const book = new Book();
    expect(counts(book.text('[{"id":1,"a":1},{"id":2}]', 'json'))).toEqual({ created: 2 });
    const text = '{"contacts":[{"id":3}],"events":[{"contact_id":3,"type":"page"},{"contact_id":4,"type":"page"}]}';
    expect(counts(book.text(text, 'json'))).toEqual({ created: 2, events_recorded: 2 });
  });

  it('follows a mapping, whose columns are the keys', () => {
    const book = new Book();
    book.text('[{"Key":"k1","n":1},{"Other":2,"Key":"k2"}]', 'json', { id: 'Key', other: 'Other' });
    expect(book.get('k2')).toMatchObject({ other: 2 });
    expect(book.contactValues([{ Key: 'k3' }], { id: 'Key' }).created).toBe(1);
  });

  it('in lines reports a bad line as the error of its row, numbered by line', () => {
    const outcome = new Book().text('{"id":1}\n\n{oops\n[2]\n{"contact_id":"1","type":"page"}\n', 'jsonl');
    expect(counts(outcome)).toEqual({ created: 1, events_recorded: 1, error_count: 2 });
    expect(outcome.errors.map((error) => error.row)).toEqual([3, 4]);
  });

  it('in many lines numbers each by its place, of a text and of a file alike', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => (index % 4 === 3 ? '' : `{"id":"é${index + 1}","a":1}`));
    const text = [...lines, '{"id":"z","b":2}'].join('\r\n');
    for (const { rows, columns } of [parseRows(text, 'jsonl'), parseFile(Buffer.from(text), 'jsonl')]) {
      expect(rows).toHaveLength(15_001);
      expect(rows.slice(0, -1).filter(({ row, cells }) => cells.id !== `é${row}`)).toEqual([]);
      expect(rows.at(-1)).toMatchObject({ row: 20_001, cells: { id: 'z' } });
      expect(columns).toEqual(['id', 'a', 'b']);
    }
  });

  it.each([
    ['broken JSON', '[{"id":1}', 'json', "isn't valid JSON"],
    ['another shape', '{"id":1}', 'json', 'array of contacts'],
    ['contacts that are no array', '{"contacts":{}}', 'json', '"contacts" must be an array'],
    ['broken calls', '{"type":', 'segment', 'neither JSON'],
  ] as const)('that is %s is refused', (_, text, format, words) => {
    expect(thrownBy(() => parseRows(text, format))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining(words),
    });
  });

  it('of more than a million values is refused', () => {
    const call = () => rowsOfValues(new Array(1_000_001).fill(null), 'event');
    expect(thrownBy(call)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('Segment calls', () => {
  it('become contacts and events, wherever the identify stands', () => {
    const book = new Book();
    const text = JSON.stringify({ batch: calls });
    expect(counts(book.text(text, 'segment'))).toEqual({ created: 2, events_recorded: 2 });
    expect(book.get('u1')).toMatchObject({ email: 'a@b.c', firstname: 'Ann', company: 'Acme', plan: 'pro' });
    expect(book.events).toEqual([
      {
        contact_id: 'u1',
        type: 'track',
        name: 'Trial Started',
        properties: { plan: 'pro' },
        timestamp: '2025-12-02T00:00:00.000Z',
        message_id: 'm1',
      },
      {
        contact_id: 'anon',
        type: 'page',
        name: 'Pricing',
        properties: { name: 'Pricing', category: 'Docs', path: '/pricing' },
        timestamp: '2025-12-03T00:00:00.000Z',
      },
    ]);
    expect(counts(book.text(text, 'segment'))).toEqual({ unchanged: 1 });
  });

  it('are read from an array, lines, and one call alone', () => {
    const lines = calls.map((call) => JSON.stringify(call)).join('\n');
    for (const text of [JSON.stringify(calls), lines]) expect(parseRows(text, 'segment').rows).toHaveLength(3);
    expect(parseRows(JSON.stringify(calls[0]), 'segment').rows).toHaveLength(1);
  });

  it('of other kinds, or without a user, are errors of their rows', () => {
    const text = JSON.stringify([
      { type: 'group', userId: 'u1', groupId: 'g' },
      { type: 'alias', userId: 'u1', previousId: 'u0' },
      { type: 'track', event: 'x' },
      { type: 'identify', userId: 'u1', traits: 'none' },
      { type: 'identify', userId: 'u1', traits: { email: 'no address' } },
      7,
      { userId: 'u1' },
    ]);
    const outcome = new Book().text(text, 'segment');
    expect(counts(outcome)).toEqual({ error_count: 7 });
    expect(outcome.errors.map((error) => error.row)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(outcome.errors[0]?.message).toContain('"group"');
  });

  it('may not bring a trait named __proto__', () => {
    const text = '{"type":"identify","userId":"u1","traits":{"__proto__":{"x":1}}}';
    expect(thrownBy(() => new Book().text(text, 'segment'))).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});
