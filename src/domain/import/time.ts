const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/i;
/** Epoch seconds or milliseconds as text. With fewer digits a number may be a day, such as 20260131. */
const EPOCH = /^(?:\d{10}(?:\.\d{1,9})?|\d{13})$/;
const YEAR_0 = -62_167_219_200_000;
const YEAR_10000 = 253_402_300_800_000;

/**
 * A number below this is seconds since 1970, not milliseconds: as milliseconds it would be before March 1973, as seconds
 * this is the year 5138.
 */
const SECONDS_BELOW = 100_000_000_000;

/**
 * A time in ISO 8601 UTC, from ISO 8601 text, epoch seconds or milliseconds as a number or text; undefined where the
 * value is neither, or no such day or hour exists. Text without a zone is taken as UTC, so that a file means the same on every machine.
 */
export function isoTime(value: unknown): string | undefined {
  if (typeof value === 'string' && EPOCH.test(value.trim())) return isoTime(Number(value));
  if (typeof value === 'number') return fromMilliseconds(Math.abs(value) < SECONDS_BELOW ? value * 1_000 : value);
  const parts = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const clock = [hour ?? 0, minute ?? 0, second ?? 0] as const;
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(clock[0], clock[1], clock[2], Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3)));
  const offset = offsetMinutes(parts[8], parts[9], parts[10]);
  return offset === undefined ? undefined : fromMilliseconds(date.getTime() - offset * 60_000);
}

function offsetMinutes(sign: string | undefined, hours = '0', minutes = '0'): number | undefined {
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function fromMilliseconds(time: number): string | undefined {
  if (!(time >= YEAR_0 && time < YEAR_10000)) return undefined;
  return new Date(time).toISOString();
}
