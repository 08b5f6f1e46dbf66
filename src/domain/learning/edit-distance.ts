import { distance } from 'fastest-levenshtein';
import { canonical, isObject } from '../base/json.ts';

/** The most steps, each a letter against 32 others at once, that one comparison takes: some 20 ms. */
const MOST_STEPS = 6_000_000;
const AT_ONCE = 32;

/** By code point: by code unit, letters beyond U+FFFF would stand before those from U+E000 on. */
function byCodePoint(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const apart = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (apart !== 0) return apart;
  }
  return left.length - right.length;
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (!isObject(value)) return [];
  return Object.keys(value)
    .sort(byCodePoint)
    .flatMap((key) => stringsIn(value[key]));
}

/** The texts of an action's params, as edits are measured: one a line, by the names of their fields, nested ones in their place. */
function textOfParams(params: unknown): string {
  return stringsIn(params).join('\n').replace(/\r\n/g, '\n').normalize('NFC');
}

/** A value with its texts left out: what stays are the names of fields, numbers, and how much there is of all. */
function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutTexts(item)]));
}

/** Whether params differ in nothing but the letters of their texts. A changed amount is no small edit, whatever its digits. */
export function differInTextsOnly(one: unknown, other: unknown): boolean {
  return canonical(withoutTexts(one)) === canonical(withoutTexts(other));
}

/** Texts with each character as one code unit, so that one beyond U+FFFF counts once; undefined where there are too many kinds. */
function asUnits(texts: readonly string[]): string[] | undefined {
  if (!texts.some((text) => /[\ud800-\udfff]/.test(text))) return [...texts];
  const units = new Map<string, string>();
  const encoded = texts.map((text) =>
    Array.from(text, (letter) => {
      const unit = units.get(letter) ?? String.fromCharCode(units.size);
      units.set(letter, unit);
      return unit;
    }).join(''),
  );
  return units.size > 0xffff ? undefined : encoded;
}

/** Two texts without what they begin and end with alike: it changes no distance. */
function middles(one: string, other: string): [string, string] {
  const shorter = Math.min(one.length, other.length);
  let from = 0;
  while (from < shorter && one.charCodeAt(from) === other.charCodeAt(from)) from += 1;
  let end = 0;
  while (end < shorter - from && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end))
    end += 1;
  return [one.slice(from, one.length - end), other.slice(from, other.length - end)];
}

/**
 * How far a text is from another: how many letters have to be put in, taken out or changed (Levenshtein), as a share of the
 * longer one. 0 for equal ones, 1 where nothing is left. Of very long texts that differ throughout, all that lies between
 * their first and their last difference counts as changed.
 */
export function textDistance(one: string, other: string): number {
  if (one === other) return 0;
  const [left = one, right = other] = asUnits([one, other]) ?? [];
  const [a, b] = middles(left, right);
  const longer = Math.max(a.length, b.length);
  const steps = longer * Math.ceil(Math.min(a.length, b.length) / AT_ONCE);
  return (steps > MOST_STEPS ? longer : distance(a, b)) / Math.max(left.length, right.length);
}

/** How far the params of an action are from others, 0 to 1: by their texts. */
export function editDistance(proposed: unknown, approved: unknown): number {
  return textDistance(textOfParams(proposed), textOfParams(approved));
}
