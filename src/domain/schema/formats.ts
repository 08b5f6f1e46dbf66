import { isIP } from 'node:net';
import type { SchemaWork } from './schema-work.ts';

/** Longer texts are none of these formats, so that a look at one takes little time. */
const LONGEST = 10_000;
const LONGEST_NAME = 320;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'i');
const MAILBOX = new RegExp(
  `^[a-z0-9!#$%&'*+/=?^_\`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_\`{|}~-]+)*@${LABEL}(?:\\.${LABEL})*$`,
  'i',
);
const URI_REST = "(?:[a-z0-9._~:/?#[\\]@!$&'()*+,;=-]|%[0-9a-f]{2})*";
const URI = new RegExp(`^[a-z][a-z0-9+.-]*:${URI_REST}$`, 'i');
const URI_REFERENCE = new RegExp(`^${URI_REST}$`, 'i');
const DURATION = /^P(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/;
const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const RELATIVE_POINTER = /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/;
const BASE64 = /^[a-z0-9+/]*={0,2}$/i;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0));
}

function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (!found) return false;
  const [hour = 0, minute = 0, second = 0, , zoneHour = 0, zoneMinute = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || zoneHour > 23 || zoneMinute > 59) return false;
  if (second < 60) return true;
  // A leap second comes at the end of a day in UTC.
  const ahead = (found[4] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  return second === 60 && (hour * 60 + minute - ahead + 2_880) % 1_440 === 1_439;
}

function isDateTime(text: string): boolean {
  return /^.{10}[t ]/i.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const isName = (pattern: RegExp) => (text: string) => text.length <= LONGEST_NAME && pattern.test(text);
const isHost = (text: string) => text.length <= 253 && HOSTNAME.test(text);

const OF_TEXTS = new Map<string, (text: string) => boolean>([
  ['date', isDate],
  ['time', isTime],
  ['date-time', isDateTime],
  ['duration', (text) => DURATION.test(text) && /\d[A-Z]$/.test(text)],
  ['email', isName(MAILBOX)],
  ['hostname', isHost],
  ['ipv4', (text) => isIP(text) === 4],
  ['ipv6', (text) => isIP(text) === 6 && !text.includes('%')],
  ['uri', (text) => URI.test(text)],
  ['url', (text) => URI.test(text)],
  ['uri-reference', (text) => URI_REFERENCE.test(text)],
  ['uuid', isName(UUID)],
  ['json-pointer', (text) => JSON_POINTER.test(text)],
  ['relative-json-pointer', (text) => RELATIVE_POINTER.test(text)],
  ['regex', isRegex],
  ['byte', (text) => text.length % 4 === 0 && BASE64.test(text)],
]);

const OF_NUMBERS = new Map<string, (value: number) => boolean>([
  ['int32', (value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31],
  ['int64', (value) => Number.isInteger(value)],
]);

/** A check of a `format`, for texts or for numbers; undefined for one that isn't known, which checks nothing. */
export function formatCheck(name: string): ((value: unknown, work: SchemaWork) => boolean) | undefined {
  const ofTexts = OF_TEXTS.get(name);
  const ofNumbers = OF_NUMBERS.get(name);
  if (!ofTexts && !ofNumbers) return undefined;
  return (value, work) => {
    if (typeof value === 'number') return ofNumbers?.(value) ?? true;
    if (typeof value !== 'string' || !ofTexts) return true;
    work.spend(Math.min(value.length, LONGEST) >> 2);
    return value.length <= LONGEST && ofTexts(value);
  };
}
