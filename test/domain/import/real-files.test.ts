import { describe, expect, it } from 'vitest';
import { Book, counts, parseRows, thrownBy } from './support.ts';

const cellsOf = (text: string) => parseRows(text, 'csv').rows.map((row) => row.cells);

describe('the header', () => {
  it.each([
    ['notes before it', 'Notes:\n"Some, of these, are missing."\n\nid,email,city\n1,a@b.c,Rome\n'],
    ['a preamble as wide as its neighbours', 'Report;Contacts\nDate;2026\n\nid;email;city\n1;a@b.c;Rome\n'],
    ['50 lines before it', `${'a title\n'.repeat(50)}id,email,city\n${'1,a@b.c,Rome\n'.repeat(30)}`],
    ["Excel's sep= line", 'sep=;\r\nid;email;city\r\n1;a@b.c;Rome\r\n'],
    ["Excel's sep= line, in quotes, and a separator of its own", '"sep=|"\nid|email|city\n1|a@b.c|Rome\n'],
    ['empty cells behind', 'id,email,city\n1,a@b.c,Rome,,,\n'],
    ['empty cells behind the header too', 'id,email,city,,\n1,a@b.c,Rome,,\n'],
  ])('is found with %s', (_, text) => {
    expect(cellsOf(text)[0]).toEqual({ id: '1', email: 'a@b.c', city: 'Rome' });
  });

  it('may hold the other separator, and its rows may', () => {
    const header = 'id;email;City, country;Deal (1,000)\r\n';
    expect(cellsOf(`${header}1;a@b.c;Utrecht NL;12\r\n`)).toEqual([
      { id: '1', email: 'a@b.c', 'City, country': 'Utrecht NL', 'Deal (1,000)': '12' },
    ]);
    expect(cellsOf('id;amount,tax\n1;3,5\n2;4,5\n')).toEqual([
      { id: '1', 'amount,tax': '3,5' },
      { id: '2', 'amount,tax': '4,5' },
    ]);
  });

  it('refuses a cell too many only where it holds something', () => {
    const outcome = new Book().text('email,firstname\na@b.c,Zo,,,\nb@b.c,Al,x\n');
    expect(counts(outcome)).toEqual({ created: 1, error_count: 1 });
    expect(outcome.errors).toEqual([{ row: 2, message: 'has too many cells: 3 where the header has 2' }]);
  });
});

describe('an id', () => {
  it.each(['1.23457E+11', '1,23457E+11', '1E+15'])('that a spreadsheet rounded, %s, is the error of its row', (id) => {
    const outcome = new Book().contactValues([
      { id, email: 'a@b.c', firstname: 'Ann' },
      { id, email: 'b@b.c', firstname: 'Bob' },
    ]);
    expect(counts(outcome)).toEqual({ error_count: 2 });
    expect(outcome.errors[0]?.message).toContain('rounded by a spreadsheet');
  });

  it.each(['#N/A', 'NULL', '-', 'undefined', 'none', 'None', 'nil', '#REF!', 'n/a', '(null)'])(
    'such as %s is none, and so is any other cell',
    (nothing) => {
      const book = new Book();
      book.text(`id,email,city\n${nothing},a@b.c,${nothing}\n${nothing},b@b.c,Rome\n`);
      expect([...book.contacts.values()].map(({ id, city }) => [id, city])).toEqual([
        ['ct_1', undefined],
        ['ct_2', 'Rome'],
      ]);
    },
  );

  it('that is an address is the address too, however it is written', () => {
    const book = new Book();
    book.contactValues([{ id: 'Ann@B.example', unsubscribed: true }]);
    expect(book.get('ann@b.example')).toMatchObject({ email: 'ann@b.example', do_not_email: true });
    expect(counts(book.text('email\nANN@b.example\n'))).toEqual({ unchanged: 1 });
  });

  it('with two addresses in one import draws a warning', () => {
    const outcome = new Book().text('id,email\n7,a@b.c\n7,b@b.c\n8,c@b.c\n');
    expect(outcome.tally.warnings()).toEqual([
      '1 id came with two addresses in this import, which may be two people: "7" (a@b.c, b@b.c).',
    ]);
  });
});

describe('names and addresses', () => {
  it.each([
    ['Name', 'Mira Oduya', 'Mira', 'Oduya'],
    ['Full Name', 'Oduya, Mira', 'Mira', 'Oduya'],
    ['Nombre completo', 'Mira van der Berg', 'Mira', 'van der Berg'],
    ['Contact Name', 'Mira', 'Mira', undefined],
  ])('in "%s" %j are taken apart', (column, name, firstname, lastname) => {
    const book = new Book();
    book.contactValues([{ id: '1', [column]: name }]);
    expect([book.get('1')?.firstname, book.get('1')?.lastname]).toEqual([firstname, lastname]);
  });

  it('in other languages fill the fields', () => {
    const book = new Book();
    book.text('E-Mail-Adresse;Vorname;Nachname\na@b.c;Mira;Oduya\n');
    book.text('Correo electrónico;Nombre;Apellidos\nb@b.c;Mira;Oduya\n');
    book.text('Adresse e-mail;Prénom;Nom\nc@b.c;Mira;Oduya\n');
    for (const contact of book.contacts.values())
      expect(contact).toMatchObject({ firstname: 'Mira', lastname: 'Oduya' });
    expect([...book.contacts.values()].map(({ email }) => email)).toEqual(['a@b.c', 'b@b.c', 'c@b.c']);
  });

  it('of a company or an owner are none of the person', () => {
    const outcome = new Book().text('Company Email,Owner Email,Email Status\na@b.c,b@b.c,ok\n');
    expect(outcome.errors[0]?.message).toMatch(/mapping\.id.*mapping\.email.*The columns are: "Company Email"/);
  });
});

describe('times of events', () => {
  it('may be seconds since 1970', () => {
    const book = new Book();
    book.eventValues([{ contact_id: '1', type: 'page', timestamp: 1764237600 }]);
    expect(book.events[0]?.timestamp).toBe('2025-11-27T10:00:00.000Z');
  });

  it.each([['2026-01-03'], ['1989-12-31'], [0], [4102444800]])(
    'that cannot be, %j, are the error of the row',
    (timestamp) => {
      expect(counts(new Book().eventValues([{ contact_id: '1', type: 'page', timestamp }]))).toEqual({
        error_count: 1,
      });
    },
  );
});

describe('an anonymousId with a userId', () => {
  const page = (path: string, more: object) => ({
    type: 'page',
    properties: { path },
    timestamp: '2025-12-30T08:00:00Z',
    ...more,
  });
  const identify = { type: 'identify', anonymousId: 'an1', userId: 'u9', traits: { email: 'u9@b.example' } };
  const text = (...calls: object[]) => JSON.stringify(calls);

  it('is one contact with it, whichever comes first', () => {
    const book = new Book();
    const calls = text(page('/pricing', { anonymousId: 'an1' }), page('/docs', { anonymousId: 'an1' }), identify);
    expect(counts(book.text(calls, 'segment'))).toEqual({ created: 1, events_recorded: 2 });
    expect([...book.contacts.keys()]).toEqual(['u9']);
    expect(book.events.map(({ contact_id }) => contact_id)).toEqual(['u9', 'u9']);
    expect(counts(book.text(calls, 'segment'))).toEqual({ unchanged: 1 });
  });

  it('melts a contact of an earlier import into the user, with its events and objections', () => {
    const book = new Book();
    book.text(
      text(page('/pricing', { anonymousId: 'an1' }), {
        ...identify,
        userId: undefined,
        traits: { unsubscribed: true },
      }),
      'segment',
    );
    const outcome = book.text(text(identify), 'segment');
    expect(outcome.melted).toEqual(['an1']);
    expect([...book.contacts.keys()]).toEqual(['u9']);
    expect(book.get('u9')).toMatchObject({ email: 'u9@b.example', do_not_email: true });
    expect(outcome.events).toMatchObject([{ contact_id: 'u9', properties: { path: '/pricing' } }]);
  });

  it.each([
    ['has another address', { email: 'other@b.example' }, false],
    ['has results, actions or notes of its own', {}, true],
  ])('stays apart where it %s, with a warning', (why, traits, withHistory) => {
    const book = new Book();
    book.contactValues([{ id: 'an1', ...traits }]);
    if (withHistory) book.withHistory.add('an1');
    const outcome = book.text(text(identify), 'segment');
    expect([...book.contacts.keys()]).toEqual(['an1', 'u9']);
    expect(outcome.tally.warnings().join()).toContain(`"an1" ${why}`);
  });

  it('as an address finds the contact of that address', () => {
    const book = new Book();
    book.text('id,email\n1,ann@b.example\n');
    book.text(text(page('/x', { userId: 'Ann@B.example' })), 'segment');
    expect(book.events.map(({ contact_id }) => contact_id)).toEqual(['1']);
  });
});

describe('errors', () => {
  it.each(['json', 'segment'] as const)('of %s never quote what the file holds', (format) => {
    for (const secret of ['root:x:0:0', '{"key": hunter2}', '[1, 2, hunter2'])
      expect(thrownBy(() => parseRows(secret, format))).toMatchObject({
        message: expect.not.stringMatching(/root|hunter/),
      });
    expect(new Book().text('{"id":"1"}\nhunter2\n', 'jsonl').errors[0]?.message).not.toContain('hunter');
  });
});
