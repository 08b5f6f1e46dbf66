const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

/** A time in full: "30 Nov 2026, 09:42". Without a formatter of Intl: the first one of a page takes longer than all else of its first paint. */
export function exactly(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const [, month, day, year] = time.toDateString().split(' ');
  const [hour, minute] = [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0'));
  return `${Number(day)} ${month} ${year}, ${hour}:${minute}`;
}

export function clock(at: string): string {
  return exactly(at).slice(-5);
}
