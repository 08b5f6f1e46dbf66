import { isoTime } from '../import/time.ts';
import { AGO_WORDS, FIGURE_WORDS, FILLER_WORDS, folded } from './figure-words.ts';

/** Longer texts are no figures, and a pattern could take long over them. */
const LONGEST = 80;

const NUMBER = /^[+-]?[\d.,' ]*\d[\d.,' ]*%?$/;
/** Times as exports write them beside ISO 8601: `3/14/26 09:30`, `14.03.2026`, `Mar 14, 2026`, `14 March 2026`. */
const TIME =
  /^(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\p{L}{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? \p{L}{3,9}\.? \d{4})([ T,]+\d{1,2}:\d{2}(:\d{2})?( ?[ap]\.?m\.?)?( ?\p{Lu}{1,4}|[+-]\d{2}:?\d{2})?)?$/iu;
/** `5m 20s`, `24h`, `1.2k`, `9h30`. */
const SHORT_UNITS = /^(\d+([.,]\d+)? ?(s|sec|m|min|h|hrs?|d|j|t|tg|w|k) ?)+\.?(\d{2})?$/;
/** What JavaScript puts behind a time. */
const ZONE_IN_WORDS = /(?<=gmt[+-]\d{4}) \([\p{L} ]+\)$/u;
const DAY_IN_A_WORD = new Set(
  'today yesterday tomorrow heute gestern vorgestern hier ayer hoy oggi ieri hoje ontem vandaag gisteren idag igar dzisiaj dzis wczoraj dnes vcera bugun dun сегодня вчера 今日 昨日 今天 昨天 오늘 어제'.split(
    ' ',
  ),
);
const MARKS_AROUND = /^[\p{L}\d\s.,:/+()%'’\p{Sc}-]+$/u;

/**
 * Whether a text is a time, a span of time or an amount, in words of its language: `Sun, 01 Mar 2026 10:00 GMT`,
 * `March 1st, 2026 at 9:30 AM`, `2 days ago`, `vor 3 Tagen`, `il y a un jour`, `3日前`, `1,200 USD`. Every word has to be one
 * that such texts hold, and one of them has to tell what the digits are; without digits it has to say "ago".
 */
function isInWords(given: string): boolean {
  const text = folded(given.trim()).replace(ZONE_IN_WORDS, '');
  if (DAY_IN_A_WORD.has(text)) return true;
  if (!MARKS_AROUND.test(text)) return false;
  const hasDigits = /\d/.test(text);
  if (hasDigits && SHORT_UNITS.test(text)) return true;
  const words = text.match(/\p{L}+/gu) ?? [];
  const isKnown = (word: string) => FIGURE_WORDS.has(word) || AGO_WORDS.has(word) || FILLER_WORDS.has(word);
  if (!words.every(isKnown)) return false;
  const tells = words.length === 0 || words.some((word) => FIGURE_WORDS.has(word));
  return tells && (hasDigits || words.some((word) => AGO_WORDS.has(word)));
}

/** Whether a field's value is a number, an amount of money, a time or a span of time, as exports write them. */
export function isFigure(value: unknown): boolean {
  if (typeof value === 'number') return true;
  if (typeof value !== 'string' || value.length > LONGEST) return false;
  return NUMBER.test(value) || TIME.test(value) || isoTime(value) !== undefined || isInWords(value);
}
