import { Cron } from 'croner';

/** When a schedule ticks. */
export type Timetable = {
  /** The first tick after a moment. */
  next: (after: Date) => Date | undefined;
  /** The newest tick that isn't after a moment. */
  last: (at: Date) => Date | undefined;
};

const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];
const HOW = `Give five fields, minute, hour, day of month, month and day of week, such as "0 9 * * 1-5" for weekdays at 9:00, or one of ${NICKNAMES.join(', ')}`;

/**
 * Reads a cron expression; throws where it isn't one. A fixed time that the clock skips in spring is when it has
 * jumped, one that it repeats in autumn the first of the two; what goes by wildcards or steps follows real time.
 */
export function timetableOf(cron: string, timezone: string): Timetable {
  const pattern = cron.trim();
  const fields = pattern.split(/\s+/).length;
  if (pattern.startsWith('@')) {
    if (!NICKNAMES.includes(pattern.toLowerCase())) throw new RangeError('no such nickname');
  } else if (fields !== 5) throw new RangeError(`it has ${fields} field${fields === 1 ? '' : 's'}`);
  const job = new Cron(pattern, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  return {
    next: (after) => job.nextRun(after) ?? undefined,
    // The library looks strictly before its reference.
    last: (at) => job.previousRuns(1, new Date(at.getTime() + 1))[0],
  };
}

/** What is wrong with a cron expression, and what to do. */
export function cronProblem(cron: string, now: Date, timezone = 'UTC'): string | undefined {
  try {
    if (timetableOf(cron, timezone).next(now)) return undefined;
    return `"${cron}" never comes: its month has no such day. Change day of month or month`;
  } catch (error) {
    const why =
      error instanceof Error
        ? error.message.replace(/^Cron\w+: /, '').replace(/\.? Original error.*$|\.$/s, '')
        : String(error);
    return `"${cron}" isn't a schedule: ${why}. ${HOW}`;
  }
}
