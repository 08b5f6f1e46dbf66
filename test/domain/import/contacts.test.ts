import { describe, expect, it } from 'vitest';
import { Book, counts, thrownBy } from './support.ts';

describe('columns', () => {
  it('match fields without regard to case, spaces, _ and -', () => {
    const book = new Book();
    book.text(
      'ID,E-Mail,First Name,last_name,LinkedIn URL,Lifecycle-Stage,Do Not Email,City\n7,a@b.c,Ann,Lee,x,lead,Yes,Rome\n',
    );
    expect(book.get('7')).toEqual({
      id: '7',
      email: 'a@b.c',
      firstname: 'Ann',
      lastname: 'Lee',
      linkedin_url: 'x',
      lifecycle_stage: 'lead',
      do_not_email: true,
      do_not_contact: false,
      bounced: false,
      consent_sources: [
        {
          flag: 'do_not_email',
          column: 'Do Not Email',
          value: 'Yes',
          import_id: 'imp_1',
          at: '2026-01-01T00:00:00.000Z',
        },
      ],
      City: 'Rome',
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
    });
  });

  it('follow the mapping first, which may rename any column and use one twice', () => {
    const book = new Book();
    book.text('Key,Email,Work Mail,Score\n7,old@b.c,a@b.c,3\n', 'csv', {
      id: 'Key',
      email: 'Work Mail',
      points: 'Score',
    });
    expect(book.get('7')).toMatchObject({ email: 'a@b.c', Email: 'old@b.c', points: 3 });
    expect(Object.keys(book.get('7') ?? {})).not.toContain('Score');
    book.text('Mail\nx@y.z\n', 'csv', { id: 'Mail', email: 'Mail' });
    expect(book.get('x@y.z')?.email).toBe('x@y.z');
  });

  it('that mean the same field are refused until mapping names one of them', () => {
    const text = 'id,Email,e-mail\n1,a@b.c,x@y.z\n';
    expect(thrownBy(() => new Book().text(text))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'The columns "Email" and "e-mail" both mean email: name the right one in mapping.email.',
    });
    const book = new Book();
    book.text(text, 'csv', { email: 'e-mail' });
    expect(book.get('1')?.email).toBe('x@y.z');
  });

  it.each([
    [{ id: 'Nope' }, 'The columns are: "id", "City"'],
    [{ created_at: 'City' }, 'created_at'],
    [JSON.parse('{"__proto__": "City"}'), '__proto__'],
    [{ email: 'City', 'E-mail': 'id' }, 'email twice'],
  ])('mapping %j is refused', (mapping, words) => {
    const call = () => new Book().text('id,City\n1,Rome\n', 'csv', mapping);
    expect(thrownBy(call)).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining(words) });
  });

  it('named like a time that Countersign keeps, or like a field that mapping fills, are left out with a warning', () => {
    const book = new Book();
    const outcome = book.text('id,Key,created_at,updated_at\n1,k1,1999,1999\n', 'csv', { id: 'Key' });
    expect(book.get('k1')).toMatchObject({ id: 'k1', created_at: '2026-01-01T00:00:00.000Z' });
    expect(outcome.tally.warnings()).toHaveLength(3);
    expect(outcome.tally.warnings().join()).toContain('"created_at"');
  });
});

describe('the same contact', () => {
  it('is found by id; a row without an id finds it by its address, however that is written', () => {
    const book = new Book();
    book.text('id,email\n1,Ann@b.c\n');
    expect(counts(book.text('id,email,city\n1,,Rome\n,ANN@B.C,Rome\n,mailto:ann@b.c;,Bern\n'))).toEqual({
      updated: 2,
      unchanged: 1,
    });
    expect([...book.contacts.keys()]).toEqual(['1']);
    expect(book.get('1')).toMatchObject({ city: 'Bern', email: 'ann@b.c' });
  });

  it('is another one where the id is another one, and a warning names both', () => {
    const book = new Book();
    const text = `id,email\n${Array.from({ length: 23 }, (_, row) => `${row + 1},info@b.c`).join('\n')}\n`;
    expect(book.text('id,email\n1,info@b.c\n2,Info@B.C\n').tally.warnings()).toEqual([
      '1 pair of contacts has one address, so that consent and messages count for both: "1" and "2" (info@b.c).',
    ]);
    expect(counts(book.text('id,email\n1,info@b.c\n2,Info@B.C\n'))).toEqual({ unchanged: 2 });
    const [warning] = new Book().text(text).tally.warnings();
    expect(warning).toContain('22 pairs of contacts have one address');
    expect(warning).toContain('(the first 20 of 22)');
  });

  it('is not guessed where several have the address of a row without an id', () => {
    const book = new Book();
    book.text('id,email\n1,info@b.c\n2,info@b.c\n');
    const outcome = book.text('email,Unsubscribed\ninfo@b.c,yes\n');
    expect(outcome.errors).toEqual([
      { row: 1, message: 'has no id, and 2 contacts have its address ("1", "2"): give the id of one' },
    ]);
    expect([...book.contacts.values()].map(({ do_not_email }) => do_not_email)).toEqual([true, true]);
  });

  it('gets an id of its own where the row has only an email', () => {
    const book = new Book();
    expect(counts(book.text('email\na@b.c\nA@b.c\n'))).toEqual({ created: 1, unchanged: 1 });
    expect(book.get('ct_1')?.email).toBe('a@b.c');
  });

  it('came without an id, and takes the first id that comes with its address', () => {
    const book = new Book();
    book.text('email\na@b.c\n');
    book.text('id,email,city\n9,a@b.c,\n9,,Rome\n');
    expect([...book.contacts.keys()]).toEqual(['ct_1']);
    expect(book.get('ct_1')?.city).toBe('Rome');
  });

  it('may stand in several rows: later rows change what earlier rows set, and it is saved once', () => {
    const outcome = new Book().text('id,city,job\n1,Rome,\n1,,cook\n1,Rome,cook\n1,Bern,\n');
    expect(counts(outcome)).toEqual({ created: 1, updated: 2, unchanged: 1 });
    expect(outcome.contacts).toMatchObject([{ id: '1', city: 'Bern', job: 'cook' }]);
  });

  it('changes its updated_at only when one of its fields changes', () => {
    const book = new Book();
    book.text('id,city\n1,Rome\n2,Rome\n');
    const outcome = book.text('id,city\n1,Rome\n2,Bern\n');
    expect(outcome.contacts.map((contact) => contact.id)).toEqual(['2']);
    expect(book.get('1')?.updated_at).toBe('2026-01-01T00:00:00.000Z');
    expect(book.get('2')).toMatchObject({
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:01:00.000Z',
    });
  });

  it('keeps a flag that was set, also one set earlier in the same file', () => {
    const book = new Book();
    expect(counts(book.text('id,do_not_email\n1,yes\n1,no\n'))).toMatchObject({ created: 1, kept_consent: 1 });
    expect(counts(book.contactValues([{ id: '1', do_not_email: false, city: 'Rome' }]))).toEqual({
      updated: 1,
      kept_consent: 1,
    });
    expect(book.get('1')).toMatchObject({ do_not_email: true, city: 'Rome' });
  });

  it('is found by an address that another contact no longer has', () => {
    const book = new Book();
    book.text('id,email\n1,a@b.c\n');
    expect(counts(book.text('id,email\n1,new@b.c\n2,a@b.c\n,a@b.c\n'))).toEqual({
      updated: 1,
      created: 1,
      unchanged: 1,
    });
    expect(book.get('2')?.email).toBe('a@b.c');
  });

  it('is unchanged by the same file again, even where its rows contradict each other', () => {
    const book = new Book();
    const text = 'id,email,city,do_not_email\n1,a@b.c,Rome,yes\n1,A@b.c,Bern,no\n1,,Rome,\n3,x@y.z,Bern,\n1,,Oslo,\n';
    book.text(text);
    const before = structuredClone([...book.contacts]);
    const outcome = book.text(text);
    expect(counts(outcome)).toEqual({ unchanged: 5, kept_consent: 1 });
    expect(outcome.contacts).toEqual([]);
    expect([...book.contacts]).toEqual(before);
  });

  it('compares nested values by content', () => {
    const book = new Book();
    book.contactValues([{ id: '1', address: { city: 'Rome', zip: [1] } }]);
    expect(counts(book.contactValues([{ id: '1', address: { zip: [1], city: 'Rome' } }]))).toEqual({ unchanged: 1 });
    expect(counts(book.contactValues([{ id: '1', address: { zip: [2], city: 'Rome' } }]))).toEqual({ updated: 1 });
  });
});

describe('hostile and large input', () => {
  it('treats names of built-in properties as ordinary names', () => {
    const book = new Book();
    const text = 'id,constructor,toString,hasOwnProperty\nconstructor,a,b,c\n__proto__,d,e,f\n';
    expect(counts(book.text(text))).toEqual({ created: 2 });
    expect(counts(book.text(text))).toEqual({ unchanged: 2 });
    expect(book.get('__proto__')).toMatchObject({ constructor: 'd', toString: 'e' });
    expect(counts(new Book().text(text, 'csv', { toString: 'constructor' }))).toEqual({ created: 2 });
  });

  it.each(['{"id":"1","__proto__":{"x":1}}', '{"id":"1","a":{"b":[{"__proto__":1}]}}'])(
    'refuses a key __proto__ in %s',
    (json) => {
      const call = () => new Book().contactValues([JSON.parse(json)]);
      expect(thrownBy(call)).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining('__proto__') });
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it('takes half a character for the error of its row, wherever it stands, and keeps the objection of that row', () => {
    const half = 'x\ud83d';
    const book = new Book();
    book.contactValues([{ id: '1', email: 'a@b.example' }]);
    const rows = [
      { id: '1', do_not_email: true, firstname: half },
      { id: '2', tags: ['a', { deep: half }] },
      { id: '3', [half]: 1 },
      { id: '4', firstname: 'Zoë 😀' },
    ];
    const outcome = book.contactValues(rows);
    expect(outcome.errors.map(({ row, message }) => [row, message.split(' holds ')[0]])).toEqual([
      [1, 'firstname'],
      [2, 'tags[1].deep'],
      [3, 'the name of a field'],
    ]);
    expect([...book.contacts.keys()]).toEqual(['1', '4']);
    expect(book.get('1')?.do_not_email).toBe(true);
    const call = { type: 'track', event: 'Seen', properties: { title: half } };
    const traits = { email: 'c@d.example', plan: half };
    for (const text of [
      JSON.stringify([{ ...call, userId: '4' }]),
      JSON.stringify([{ type: 'identify', userId: '9', traits }]),
    ])
      expect(new Book().text(text, 'segment').error_count, text).toBe(1);
    expect(book.eventValues([{ contact_id: '4', type: 'track', name: half }]).error_count).toBe(1);
  });

  it('takes 64 levels of nesting, and refuses 65 and 100,000', () => {
    const nested = (levels: number) => JSON.parse(`[{"id":"1","a":${'['.repeat(levels)}${']'.repeat(levels)}}]`);
    expect(new Book().contactValues(nested(64)).created).toBe(1);
    for (const levels of [65, 100_000]) {
      expect(thrownBy(() => new Book().contactValues(nested(levels)))).toMatchObject({
        code: 'VALIDATION_ERROR',
        message: expect.stringContaining('64'),
      });
    }
    const deep = nested(100_000)[0].a;
    const rows = [deep, { id: deep }, { id: '1', email: deep }, { id: '1', do_not_email: deep }];
    expect(new Book().contactValues(rows).error_count).toBe(3);
  });

  it('shows the first 20 errors and counts them all', () => {
    const outcome = new Book().text(`id,email\n${'1,bad\n'.repeat(50)}2,a@b.c\n`);
    expect(counts(outcome)).toEqual({ created: 1, error_count: 50 });
    expect(outcome.errors).toHaveLength(20);
  });

  it('reads a wide real-world table with a nameless last column, twice', () => {
    const names = Array.from({ length: 35 }, (_, index) => `Column ${index}, asked`);
    const header = ['Prospect ID', 'Do Not Email', ...names.map((name) => `"${name}"`)].join(',');
    const lines = Array.from({ length: 2000 }, (_, row) =>
      [
        `lead-${row}`,
        row % 10 === 0 ? 'Yes' : 'No',
        ...names.map((_, index) => (index % 3 ? `"Select, ${index}"` : row % 7)),
      ].join(','),
    );
    const text = `${header},\n${lines.join(',\n')},\n`;
    const book = new Book();
    expect(counts(book.text(text, 'csv', { id: 'Prospect ID' }))).toEqual({ created: 2000 });
    expect([...book.contacts.values()].filter((contact) => contact.do_not_email)).toHaveLength(200);
    expect(book.get('lead-8')).toMatchObject({ 'Column 0, asked': 1, 'Column 1, asked': 'Select, 1' });
    expect(counts(book.text(text, 'csv', { id: 'Prospect ID' }))).toEqual({ unchanged: 2000 });
  });
});
