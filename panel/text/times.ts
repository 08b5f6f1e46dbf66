const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time in full. Made once: to make a formatter takes longer than all else of a row takes to draw. */
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** How long ago something was, in a few letters: "5 min", "2 h", "3 d", then the date. */
export function age(at: string, now: number): string {
  const passed = now - Date.parse(at);
  if (Number.isNaN(passed)) return '';
  if (passed < MINUTE) return 'now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  if (passed < 14 * DAY) return `${Math.floor(passed / DAY)} d`;
  return exactly(at).replace(/,.*/, '');
}

/** The same in a sentence. */
export function ago(at: string, now: number): string {
  const short = age(at, now);
  if (short === 'now') return 'just now';
  return /^\d+ (min|h|d)$/.test(short) ? `${short} ago` : short;
}

/** A time in full: "30 Nov 2026, 09:42". */
export function exactly(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : FULL.format(time);
}

export function clock(at: string): string {
  return exactly(at).slice(-5);
}
