const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const MINUTE_MS = 60_000;
/** Clocks change at quarters of an hour, as UTC counts them: between two of them a zone's time runs straight on. */
const QUARTER_MS = 15 * MINUTE_MS;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const RANGE =
  /^(?<days>[a-z][a-z\s,-]*?)\s+(?<from>\d{1,2}:\d{2})\s*-\s*(?<until>\d{1,2}:\d{2})(?:\s+(?<zone>[A-Za-z]\S*))?$/i;
const HOW = 'write for example "Mon-Fri 09:00-17:00 Europe/Berlin", more ranges after a semicolon';

/** What a clock on the wall of a zone shows: the date as YYYY-MM-DD, and the minutes since Monday 00:00. */
export type Wall = { day: string; minute: number };
export type WallClock = { zone: string; at: (moment: Date) => Wall };

/** A part of each week, from `start`, in minutes since Monday 00:00; it may go on into the next week. */
type Span = { start: number; minutes: number };
export type SendHours = { clock: WallClock; spans: readonly Span[] };

/** The clock of a time zone. Throws a RangeError where there is no such zone. */
export function wallClock(zone: string): WallClock {
  const numbers = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', weekday: 'long' },
    ...numbers,
  } as const);
  let known: { minute: number; wall: Wall } | undefined;
  const read = (moment: Date): Wall => {
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const weekday = DAYS.indexOf(parts.weekday?.toLowerCase() ?? '');
    const minute = weekday * DAY_MINUTES + Number(parts.hour) * 60 + Number(parts.minute);
    return { day: `${parts.year}-${parts.month}-${parts.day}`, minute };
  };
  return {
    zone,
    at(moment) {
      const minute = Math.floor(moment.getTime() / MINUTE_MS);
      if (known?.minute !== minute) known = { minute, wall: read(moment) };
      return known.wall;
    },
  };
}

function clockOf(zone: string): WallClock | undefined {
  try {
    return wallClock(zone);
  } catch {
    return undefined;
  }
}

function dayNumber(word: string): number {
  const text = word.trim().toLowerCase();
  return DAYS.findIndex((day) => text.length >= 3 && day.startsWith(text));
}

/** The numbers of the days that a text such as "Mon-Wed, Sat" names; undefined where it names no days. */
function daysIn(text: string): number[] | undefined {
  const found = text.split(',').map((part) => {
    const [first = -1, last = first, ...more] = part.split('-').map(dayNumber);
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    const count = ((last - first + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => (first + index) % 7);
  });
  return found.some((days) => days === undefined) ? undefined : found.flatMap((days) => days ?? []);
}

/** The minutes of a time of day, "24:00" the end of it; undefined where it is none. */
function minutesOf(time: string): number | undefined {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const all = hours * 60 + minutes;
  return minutes < 60 && all <= DAY_MINUTES ? all : undefined;
}

type Range = { spans: Span[]; zone: string | undefined };

function rangeIn(text: string): Range | { problem: string } {
  const { days = '', from = '', until = '', zone } = RANGE.exec(text)?.groups ?? {};
  if (days === '') return { problem: `"${text}" isn't days, times and a time zone: ${HOW}` };
  const numbers = daysIn(days);
  if (!numbers) return { problem: `"${days}" isn't days of the week: write them as Mon-Fri or Mon,Wed,Sat` };
  const [start, end] = [minutesOf(from), minutesOf(until)];
  if (start === undefined || end === undefined || start === DAY_MINUTES)
    return { problem: `${from}-${until} isn't a part of a day: times go from 00:00 to 24:00` };
  if (start === end) return { problem: `${from}-${until} is no time at all: 00:00-24:00 is the whole day` };
  // An end before the beginning is on the next day.
  const minutes = end > start ? end - start : end + DAY_MINUTES - start;
  return { spans: numbers.map((day) => ({ start: day * DAY_MINUTES + start, minutes })), zone };
}

/**
 * Reads hours such as "Mon-Fri 09:00-17:00 Europe/Berlin": ranges separated by semicolons, one time zone for all of them,
 * by its IANA name. A range whose end is before its beginning ends on the next day. `problem` says what is wrong.
 */
export function sendHoursOf(text: string): SendHours | { problem: string } {
  const ranges = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(rangeIn);
  const wrong = ranges.find((range) => 'problem' in range);
  if (wrong) return { problem: wrong.problem };
  const good = ranges.flatMap((range) => ('problem' in range ? [] : [range]));
  if (good.length === 0) return { problem: `there are no hours: ${HOW}` };
  const [zone, ...others] = new Set(good.flatMap((range) => range.zone ?? []));
  if (zone === undefined) return { problem: `it names no time zone: ${HOW}` };
  if (others.length > 0) return { problem: `it names ${others.length + 1} time zones: give one for all of it` };
  const clock = clockOf(zone);
  if (!clock) return { problem: `"${zone}" isn't a time zone: use a name such as Europe/Berlin` };
  return { clock, spans: good.flatMap(({ spans }) => spans) };
}

/** The minutes from one minute of the week to the next time that it is another one. */
function ahead(from: number, to: number): number {
  return (to - from + WEEK_MINUTES) % WEEK_MINUTES;
}

/** What is looked for on a clock: whether it is so now, and in how many minutes it will be, if no clock changes. */
type Wanted = { holds: (wall: Wall) => boolean; minutesTo: (wall: Wall) => number };

/** The first moment, from one on, at which what is wanted holds, over changes of the clock too. */
function firstMoment({ at }: WallClock, from: Date, { holds, minutesTo }: Wanted): Date {
  const minute = (moment: Date) => Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS;
  const wall = at(from);
  if (holds(wall)) return from;
  const minutes = minutesTo(wall);
  const straight = new Date(minute(from) + minutes * MINUTE_MS);
  if (ahead(wall.minute, at(straight).minute) === minutes % WEEK_MINUTES) return straight;
  // The clock changes in between: it is looked at again at each moment at which it can.
  for (let moment = from; ; ) {
    const quarter = (Math.floor(moment.getTime() / QUARTER_MS) + 1) * QUARTER_MS;
    moment = new Date(Math.min(quarter, minute(moment) + minutesTo(at(moment)) * MINUTE_MS));
    if (holds(at(moment))) return moment;
  }
}

/** The first moment within the hours, from one on. What the clock skips in spring is no moment; what comes twice is two. */
export function firstWithin({ clock, spans }: SendHours, from: Date): Date {
  return firstMoment(clock, from, {
    holds: ({ minute }) => spans.some(({ start, minutes }) => ahead(start, minute) < minutes),
    minutesTo: ({ minute }) => Math.min(...spans.map(({ start }) => ahead(minute, start))),
  });
}

/** The first moment of the calendar day after the one that a moment is in. */
export function nextDay(clock: WallClock, from: Date): Date {
  const today = clock.at(from).day;
  return firstMoment(clock, from, {
    holds: ({ day }) => day > today,
    minutesTo: ({ minute }) => DAY_MINUTES - (minute % DAY_MINUTES),
  });
}

/** A moment in words, as the sender's clock shows it: "Monday 09:00 Europe/Berlin", with the date where it is further off. */
export function momentInWords(
  { zone }: WallClock,
  moment: Date,
  { now, seconds = false }: { now: Date; seconds?: boolean },
): string {
  const isFar = moment.getTime() - now.getTime() > 6 * DAY_MINUTES * MINUTE_MS;
  const date = isFar ? ({ day: 'numeric', month: 'long' } as const) : {};
  const time = { hour: '2-digit', minute: '2-digit', ...(seconds ? ({ second: '2-digit' } as const) : {}) } as const;
  const words = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options }).format(moment);
  return `${words({ weekday: 'long', ...date })} ${words(time)} ${zone}`;
}
