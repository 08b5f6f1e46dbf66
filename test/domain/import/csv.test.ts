import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/domain/import/parse.ts';
import { Book, counts, parseFile, parseRows, thrownBy } from './support.ts';

const cellsOf = (text: string) => parseRows(text, 'csv').rows.map((row) => row.cells);

describe('reading CSV', () => {
  it('numbers rows from 1 after the header and keeps quoted commas, quotes and line breaks', () => {
    const { rows, columns } = parseRows('id,city\r\n1,"Paris, ""the"" city"\r\n2,"a\nb"\r\n', 'csv');
    expect(columns).toEqual(['id', 'city']);
    expect(rows.map((row) => [row.row, row.cells.city])).toEqual([
      [1, 'Paris, "the" city'],
      [2, 'a\nb'],
    ]);
  });

  it.each([
    ['semicolons', 'id;city\n1;Rome\n'],
    ['tabs', 'id\tcity\n1\tRome\n'],
    ['a quoted header with the other separator inside', '"id";city\n1;Rome'],
    ['old Mac line ends', 'id,city\r1,Rome\r'],
    ['a byte order mark and blank lines', '\uFEFFid,city\n\n1,Rome\n\n'],
  ])('understands %s', (_, text) => {
    expect(cellsOf(text)).toEqual([{ id: '1', city: 'Rome' }]);
  });

  it('reads a lone column, whose name may hold a quoted separator', () => {
    expect(cellsOf('email\na@b.c\n')).toEqual([{ email: 'a@b.c' }]);
    expect(cellsOf('id;"x,y"\n1;2\n')).toEqual([{ id: '1', 'x,y': '2' }]);
  });

  it('leaves out columns without a name, fills up short rows, and refuses long ones', () => {
    const book = new Book();
    const outcome = book.text('id,,city,\n1,zzz,Rome,\n2\n3,,Bern,,more\n');
    expect(counts(outcome)).toEqual({ created: 2, error_count: 1 });
    expect(outcome.errors).toEqual([{ row: 3, message: 'has too many cells: 5 where the header has 4' }]);
    expect(Object.keys(book.get('1') ?? {})).not.toContain('');
    expect(book.get('1')).toMatchObject({ city: 'Rome' });
    expect(book.get('2')).not.toHaveProperty('city');
  });

  it('reports a stray quote as the error of its row, and reads the other rows', () => {
    const outcome = new Book().text('id,size\n1,5\n2,5" pipe\n3,"ok"\n4,6"7"8\n5,9\n');
    expect(outcome.created).toBe(3);
    expect(outcome.errors.map((error) => error.row)).toEqual([2, 4]);
    expect(outcome.errors[0]?.message).toContain('quote');
  });

  it.each([
    ['a wrong closing quote', 'id,a\n1,x\n2,"x"y\n3,z\n', 'at line 3'],
    ['a quote never closed', 'id,a\n1,x\n2,"xy\n3,z\n', 'after row 1 is never closed'],
    ['a stray quote in the header', 'id,a"b\n1,x\n', 'header line'],
    ['nothing at all', ' '.trim(), 'empty'],
    ['a header without names', ',,\n1,2,3\n', 'names no column'],
    ['two columns of one name', 'id,a,a\n1,2,3\n', '"a"'],
    ['a column named __proto__', 'id,__proto__\n1,2\n', '__proto__'],
    ['half a character in a column’s name', 'id,a\ud83d\n1,x\n', 'half a character'],
  ])('refuses %s, saying where', (_, text, words) => {
    const call = () => parseRows(text, 'csv');
    expect(thrownBy(call)).toMatchObject({ code: 'VALIDATION_ERROR', message: expect.stringContaining(words) });
  });

  it('reports half a character as the error of its row, and reads the other rows', () => {
    const outcome = new Book().text('id,name\n1,Ann\n2,\ud83d\n3,Cy \ud83d\ude00\n');
    expect(outcome.created).toBe(2);
    expect(outcome.errors).toEqual([{ row: 2, message: expect.stringMatching(/^name holds half a character/) }]);
  });

  it('restores cells that an export hid from spreadsheets', () => {
    expect(cellsOf("id,phone,quote,name\n1,'+49 30,'hello,''=1\n")).toEqual([
      { id: '1', phone: '+49 30', quote: "'hello", name: "'=1" },
    ]);
  });

  it('refuses more than a million rows', () => {
    const call = () => parseRows(`id\n${'1\n'.repeat(1_000_001)}`, 'csv');
    expect(thrownBy(call)).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('1,000,000') });
  });
});

describe('reading a long CSV', () => {
  const END = { n: '\n', rn: '\r\n', r: '\r' };
  const long = `"${'Ünö\n""x"" '.repeat(90_000)}"`;
  const cell = (n: number) => (n === 7_000 ? long : n % 3 === 0 ? `"a, ""${n}""\nb 😀"` : `é${n}`);
  const value = (n: number) => (n % 3 === 0 ? `a, "${n}"\nb 😀` : `é${n}`);
  const numbers = Array.from({ length: 20_000 }, (_, index) => index + 1);

  it.each(['n', 'rn', 'r'] as const)('gives each row as it stands, whatever the piece of it ends in: %s', (end) => {
    const text = ['id,city', ...numbers.map((n) => `${n},${cell(n)}`), ''].join(END[end]);
    for (const { rows } of [parseRows(text, 'csv'), parseFile(Buffer.from(text), 'csv')]) {
      expect(rows.map((row) => row.row)).toEqual(numbers);
      const off = rows.filter(
        ({ row, cells }) => cells.id !== String(row) || (row !== 7_000 && cells.city !== value(row)),
      );
      expect(off).toEqual([]);
      expect(rows[6_999]?.cells.city).toBe('Ünö\n"x" '.repeat(90_000));
    }
  });

  it('reports stray quotes and wrong ones by their place in the whole text', () => {
    const lines = ['id,city', ...numbers.map((n) => (n === 19_000 ? `${n},5" pipe` : `${n},Rome and some more`))];
    const { rows } = parseRows(lines.join('\n'), 'csv');
    expect(rows.filter(({ problem }) => problem).map(({ row }) => row)).toEqual([19_000]);
    expect(rows).toHaveLength(20_000);
    const call = () => parseRows([...lines, '20001,"x"y'].join('\n'), 'csv');
    expect(thrownBy(call)).toMatchObject({ message: expect.stringContaining('at line 20002') });
  });
});

describe('decoding a file', () => {
  const decoded = (bytes: Buffer) => {
    const { text, isAnsi } = decodeText(bytes);
    return { text: text.slice(0, text.end), isAnsi };
  };

  it('reads windows-1252, as Excel and Outlook save it', () => {
    const bytes = Buffer.concat([Buffer.from('id;n\xe9;Stra\xdfe;', 'latin1'), Buffer.from([0x80, 0x96])]);
    expect(decoded(bytes)).toEqual({ text: 'id;né;Straße;€–', isAnsi: true });
  });

  it.each([
    ['UTF-8', Buffer.from('id,né')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFid,né')],
    ['UTF-16 little-endian', Buffer.from('\uFEFFid,né', 'utf16le')],
    ['UTF-16 big-endian', Buffer.from('\uFEFFid,né', 'utf16le').swap16()],
  ])('reads %s', (_, bytes) => {
    expect(decoded(bytes)).toEqual({ text: 'id,né', isAnsi: false });
  });

  it.each([
    ['UTF-8 that was damaged', Buffer.concat([Buffer.from('id,né,ü,'), Buffer.from([0xe9])])],
    ['an alphabet of another code page', Buffer.from([0x69, 0x64, 0x2c, 0xce, 0xf2, 0xef, 0xe8, 0xf1, 0xe0, 0xed])],
    ['what is no text', Buffer.from([0x69, 0xe9, 0x01])],
    ['UTF-16 without a mark', Buffer.from('id,x', 'utf16le')],
    ['UTF-16 cut in the middle', Buffer.from([0xff, 0xfe, 0x41])],
  ])('refuses %s, and says what to do', (_, bytes) => {
    expect(thrownBy(() => decodeText(bytes))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('UTF-8'),
    });
  });
});
