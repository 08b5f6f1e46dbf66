import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY } from '../base/json.ts';
import { TEXT_FIELDS } from '../contacts/contact.ts';
import { excerpt } from './raw-row.ts';

/** What is wrong with a cell, and so with its row. It is returned, because throwing a million errors would be slow. */
export class Problem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const MAX_ID = 200;
const MAX_EMAIL = 254;
const MAX_NESTING = 64;
/**
 * An email address: one @, and no spaces, control characters, commas or angle brackets. Each character fits only one
 * part of the pattern, so matching takes linear time.
 */
const EMAIL = /^[^\s\p{C},<>@]+@[^\s\p{C},<>@.]+(?:\.[^\s\p{C},<>@.]+)*$/u;
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
]);
const TEXTS: ReadonlySet<string> = new Set(TEXT_FIELDS);

export function isTextField(field: string): boolean {
  return TEXTS.has(field);
}

/** Whether a cell is empty: no value, null, "", and in CSV (`text`) only spaces. */
export function isBlank(cell: unknown, text: boolean): boolean {
  if (cell === undefined || cell === null || cell === '') return true;
  return text && typeof cell === 'string' && /^\s/.test(cell) && cell.trim() === '';
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

/** An id, at most 200 characters without control characters; undefined where only spaces are left. */
export function readId(cell: unknown, column: string): string | undefined | Problem {
  const text = readText(cell, column);
  if (text instanceof Problem) return text;
  const id = text.trim();
  if (id.length > MAX_ID) return new Problem(`${column} is longer than ${MAX_ID} characters`);
  if (/\p{Cc}/u.test(id)) return new Problem(`${column} ${excerpt(id)} holds control characters`);
  return id === '' ? undefined : id;
}

/** An email address; undefined where only spaces are left. */
export function readEmail(cell: unknown, column: string): string | undefined | Problem {
  const text = readText(cell, column);
  if (text instanceof Problem) return text;
  const email = text.trim();
  if (email === '') return undefined;
  if (email.length > MAX_EMAIL || !EMAIL.test(email))
    return new Problem(`${column} ${excerpt(email)} isn't an email address`);
  return email;
}

/** A consent flag: yes, no, true, false, 1 or 0 in any case. */
export function readFlag(cell: unknown, column: string): boolean | Problem {
  const scalar = typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean';
  const flag = scalar ? FLAGS.get(String(cell).trim().toLowerCase()) : undefined;
  if (flag !== undefined) return flag;
  return new Problem(`${column} is ${excerpt(cell)}: use yes, no, true, false, 1 or 0`);
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
