import { describe, expect, it } from 'vitest';
import { cronProblem, timetableOf } from '../../src/domain/agents/timetable.ts';

/** The first ticks of a schedule after a moment. */
function ticks(cron: string, timezone: string, after: string, count: number): string[] {
  const timetable = timetableOf(cron, timezone);
  const found: string[] = [];
  for (let at = timetable.next(new Date(after)); at && found.length < count; at = timetable.next(at))
    found.push(at.toISOString().replace(':00.000Z', 'Z'));
  return found;
}

describe('a timetable', () => {
  it('keeps to the wall clock of its time zone, summer and winter', () => {
    expect(ticks('0 9 * * 1', 'Europe/Amsterdam', '2026-03-20T00:00:00Z', 3)).toEqual([
      '2026-03-23T08:00Z',
      '2026-03-30T07:00Z',
      '2026-04-06T07:00Z',
    ]);
    expect(ticks('0 9 * * MON-FRI', 'Asia/Kolkata', '2026-03-20T00:00:00Z', 2)).toEqual([
      '2026-03-20T03:30Z',
      '2026-03-23T03:30Z',
    ]);
    expect(ticks('@daily', 'America/New_York', '2026-03-07T12:00:00Z', 3)).toEqual([
      '2026-03-08T05:00Z',
      '2026-03-09T04:00Z',
      '2026-03-10T04:00Z',
    ]);
  });

  it.each([
    ['30 2 * * *', 'Europe/Amsterdam', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['0,30 2 * * *', 'Europe/Amsterdam', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:30Z']],
  ])('fires %s in %s once, right after the clock has jumped over its time', (cron, timezone, after, expected) => {
    expect(ticks(cron, timezone, after, 2)).toEqual(expected);
  });

  it.each([
    ['30 2 * * *', 'Europe/Amsterdam', '2026-10-24T12:00:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
  ])('fires %s in %s once in the night that repeats its time', (cron, timezone, after, expected) => {
    expect(ticks(cron, timezone, after, 2)).toEqual(expected);
  });

  it('fires every hour and every quarter of an hour while the clock jumps', () => {
    const hourly = ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'];
    expect(ticks('0 * * * *', 'Europe/Amsterdam', '2026-10-24T23:30:00Z', 3)).toEqual(hourly);
    const quarters = ['2026-03-29T00:45Z', '2026-03-29T01:00Z', '2026-03-29T01:15Z'];
    expect(ticks('*/15 * * * *', 'Europe/Amsterdam', '2026-03-29T00:30:00Z', 3)).toEqual(quarters);
  });

  it('finds the same ticks backwards as forwards, over both jumps of the clock', () => {
    for (const cron of ['30 2 * * *', '0,30 1-3 * * *', '*/20 * * * *', '15 */2 * * 0', '0 9 L * *']) {
      for (const timezone of ['Europe/Amsterdam', 'America/New_York', 'Australia/Lord_Howe', 'UTC']) {
        const timetable = timetableOf(cron, timezone);
        for (const start of ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', '2026-10-20T00:00:00Z']) {
          let before = timetable.next(new Date(start));
          for (let i = 0; i < 60 && before; i++) {
            const next = timetable.next(before);
            expect(timetable.last(before), `${cron} ${timezone}`).toEqual(before);
            if (next) expect(timetable.last(new Date(next.getTime() - 1)), `${cron} ${timezone}`).toEqual(before);
            before = next;
          }
        }
      }
    }
  });
});

describe('a cron expression', () => {
  const now = new Date('2026-03-02T09:30:00Z');

  it.each([
    '0 9 * * 1',
    ' 0  9 * * MON-FRI ',
    '*/5 9-17 1,15 * *',
    '0 0 29 2 *',
    '@Hourly',
    '0 9 ? * 7',
    '0 9 * * 1#2',
  ])('may be "%s"', (cron) => expect(cronProblem(cron, now)).toBeUndefined());

  it.each([
    ['every monday', 'it has 2 fields'],
    ['0 0 9 * * 1', 'it has 6 fields'],
    ['2026-05-01T09:00:00', 'it has 1 field.'],
    ['60 * * * *', '60'],
    ['0 24 * * *', '24'],
    ['0 9 * * 8', '8'],
    ['H 9 * * *', 'H'],
    ['*/0 * * * *', '0'],
    ['@reboot', 'no such nickname'],
    ['   ', 'it has 1 field'],
  ])('"%s" is refused, with what to write instead', (cron, why) => {
    expect(cronProblem(cron, now)).toContain(why);
    expect(cronProblem(cron, now)).toContain('Give five fields');
  });

  it.each(['0 0 31 2 *', '0 0 30 2 *', '0 9 31 4,6,9,11 *'])('"%s" is refused: it never comes', (cron) => {
    expect(cronProblem(cron, now)).toContain('never comes');
  });
});
