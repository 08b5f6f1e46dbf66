import { describe, expect, it } from 'vitest';
import {
  firstWithin,
  momentInWords,
  nextDay,
  type SendHours,
  sendHoursOf,
  wallClock,
} from '../../../src/domain/mail/send-hours.ts';

function hours(text: string): SendHours {
  const read = sendHoursOf(text);
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

const first = (text: string, from: string) => firstWithin(hours(text), new Date(from)).toISOString();
const MINUTE = 60_000;

/** The first minute, from one on, whose wall clock shows what is wanted: slow, and without any calculation. */
function searched(zone: string, from: Date, holds: (weekday: string, time: string, day: string) => boolean): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const weekday = new Intl.DateTimeFormat('en', { timeZone: zone, weekday: 'short' });
  for (let at = from.getTime(); ; at += MINUTE) {
    const [day = '', time = ''] = format.format(at).split(' ');
    if (holds(weekday.format(at), time, day)) return new Date(at).toISOString();
  }
}

describe('the hours of a sender', () => {
  it.each([
    ['Mon-Fri 09:00-17:00 Europe/Berlin', '2026-03-02T09:30:00.000Z', '2026-03-02T09:30:00.000Z'],
    ['Mon-Fri 09:00-17:00 Europe/Berlin', '2026-03-02T07:30:10.000Z', '2026-03-02T08:00:00.000Z'],
    ['Mon-Fri 09:00-17:00 Europe/Berlin', '2026-03-02T16:00:00.000Z', '2026-03-03T08:00:00.000Z'],
    ['Mon-Fri 09:00-17:00 Europe/Berlin', '2026-03-06T16:00:00.000Z', '2026-03-09T08:00:00.000Z'],
    ['mon,WED-thu 9:00-17:00 europe/berlin', '2026-03-03T12:00:00.000Z', '2026-03-04T08:00:00.000Z'],
    ['Sat-Mon 10:00-11:00 UTC', '2026-03-06T12:00:00.000Z', '2026-03-07T10:00:00.000Z'],
    ['Mon-Fri 09:00-12:00; Mon-Thu 13:00-17:00 UTC', '2026-03-06T12:30:00.000Z', '2026-03-09T09:00:00.000Z'],
    ['Mon-Fri 09:00-12:00 UTC;Mon-Thu 13:00-17:00;', '2026-03-05T12:30:00.000Z', '2026-03-05T13:00:00.000Z'],
    ['Sun 22:00-06:00 America/New_York', '2026-03-02T10:59:00.000Z', '2026-03-02T10:59:00.000Z'],
    ['Sun 22:00-06:00 America/New_York', '2026-03-02T11:00:00.000Z', '2026-03-09T02:00:00.000Z'],
    ['Monday-Sunday 00:00-24:00 Asia/Kathmandu', '2026-03-02T18:14:59.000Z', '2026-03-02T18:14:59.000Z'],
    // In Berlin the hour from 2 to 3 is missing on 29 March 2026, and comes twice on 25 October.
    ['Sun 02:30-04:00 Europe/Berlin', '2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z'],
    ['Sun 02:15-02:45 Europe/Berlin', '2026-03-29T00:00:00.000Z', '2026-04-05T00:15:00.000Z'],
    ['Mon 09:00-17:00 Europe/Berlin', '2026-03-28T12:00:00.000Z', '2026-03-30T07:00:00.000Z'],
    ['Mon 09:00-17:00 Europe/Berlin', '2026-10-24T12:00:00.000Z', '2026-10-26T08:00:00.000Z'],
    ['Sun 02:30-03:00 Europe/Berlin', '2026-10-25T00:59:00.000Z', '2026-10-25T00:59:00.000Z'],
    ['Sun 02:30-03:00 Europe/Berlin', '2026-10-25T01:00:00.000Z', '2026-10-25T01:30:00.000Z'],
  ])('%s, from %s, are at %s', (text, from, at) => expect(first(text, from)).toBe(at));

  it.each([
    ['always', '"always" isn\'t days, times and a time zone'],
    ['', 'there are no hours'],
    ['Mon-Fri 09:00-17:00', 'names no time zone'],
    ['Mon-Fri 09:00-17:00 Mars/Olympus', '"Mars/Olympus" isn\'t a time zone'],
    ['Mon 09:00-10:00 UTC; Tue 09:00-10:00 Europe/Berlin', '2 time zones'],
    ['Mon-Fro 09:00-17:00 UTC', '"Mon-Fro" isn\'t days of the week'],
    ['Mon 09:00-24:30 UTC', "isn't a part of a day"],
    ['Mon 09:61-10:00 UTC', "isn't a part of a day"],
    ['Mon 09:00-09:00 UTC', 'no time at all'],
  ])('are refused as %j, with what is wrong', (text, problem) => {
    expect(sendHoursOf(text)).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  // Clocks of an hour, of half an hour, at midnight, and of none, around their changes in 2026.
  const ZONES = [
    ['Europe/Berlin', '2026-03-27T10:07:00Z', '2026-10-23T10:07:00Z'],
    ['America/New_York', '2026-03-06T23:52:00Z', '2026-10-30T23:52:00Z'],
    ['Australia/Lord_Howe', '2026-04-03T03:10:00Z', '2026-10-02T03:10:00Z'],
    ['Africa/Cairo', '2026-04-22T20:40:00Z', '2026-10-28T20:40:00Z'],
    ['Pacific/Chatham', '2026-04-03T05:33:00Z', '2026-09-25T05:33:00Z'],
    ['Asia/Kathmandu', '2026-03-27T10:07:00Z', '2026-10-23T10:07:00Z'],
  ] as const;
  const TIMES = [
    ['00:00', '00:30'],
    ['01:50', '02:10'],
    ['02:20', '02:40'],
    ['09:00', '17:00'],
  ] as const;

  it.each(ZONES)('in %s come when a clock on its wall shows them, also when it is changed', (zone, ...moments) => {
    for (const moment of moments) {
      const from = new Date(moment);
      for (const [start, end] of TIMES) {
        for (const day of ['Thu', 'Fri', 'Sat', 'Sun', 'Mon']) {
          const expected = searched(zone, from, (weekday, time) => weekday === day && time >= start && time < end);
          expect([day, start, first(`${day} ${start}-${end} ${zone}`, moment)]).toEqual([day, start, expected]);
        }
      }
    }
  });

  it.each(ZONES)('the next day in %s is there when its date is', (zone, ...moments) => {
    const clock = wallClock(zone);
    for (const moment of moments) {
      for (let at = new Date(moment), days = 0; days < 5; days++) {
        const today = clock.at(at).day;
        const next = nextDay(clock, at);
        expect(next.toISOString()).toBe(searched(zone, at, (_weekday, _time, day) => day > today));
        at = new Date(next.getTime() + 7 * 60 * MINUTE);
      }
    }
  });

  it('are told in words by the sender’s clock, with the date where a weekday isn’t enough', () => {
    const clock = wallClock('Europe/Berlin');
    const now = new Date('2026-03-06T20:00:00Z');
    expect(momentInWords(clock, new Date('2026-03-09T08:00:00Z'), { now })).toBe('Monday 09:00 Europe/Berlin');
    expect(momentInWords(clock, new Date('2026-03-06T20:00:20Z'), { now, seconds: true })).toBe(
      'Friday 21:00:20 Europe/Berlin',
    );
    expect(momentInWords(clock, new Date('2026-03-16T08:00:00Z'), { now })).toMatch(
      /^Monday,? 16 March 09:00 Europe\/Berlin$/,
    );
  });
});
