import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../src/domain/import/time.ts';
import { Book, counts, thrownBy } from './support.ts';

const visit = { contact_id: '1', type: 'page', name: 'Pricing', properties: { path: '/pricing' } };

describe('events', () => {
  it('are recorded with UTC times, and make an unknown contact', () => {
    const book = new Book();
    const outcome = book.eventValues([{ ...visit, timestamp: '2025-12-02T03:04:05+02:00' }]);
    expect(counts(outcome)).toEqual({ created: 1, events_recorded: 1 });
    expect(book.events).toEqual([{ ...visit, timestamp: '2025-12-02T01:04:05.000Z' }]);
    expect(book.get('1')).toMatchObject({ do_not_email: false, created_at: '2026-01-01T00:00:00.000Z' });
  });

  it('find their contact by id, userId or email in any case', () => {
    const book = new Book();
    book.text('id,email\n1,Ann@b.c\n');
    book.eventValues([
      { contact_id: '1', type: 'a' },
      { userId: 1, type: 'b' },
      { email: 'ANN@B.C', type: 'c' },
      { contact_id: 'ANN@b.c', type: 'd' },
      { email: 'new@b.c', type: 'e' },
    ]);
    expect(book.events.map((event) => event.contact_id)).toEqual(['1', '1', '1', '1', 'ct_1']);
    expect(book.get('ct_1')?.email).toBe('new@b.c');
  });

  it('count once where contact, type, name, time and properties are equal', () => {
    const book = new Book();
    const at = { ...visit, timestamp: '2025-12-02T00:00:00Z' };
    const outcome = book.eventValues([
      at,
      { ...at, timestamp: Date.UTC(2025, 11, 2) },
      { ...at, timestamp: '2025-12-03' },
      { ...at, name: 'Home' },
      { ...at, properties: { path: '/x' } },
      { ...at, contact_id: '2' },
    ]);
    expect(outcome.events_recorded).toBe(5);
    expect(counts(book.eventValues([at]))).toEqual({});
  });

  it('count once by messageId where it is given, whatever else they say', () => {
    const book = new Book();
    expect(
      book.eventValues([
        { ...visit, messageId: 'm1' },
        { ...visit, message_id: 'm2' },
      ]).events_recorded,
    ).toBe(2);
    expect(book.eventValues([{ ...visit, messageId: 'm1', name: 'Other' }]).events_recorded).toBe(0);
    expect(book.events[0]?.message_id).toBe('m1');
  });

  it('without a time get the time of the import, and count once', () => {
    const book = new Book();
    expect(book.eventValues([visit, visit]).events_recorded).toBe(1);
    expect(book.events[0]?.timestamp).toBe('2026-01-01T00:00:00.000Z');
    expect(book.eventValues([visit]).events_recorded).toBe(0);
  });

  it.each([
    ['no contact', { type: 'page' }, 'contact_id'],
    ['no type', { contact_id: '1' }, 'type'],
    ['a wrong time', { ...visit, timestamp: 'yesterday' }, '"yesterday"'],
    ['an object for a time', { ...visit, timestamp: [[]] }, 'an array'],
    ['properties that are a list', { ...visit, properties: [] }, 'properties'],
    ['an object for a name', { ...visit, name: {} }, 'name'],
    ['a wrong address', { email: 'x', type: 'page' }, 'email address'],
    ['no object', 3, 'must be an object'],
  ])("with %s are their row's error and make no contact", (_, value, words) => {
    const book = new Book();
    const outcome = book.eventValues([value]);
    expect(counts(outcome)).toEqual({ error_count: 1 });
    expect(outcome.errors).toEqual([{ row: 1, message: expect.stringContaining(words) }]);
    expect(book.contacts.size).toBe(0);
  });

  it('refuse __proto__ and deep nesting, and warn of keys they do not have', () => {
    for (const json of [
      '{"contact_id":"1","type":"a","__proto__":1}',
      '{"contact_id":"1","type":"a","properties":{"__proto__":1}}',
    ]) {
      expect(thrownBy(() => new Book().eventValues([JSON.parse(json)]))).toMatchObject({ code: 'VALIDATION_ERROR' });
    }
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(thrownBy(() => new Book().eventValues([{ ...visit, properties: deep }]))).toMatchObject({
      message: expect.stringContaining('Row 1: properties nests deeper than 64'),
    });
    expect(
      new Book()
        .eventValues([{ ...visit, path: '/x' }])
        .tally.warnings()
        .join(),
    ).toContain('"path"');
  });
});

describe('times', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T10:20', '2026-01-31T10:20:00.000Z'],
    ['2026-01-31 10:20:30', '2026-01-31T10:20:30.000Z'],
    ['2026-01-31T10:20:30.123456Z', '2026-01-31T10:20:30.123Z'],
    ['2026-01-31T10:20:30,5-0530', '2026-01-31T15:50:30.500Z'],
    ['0050-01-01', '0050-01-01T00:00:00.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    ['1795773600', '2026-11-27T10:00:00.000Z'],
    ['1795773600.5', '2026-11-27T10:00:00.500Z'],
    ['1700000000000', '2023-11-14T22:13:20.000Z'],
  ])('%j is %s', (value, time) => {
    expect(isoTime(value)).toBe(time);
  });

  it.each([
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-01T24:00',
    '2026-01-01T10:60Z',
    '01/02/2026',
    '2026',
    'Jan 1 2026',
    '',
    '170000000000',
    '20260131',
    Number.NaN,
    1e17,
    -1e17,
    '0000-01-01T00:00+01:00',
    true,
    null,
  ])('%j is no time', (value) => {
    expect(isoTime(value)).toBeUndefined();
  });
});
