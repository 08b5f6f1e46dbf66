import { isObject } from '../base/json.ts';

/** What stands between words, the next-line control included. */
const BETWEEN_WORDS = /[\s\u0085]+/g;
/**
 * Characters that nobody sees: the default-ignorable code points of Unicode (zero-width ones, bidi controls, tags,
 * variation selectors, fillers, the soft hyphen), controls, other format characters, and the blank of Braille.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/gu;

/**
 * A text as people read it, to be compared with others: without what can't be seen, NFKC, without regard to case, and
 * white space collapsed and trimmed (contract, section 3, "The gate"). It is the mapping of Unicode's `toNFKC_Casefold`
 * (The Unicode Standard, 3.13), whose case folding JavaScript has as lower case made upper case.
 */
export function asRead(text: string): string {
  const seen = text.replace(BETWEEN_WORDS, ' ').normalize('NFKC').replace(UNSEEN, '');
  const folded = seen.toLowerCase().toUpperCase().normalize('NFKC').replace(UNSEEN, '');
  return folded.trim().replace(BETWEEN_WORDS, ' ');
}

/** Whether a code unit is white space of ASCII. The end of a text, NaN, is none. */
function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** Whether a code unit is a letter, digit or sign of ASCII. */
function isSign(unit: number): boolean {
  return unit > 32 && unit < 127;
}

function capital(unit: number): number {
  return unit >= 97 && unit <= 122 ? unit - 32 : unit;
}

/** Reads a text code unit by code unit, white space of any length as one space. */
class Reader {
  readonly #text: string;
  #at = -1;
  /** The code unit that is read now, NaN at the end, and the one before it. */
  unit = 32;
  before = 32;

  constructor(text: string) {
    this.#text = text.trimEnd();
    this.next();
  }

  next(): void {
    this.before = this.unit;
    do this.#at += 1;
    while (this.before === 32 && isSpace(this.#text.charCodeAt(this.#at)));
    const unit = this.#text.charCodeAt(this.#at);
    this.unit = isSpace(unit) ? 32 : unit;
  }

  isOver(): boolean {
    return Number.isNaN(this.unit);
  }
}

/**
 * Whether two texts that were the same so far are certain to read otherwise, whatever follows: they go on with two signs
 * of ASCII, or with one where the other one ends or has a space. A space beside a letter outside ASCII may be none.
 */
function differHere(one: Reader, other: Reader): boolean {
  const [sign, rest] = isSign(one.unit) ? [one, other] : [other, one];
  if (!isSign(sign.unit)) return false;
  return isSign(rest.unit) || rest.isOver() || (rest.unit === 32 && isSign(rest.before));
}

/** Whether two texts read the same. Most that don't differ at a letter of ASCII, and need no folding to tell. */
function isReadAlike(left: string, right: string): boolean {
  if (left === right) return true;
  const [one, other] = [new Reader(left), new Reader(right)];
  while (capital(one.unit) === capital(other.unit)) {
    one.next();
    other.next();
  }
  if (one.isOver() && other.isOver()) return true;
  return !differHere(one, other) && asRead(left) === asRead(right);
}

/**
 * Whether two JSON values are equal with each of their texts as people read it. The names of their fields have to be the
 * same to the letter.
 */
export function readAlike(left: unknown, right: unknown): boolean {
  if (typeof left === 'string') return typeof right === 'string' && isReadAlike(left, right);
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => readAlike(item, right[at]));
  }
  if (!isObject(left) || !isObject(right)) return left === right;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => Object.hasOwn(right, name) && readAlike(left[name], right[name]));
}
