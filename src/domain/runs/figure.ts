import { isoTime } from '../import/time.ts';

/** Longer texts are no figures, and a pattern could take long over them. */
const LONGEST = 80;

const NUMBER = /^[+-]?[\d.,' ]*\d[\d.,' ]*%?$/;
/** Times as exports write them beside ISO 8601: `3/14/26 09:30`, `14.03.2026`, `Mar 14, 2026`, `14 March 2026`. */
const TIME =
  /^(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\p{L}{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? \p{L}{3,9}\.? \d{4})([ T,]+\d{1,2}:\d{2}(:\d{2})?( ?[ap]\.?m\.?)?( ?\p{Lu}{1,4}|[+-]\d{2}:?\d{2})?)?$/iu;
/** `5m 20s`, `24h`, `1.2k`. */
const SHORT_UNITS = /^(\d+([.,]\d+)? ?(s|sec|m|min|h|hrs?|d|w|k) ?)+$/;
/** What JavaScript puts behind a time. */
const ZONE_IN_WORDS = /(?<=gmt[+-]\d{4}) \([\p{L} ]+\)$/u;
const DAY_IN_A_WORD = /^(today|yesterday|tomorrow)$/;
const MARKS_AROUND = /^[\p{L}\d\s.,:/+()%'\p{Sc}-]+$/u;

/**
 * Words that stand beside the digits of a time or an amount: `Sun, 01 Mar 2026 10:00 GMT`, `March 1st, 2026 at 9:30 AM`,
 * `01-Mar-2026`, `2 days ago`, `Today at 9:14`, `1,200 USD`.
 */
const WORDS: ReadonlySet<string> = new Set(
  [
    'mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday',
    'jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september',
    'october november december today yesterday tomorrow at ago am pm st nd rd th',
    'second seconds minute minutes hour hours day days week weeks month months year years sec secs min mins hr hrs',
    'utc gmt cet cest est edt cst cdt mst mdt pst pdt bst ist',
    'usd eur gbp chf jpy cny inr cad aud nzd sek nok dkk pln czk brl mxn zar',
  ]
    .join(' ')
    .split(' '),
);
/** Words that stand for the digits, or before them, in a time that ends in "ago". */
const BEFORE_AGO: ReadonlySet<string> = new Set(['a', 'an', 'about', 'over', 'almost']);

function isInWords(given: string): boolean {
  const text = given.trim().toLowerCase().replace(ZONE_IN_WORDS, '');
  if (DAY_IN_A_WORD.test(text)) return true;
  const isAgo = text.endsWith(' ago');
  if (!(isAgo || /\d/.test(text)) || !MARKS_AROUND.test(text)) return false;
  if (SHORT_UNITS.test(text)) return true;
  const words = text.match(/\p{L}+/gu) ?? [];
  return words.every((word) => WORDS.has(word) || (isAgo && BEFORE_AGO.has(word)));
}

/** Whether a field's value is a number, an amount of money, a time or a span of time, as exports write them. */
export function isFigure(value: unknown): boolean {
  if (typeof value === 'number') return true;
  if (typeof value !== 'string' || value.length > LONGEST) return false;
  return NUMBER.test(value) || TIME.test(value) || isoTime(value) !== undefined || isInWords(value);
}
