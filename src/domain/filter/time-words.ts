const UNIT =
  '(?:ms|s|sec|secs|m|min|mins|h|hr|hrs|d|w|mo|mon|q|y|yr|yrs|(?:second|minute|hour|day|week|month|quarter|year)s?)';
const WORD = '(?:now|today|yesterday|tomorrow|midnight|(?:last|this|next|past)[ _-]?(?:day|week|month|quarter|year)s?)';
const SPAN = `[+-]?\\s*\\d{1,6}(?:\\.\\d+)?\\s*${UNIT}(?:\\s+(?:ago|from now))?`;
/** Times that are said from now, as other tools take them: `-30d`, `now-7d`, `30 days ago`, `last week`, `P30D`. */
const RELATIVE = new RegExp(
  `^\\s*(?:\\$?${WORD}(?:\\(\\))?(?:\\s*[+-]\\s*\\d{1,6}\\s*${UNIT})?(?:/[a-z])?|${SPAN}|[+-]?P(?:\\d+[YMWD]|T\\d+[HMS])+)\\s*$`,
  'i',
);
const ISO = /^\d{4}-\d\d-\d\d(?:$|[T ])/;
/** A date, or the beginning of one, that compares well with dates as contacts and events have them. */
const COMPARABLE = /^\d{4}(?:-\d\d(?:-\d\d(?:[T ][\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?)?)?$/;

/** Whether a text says a time from now on. A filter knows no such times. */
export function isRelativeTime(text: string): boolean {
  return text.length <= 40 && RELATIVE.test(text);
}

/** Whether a text is a date or a time, written with the year first. */
export function isDated(text: string): boolean {
  return ISO.test(text);
}

/** Whether a text compares with dates as later and earlier: letter by letter, as all texts do. */
export function comparesWithDates(text: string): boolean {
  return COMPARABLE.test(text);
}
