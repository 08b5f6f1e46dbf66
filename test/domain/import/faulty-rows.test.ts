import { describe, expect, it } from 'vitest';
import { Book } from './support.ts';

/** A book with three contacts that may be written to, and who of them objects after an import. */
function aBook() {
  const book = new Book();
  book.text('id,email\n1,ann@x.example\n2,bob@x.example\n3,cyd@x.example\n');
  const objecting = () => ['1', '2', '3'].filter((id) => book.get(id)?.do_not_email);
  return { book, objecting };
}

const LOST = 'an objection that was lost';

describe('the objection of a row that cannot be split', () => {
  it.each<[string, string, string[]]>([
    ['one cell too many', 'id,email,Do Not Email\n1,ann@x.example,yes,junk\n', ['1']],
    [
      'a comma that splits a name',
      'id,company,email,Do Not Email\n2,"A",bob@x.example,no\n7,B, Inc.,ann@x.example,yes\n',
      ['1'],
    ],
    ['such a comma behind an answer', 'id,email,Do Not Email,company\n2,bob@x.example,yes,B, Inc.\n', ['2']],
    ['a word that nobody knows', 'id,email,Do Not Email\n1,ann@x.example,leave me,junk\n', ['1']],
    ['a stray quote', 'id,email,size,Do Not Email\n1,ann@x.example,5" disc,yes\n', ['1']],
    ['a stray quote, and no id', 'email,size,Do Not Email\nann@x.example,5" disc,yes\n', ['1']],
    ['one cell too many, and no objection', 'id,company,email,Do Not Email\n1,B, Inc.,ann@x.example,no\n', []],
  ])('holds with %s', (_, text, ids) => {
    const { book, objecting } = aBook();
    const outcome = book.text(text);
    expect(outcome.error_count).toBe(1);
    expect(objecting()).toEqual(ids);
    expect(outcome.tally.warnings().join()).not.toContain(LOST);
  });

  it('is named as lost where the row names nobody who is known', () => {
    const { book, objecting } = aBook();
    const outcome = book.text('id,email,Do Not Email\n9,new@x.example,yes,junk\n');
    expect(outcome.tally.warnings().join()).toContain(LOST);
    expect(objecting()).toEqual([]);
  });
});

describe('a cell with addresses', () => {
  it('is the address of `Name <address>`', () => {
    const book = new Book();
    book.text('id,email\n1,Mira <A@x.example>\n2,"""B, Bo"" <b@x.example>"\n3,c@x.example <c@x.example>\n');
    expect(['1', '2', '3'].map((id) => book.get(id)?.email)).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
    expect(book.text('id,email\n4,other@x.example <d@x.example>\n').error_count).toBe(1);
  });

  it.each([
    '"ann@x.example, bob@x.example"',
    'ann@x.example ::: bob@x.example',
    'Ann <ann@x.example>; Bob <BOB@x.example>',
    '"ann@x.example,bob@x.example,nobody@x.example"',
  ])('of several sets the objection for each of them: %s', (cell) => {
    const { book, objecting } = aBook();
    const outcome = book.text(`email,Unsubscribed\n${cell},yes\n`);
    expect(outcome.error_count).toBe(1);
    expect(objecting()).toEqual(['1', '2']);
  });
});

describe('an opt-out event', () => {
  const out = { type: 'track', event: 'Unsubscribed' };

  it.each<[string, Record<string, unknown>]>([
    ['the context', { context: { traits: { email: 'Ann@x.example' } } }],
    ['its properties', { properties: { email: 'ann@x.example' } }],
    ['a recipient', { properties: { recipient: 'ann@x.example' } }],
  ])('counts for the address in %s, with a user that is not known and with none', (_, where) => {
    for (const who of [{ userId: 'u9' }, { user_id: 'u9' }, {}]) {
      const { book, objecting } = aBook();
      const outcome = book.text(JSON.stringify([{ ...out, ...who, ...where }]), 'segment');
      expect(objecting()).toEqual(['1']);
      expect(outcome.error_count).toBe(Object.keys(who).length === 0 ? 1 : 0);
      expect(outcome.tally.warnings().join()).not.toContain(LOST);
    }
    const { book, objecting } = aBook();
    book.eventValues([{ contact_id: 'u9', ...out, ...where }]);
    expect(objecting()).toEqual(['1']);
  });

  it('counts for the address beside another contact that is known', () => {
    const { book, objecting } = aBook();
    book.eventValues([{ contact_id: '2', email: 'ann@x.example', ...out }]);
    expect(objecting()).toEqual(['1', '2']);
  });

  it.each([[{}], [{ properties: { email: 'nobody@x.example' } }]])('of nobody is named as lost: %j', (more) => {
    for (const format of ['segment', 'json'] as const) {
      const { book } = aBook();
      const text = JSON.stringify(format === 'json' ? { events: [{ ...out, ...more }] } : [{ ...out, ...more }]);
      const outcome = book.text(text, format);
      expect(outcome.error_count).toBe(1);
      expect(outcome.tally.warnings().join()).toContain(LOST);
    }
  });

  it('is none where the page about it was only looked at, in any spelling', () => {
    const { book, objecting } = aBook();
    book.eventValues([{ contact_id: '1', type: 'Page', name: 'Unsubscribed' }]);
    book.text(JSON.stringify([{ type: 'Page', user_id: '1', name: 'Unsubscribed' }]), 'segment');
    expect(objecting()).toEqual([]);
  });

  it('of a call whose keys are spelled otherwise is found', () => {
    const { book, objecting } = aBook();
    book.text(JSON.stringify([{ type: 'Track', user_id: '2', event: 'Unsubscribed', message_id: 'm1' }]), 'segment');
    expect(objecting()).toEqual(['2']);
    expect(book.events).toMatchObject([{ contact_id: '2', type: 'track', message_id: 'm1' }]);
  });

  it('in the traits of an identify without a user counts for its address', () => {
    const { book, objecting } = aBook();
    const call = { type: 'identify', traits: { email: 'ann@x.example', unsubscribed: true } };
    expect(book.text(JSON.stringify([call]), 'segment').error_count).toBe(1);
    expect(objecting()).toEqual(['1']);
  });
});

describe('the objection of an anonymous contact that stays apart', () => {
  const identify = (user: string) => ({ type: 'identify', userId: user, anonymousId: 'an1', traits: {} });
  const out = { type: 'track', anonymousId: 'an1', event: 'Unsubscribed' };

  it('holds for the user, where it has a history of its own', () => {
    const book = new Book();
    book.text(JSON.stringify([out]), 'segment');
    book.withHistory.add('an1');
    const outcome = book.text(JSON.stringify([identify('u1')]), 'segment');
    expect(book.get('u1')).toMatchObject({ do_not_email: true, consent_sources: [{ column: 'anonymousId "an1"' }] });
    expect(outcome.tally.warnings().join()).toContain('holds for that one too');
    expect(book.text(JSON.stringify([identify('u1')]), 'segment').updated).toBe(0);
  });

  it('holds for each of several userIds', () => {
    const book = new Book();
    book.text(JSON.stringify([identify('u1'), identify('u2'), out]), 'segment');
    expect([book.get('u1')?.do_not_email, book.get('u2')?.do_not_email]).toEqual([true, true]);
  });

  it('holds for another address, and a bounce does not', () => {
    const book = new Book();
    book.contactValues([{ id: 'an1', email: 'old@x.example', do_not_email: true, bounced: true }]);
    book.contactValues([{ id: 'u1', email: 'new@x.example' }]);
    book.text(JSON.stringify([identify('u1')]), 'segment');
    expect(book.get('u1')).toMatchObject({ do_not_email: true, bounced: false });
  });
});
