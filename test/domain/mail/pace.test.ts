import { describe, expect, it } from 'vitest';
import {
  dayOf,
  loosenedPace,
  nextSlot,
  paceOf,
  type Sent,
  slotInWords,
  withOneMore,
} from '../../../src/domain/mail/pace.ts';

const NOW = new Date('2026-03-06T09:00:00.000Z');
const BERLIN = 'Mon-Fri 09:00-17:00 Europe/Berlin';

/** When the next emails of an identity go, one after the other, and why the last of them doesn't go at once. */
function slots(identity: Parameters<typeof paceOf>[0], count: number, sent?: Sent, now = NOW) {
  const pace = paceOf(identity);
  const all = Array.from({ length: count }, (_, others) => nextSlot(pace, { sent, others, now }));
  const last = all.at(-1);
  return { at: all.map(({ at }) => at.toISOString()), why: last && slotInWords(pace, last, now) };
}

describe('the pace of a sender', () => {
  it('is 20 seconds and 200 a day where it says nothing else', () => {
    expect(slots({}, 3)).toEqual({
      at: ['2026-03-06T09:00:00.000Z', '2026-03-06T09:00:20.000Z', '2026-03-06T09:00:40.000Z'],
      why: 'It waits for its turn, because the sender leaves 20 seconds between two emails: Friday 09:00:40 UTC.',
    });
    const { at, why } = slots({ gap_seconds: 0 }, 201);
    expect(at[199]).toBe(NOW.toISOString());
    expect(at[200]).toBe('2026-03-07T00:00:00.000Z');
    expect(why).toBe('It waits because the sender sends at most 200 emails a day: Saturday 00:00 UTC.');
  });

  it('is no wait at all without a gap, hours or a day that is full', () => {
    const { at, why } = slots({ gap_seconds: 0 }, 40);
    expect(new Set(at)).toEqual(new Set([NOW.toISOString()]));
    expect(why).toBeUndefined();
  });

  it('counts what was sent: the pause after the last one, and the day by the sender’s own clock', () => {
    const late = new Date('2026-03-06T15:59:50.000Z');
    const sent = { last: '2026-03-06T15:59:45.000Z', day: '2026-03-06', count: 2 };
    expect(slots({ send_hours: BERLIN }, 1, sent, late)).toEqual({
      at: ['2026-03-09T08:00:00.000Z'],
      why: "It waits for the sender's hours: Monday 09:00 Europe/Berlin.",
    });
    // 23:30 UTC is the next day in Tokyo.
    const tokyo = { send_hours: 'Mon-Sun 00:00-24:00 Asia/Tokyo', max_per_day: 1, gap_seconds: 0 };
    const evening = new Date('2026-03-06T23:30:00.000Z');
    expect(dayOf(paceOf(tokyo), evening)).toBe('2026-03-07');
    expect(slots(tokyo, 1, { last: '2026-03-06T14:00:00.000Z', day: '2026-03-06', count: 1 }, evening).at).toEqual([
      evening.toISOString(),
    ]);
    expect(slots(tokyo, 1, { last: '2026-03-06T23:00:00.000Z', day: '2026-03-07', count: 1 }, evening).at).toEqual([
      '2026-03-07T15:00:00.000Z',
    ]);
  });

  it('spreads many over hours and days, each at most its own', () => {
    const { at } = slots({ send_hours: BERLIN, max_per_day: 2, gap_seconds: 60 }, 5, undefined, NOW);
    expect(at).toEqual([
      '2026-03-06T09:00:00.000Z',
      '2026-03-06T09:01:00.000Z',
      '2026-03-09T08:00:00.000Z',
      '2026-03-09T08:01:00.000Z',
      '2026-03-10T08:00:00.000Z',
    ]);
  });

  it('has a full day of 23 or 25 hours where the clock changes', () => {
    const full = (day: string) => ({ last: `${day}T12:00:00.000Z`, day, count: 1 });
    const all = { send_hours: 'Mon-Sun 00:00-24:00 Europe/Berlin', max_per_day: 1, gap_seconds: 0 };
    const next = (day: string) => slots(all, 1, full(day), new Date(`${day}T12:00:00.000Z`)).at[0];
    expect(next('2026-03-28')).toBe('2026-03-28T23:00:00.000Z');
    expect(next('2026-03-29')).toBe('2026-03-29T22:00:00.000Z');
    expect(next('2026-10-25')).toBe('2026-10-25T23:00:00.000Z');
  });

  it('isn’t held up by an email of a clock that was ahead', () => {
    const sent = { last: '2027-01-01T00:00:00.000Z', day: '2027-01-01', count: 9 };
    expect(slots({}, 1, sent).at).toEqual(['2026-03-06T09:00:20.000Z']);
  });

  it('counts a day from one again when it is another', () => {
    const one = withOneMore(undefined, { at: 'a', day: '2026-03-06' });
    const two = withOneMore(one, { at: 'b', day: '2026-03-06' });
    expect([two, withOneMore(two, { at: 'c', day: '2026-03-07' })]).toEqual([
      { last: 'b', day: '2026-03-06', count: 2 },
      { last: 'c', day: '2026-03-07', count: 1 },
    ]);
  });
});

describe('another pace', () => {
  it.each([
    [{}, { max_per_day: 201 }, ['max_per_day']],
    [{ max_per_day: 10 }, {}, ['max_per_day']],
    [{}, { gap_seconds: 0 }, ['gap_seconds']],
    [{ gap_seconds: 60 }, {}, ['gap_seconds']],
    [{ send_hours: BERLIN }, {}, ['send_hours']],
    [{ send_hours: BERLIN }, { send_hours: 'Mon-Sun 00:00-24:00 UTC' }, ['send_hours']],
    [{}, { send_hours: BERLIN, max_per_day: 1, gap_seconds: 60 }, []],
    [{ max_per_day: 200, gap_seconds: 20, send_hours: BERLIN }, { send_hours: BERLIN }, []],
    [{ gap_seconds: 60 }, { gap_seconds: 30, max_per_day: 300 }, ['max_per_day', 'gap_seconds']],
  ])('than %j is a faster one as %j by %j', (before, after, fields) => {
    expect(loosenedPace(before, after)).toEqual(fields);
  });
});
