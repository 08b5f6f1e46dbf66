import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY } from '../base/json.ts';
import { wireAddress } from '../contacts/address.ts';
import { TEXT_FIELDS } from '../contacts/contact.ts';
import { excerpt } from './raw-row.ts';
import { isNoAddress, isNoId, isNothing } from './words/placeholders.ts';

/** What is wrong with a cell, and so with its row. It is returned, because throwing a million errors would be slow. */
export class Problem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const MAX_ID = 200;
/** The longest text that is searched for addresses. */
const MAX_NAMED = 10_000;
const MAX_NESTING = 64;
/**
 * How spreadsheets write a long number that they rounded: `1.23457E+11`, in some countries `1,23457E+11`, of some
 * programs `1.2346E11`; or whole, with zeros behind the 15 digits that they keep.
 */
const ROUNDED = /^[+-]?\d+(?:[.,]\d+E\+?|E\+)\d+$|^[1-9]\d{14}0{3,}$/i;
const TEXTS: ReadonlySet<string> = new Set(TEXT_FIELDS);

export function isTextField(field: string): boolean {
  return TEXTS.has(field);
}

/** Whether a cell is empty: no value, null, "", and in CSV (`text`) only spaces or a word for nothing, such as `#N/A`. */
export function isBlank(cell: unknown, text: boolean): boolean {
  if (cell === undefined || cell === null || cell === '') return true;
  if (!text || typeof cell !== 'string') return false;
  // Most cells begin with a sign of ASCII, and the pattern for white space need not be asked.
  const first = cell.charCodeAt(0);
  if ((first > 32 && first < 127) || !/^\s/.test(cell)) return isNothing(cell);
  const left = cell.trim();
  return left === '' || isNothing(left);
}

/**
 * A text field's value. A number becomes text, unless it is too large to be exact: JSON may have rounded it, for
 * instance to another contact's id.
 */
export function readText(cell: unknown, column: string): string | Problem {
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) && !Number.isSafeInteger(cell))
    return new Problem(`${column} is a number too large to be exact: write it as text, in quotes`);
  if (typeof cell === 'number' && Number.isFinite(cell)) return String(cell);
  return new Problem(`${column} must be text, and is ${excerpt(cell)}`);
}

/**
 * An id, at most 200 characters without control characters; an address as it goes on the wire. Undefined where only
 * spaces are left, or a word for nothing.
 */
export function readId(cell: unknown, column: string): string | undefined | Problem {
  const text = readText(cell, column);
  if (text instanceof Problem) return text;
  const id = text.trim();
  if (id.length > MAX_ID) return new Problem(`${column} is longer than ${MAX_ID} characters`);
  if (/\p{Cc}/u.test(id)) return new Problem(`${column} ${excerpt(id)} holds control characters`);
  if (ROUNDED.test(id))
    return new Problem(
      `${column} ${excerpt(id)} was rounded by a spreadsheet, so other contacts may have it too: make the column text there, and export again`,
    );
  if (id === '' || isNoId(id)) return undefined;
  return id.includes('@') ? (wireAddress(id) ?? id) : id;
}

/** An email address as it goes on the wire; undefined where only spaces are left, or a word for nothing. */
export function readEmail(cell: unknown, column: string): string | undefined | Problem {
  const text = readText(cell, column);
  if (text instanceof Problem) return text;
  const address = wireAddress(text) ?? namedAddress(text);
  if (address !== undefined) return address;
  const left = text.trim();
  if (left === '' || isNoAddress(left)) return undefined;
  return new Problem(`${column} ${excerpt(left)} isn't one plain email address`);
}

/** A name, and an address in angle brackets behind it (RFC 5322, 3.4). */
const NAMED = /^([^<>]*)<([^<>]*)>[\s;]*$/;

/** The address of `Name <address>`, where the name isn't another address. */
function namedAddress(text: string): string | undefined {
  const [, name = '', inner = ''] = (text.length <= MAX_NAMED && NAMED.exec(text)) || [];
  const address = wireAddress(inner);
  return addressesOf(name).every((other) => other === address) ? address : undefined;
}

/** Every address in a cell that may hold several, as a list of contacts has them: `a@x, b@x`, `a@x ::: b@x`. */
export function addressesOf(cell: unknown): string[] {
  if (typeof cell !== 'string' || !cell.includes('@') || cell.length > MAX_NAMED) return [];
  return cell.split(/[\s,;|<>]+|::+/).flatMap((part) => wireAddress(part) ?? []);
}

/** Any other column's value: a CSV cell becomes a number only if that prints the same text; JSON stays as it is. */
export function readFree(cell: unknown, column: string, text: boolean): unknown {
  if (typeof cell === 'string') return text ? numberOrText(cell) : cell;
  return checkNested(cell, column) ?? cell;
}

function numberOrText(cell: string): string | number {
  const first = cell.charCodeAt(0);
  if (first !== 45 && (first < 48 || first > 57)) return cell;
  const number = Number(cell);
  return Number.isFinite(number) && String(number) === cell ? number : cell;
}

/**
 * Checks nested data. VALIDATION_ERROR for a key `__proto__`, and for more than 64 levels. Returns the row's problem
 * for a number that JSON can't write; undefined where nothing is wrong.
 */
export function checkNested(value: unknown, column: string): Problem | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'number' && !Number.isFinite(item))
        return new Problem(`${column} holds a number out of range`);
      if (typeof item !== 'object' || item === null) continue;
      if (depth >= MAX_NESTING) throw invalid(`${column} nests deeper than ${MAX_NESTING} levels: flatten it.`);
      if (Object.hasOwn(item, FORBIDDEN_KEY)) throw invalid(`${column} holds a key ${FORBIDDEN_KEY}: rename it.`);
      for (const child of Object.values(item)) next.push(child);
    }
    level = next;
  }
  return undefined;
}
