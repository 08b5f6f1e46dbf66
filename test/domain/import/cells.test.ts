import { describe, expect, it } from 'vitest';
import { Book, counts } from './support.ts';

describe('cells', () => {
  it('are an error where JSON has rounded a number: another contact may have that id', () => {
    const { errors, contacts } = new Book().contactValues([
      { id: JSON.parse('9007199254740993') },
      { id: 'b', phone: JSON.parse('31612345678901234567') },
      { id: 9007199254740991 },
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      'id is a number too large to be exact: write it as text, in quotes',
      'phone is a number too large to be exact: write it as text, in quotes',
    ]);
    expect(contacts.map(({ id }) => id)).toEqual(['9007199254740991']);
  });

  it('become numbers only where they print back the same, and never in text fields', () => {
    const book = new Book();
    book.text('id,phone,a,b,c,d,e,f,g,h\n007,123,12,-1.5,012,1e3,NaN,9007199254740993,-0,Infinity\n');
    expect(book.get('007')).toMatchObject({
      phone: '123',
      a: 12,
      b: -1.5,
      c: '012',
      d: '1e3',
      e: 'NaN',
      f: '9007199254740993',
      g: '-0',
      h: 'Infinity',
    });
  });

  it('that are empty leave the field as it was', () => {
    const book = new Book();
    book.text('id,city,do_not_email\n1,Rome,yes\n');
    expect(counts(book.text('id,city,do_not_email\n1, ,\n'))).toEqual({ unchanged: 1 });
    expect(counts(book.contactValues([{ id: '1', city: null, do_not_email: '' }]))).toEqual({ unchanged: 1 });
    expect(book.get('1')).toMatchObject({ city: 'Rome', do_not_email: true });
  });

  it('from JSON stay as they are, but ids and text fields are text', () => {
    const book = new Book();
    book.contactValues([{ id: 7, phone: 49, score: '12', tags: ['a', { b: [1] }], ok: true }]);
    expect(book.get('7')).toMatchObject({ phone: '49', score: '12', tags: ['a', { b: [1] }], ok: true });
  });

  it.each([
    ['no key', { city: 'Rome' }, 'mapping.id'],
    ['only spaces for a key', { id: '  ' }, 'mapping.id'],
    ['an object for a name', { id: '1', firstname: { a: 1 } }, 'an object'],
    ['a boolean for an id', { id: true }, 'must be text'],
    ['a long id', { id: 'x'.repeat(201) }, '200'],
    ['a control character in an id', { id: 'a\u0000b' }, 'control'],
    ['a number JSON cannot write', { id: '1', score: JSON.parse('1e999') }, 'out of range'],
    ['no object at all', 'text', 'must be an object'],
    ['an array', [1], 'must be an object'],
  ])('with %s make their row an error', (_, value, words) => {
    const outcome = new Book().contactValues([{ id: 'good' }, value]);
    expect(counts(outcome)).toEqual({ created: 1, error_count: 1 });
    expect(outcome.errors).toEqual([{ row: 2, message: expect.stringContaining(words) }]);
  });

  it.each([
    ...['unknown', 'TBD', '?', '0', '000', '########', '#BEZUG!', '#¿NOMBRE?'],
    ...['00000000-0000-0000-0000-000000000000', '{00000000-0000-0000-0000-000000000000}'],
  ])('take the id %j for none', (id) => {
    const book = new Book();
    book.text(`id,email\n${id},ann@x.example\n${id},bob@x.example\n${id},\n`);
    expect([...book.contacts.values()].map(({ email }) => email)).toEqual(['ann@x.example', 'bob@x.example']);
  });

  it.each(['1.2346E11', '1,2346E+11', '123456789012346000'])('refuse the id %j, which was rounded', (id) => {
    const outcome = new Book().text(`id;email\n${id};ann@x.example\n`);
    expect(outcome.errors).toEqual([{ row: 1, message: expect.stringContaining('rounded by a spreadsheet') }]);
  });

  it.each(['12E5', '1000', '123456789012345600', '0x0', '#7'])('keep the id %s', (id) => {
    const book = new Book();
    book.text(`id,email\n${id},ann@x.example\n`);
    expect(book.get(id)?.email).toBe('ann@x.example');
  });

  it.each(['a@b', 'a.b+c@d.example', "o'neil@x.y", 'ü@bücher.de', `${'a'.repeat(250)}@b.c`])(
    'accept the address %s',
    (email) => {
      expect(new Book().contactValues([{ email }]).created).toBe(1);
    },
  );

  it.each([
    'a',
    '@b',
    'a@',
    'a@b@c',
    'a b@c.d',
    'a@b..c',
    'a@.b',
    'a@b.',
    'a@b,c@d',
    '[a@b.c]',
    'Ann <a@b.c>, Bo',
    'a@b.c; d@b.c',
    'a@127.0.0.1',
    'a@b.c\r\nBcc: x@y.z',
    'a\u0000@b.c',
    `${'a'.repeat(251)}@b.c`,
  ])('refuse the address %j', (email) => {
    expect(counts(new Book().contactValues([{ id: '1', email }]))).toEqual({ error_count: 1 });
  });

  it.each(['YES', 'True', '1', ' yes ', true, 1])('take %j for a set flag', (flag) => {
    const book = new Book();
    book.contactValues([{ id: '1', do_not_contact: flag }]);
    expect(book.get('1')?.do_not_contact).toBe(true);
  });
});
