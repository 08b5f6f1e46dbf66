import { Cron } from 'croner';

/** The ticks of a schedule: the moments at which it starts a run. */
export type Timetable = {
  /** The first tick after a moment; undefined where there is none. */
  next: (after: Date) => Date | undefined;
  /** The newest tick at or before a moment; undefined where there is none. */
  last: (at: Date) => Date | undefined;
};

const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];
const HOW = `Give five fields (minute, hour, day of month, month, day of week), such as "0 9 * * 1-5" for weekdays at 9:00, or one of ${NICKNAMES.join(', ')}`;

/**
 * Reads a cron expression; throws an Error that says why where it isn't one. A fixed time that the clock skips in
 * spring ticks right after the jump. A fixed time that comes twice in autumn ticks the first time only. Expressions
 * with wildcards or steps follow real time, so that "every hour" stays every hour.
 */
export function timetableOf(cron: string, timezone: string): Timetable {
  const pattern = cron.trim();
  const fields = pattern.split(/\s+/).length;
  if (pattern.startsWith('@')) {
    if (!NICKNAMES.includes(pattern.toLowerCase())) throw new RangeError('there is no such nickname');
  } else if (fields !== 5) throw new RangeError(`it has ${fields} field${fields === 1 ? '' : 's'}`);
  const job = new Cron(pattern, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  return {
    next: (after) => job.nextRun(after) ?? undefined,
    // croner looks for ticks strictly before the given moment: 1 ms more lets a tick at `at` itself count.
    last: (at) => job.previousRuns(1, new Date(at.getTime() + 1))[0],
  };
}

/** What is wrong with a cron expression, and what to write instead; undefined where nothing is wrong. */
export function cronProblem(cron: string, now: Date, timezone = 'UTC'): string | undefined {
  try {
    if (timetableOf(cron, timezone).next(now)) return undefined;
    return `"${cron}" never comes: its month has no such day. Change the day of month, or the month`;
  } catch (error) {
    const why =
      error instanceof Error
        ? error.message.replace(/^Cron\w+: /, '').replace(/\.? Original error.*$|\.$/s, '')
        : String(error);
    return `"${cron}" isn't a schedule: ${why}. ${HOW}`;
  }
}
