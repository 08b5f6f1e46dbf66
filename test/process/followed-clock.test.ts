import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createFollowedClock } from '../../src/process/followed-clock.ts';

const START = Date.parse('2026-03-02T09:30:00.000Z');
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

function aClock() {
  const { now, followClock } = createFollowedClock();
  return {
    time: () => now().getTime() - START,
    follow: (least: number, most: number) => followClock(START + least, START + most),
  };
}

it('goes as the machine’s clock until it is told of another one', () => {
  const { time } = aClock();
  vi.setSystemTime(START + HOUR);
  expect(time()).toBe(HOUR);
});

it('goes as the other clock once it is told, whatever becomes of the machine’s', () => {
  const { time, follow } = aClock();
  follow(-HOUR, 10 - HOUR);
  expect(time()).toBe(5 - HOUR);
  vi.setSystemTime(START + 24 * HOUR);
  vi.advanceTimersByTime(1_000);
  expect(time()).toBe(1_005 - HOUR);
});

it('is corrected only so far as it is known to be wrong, and stands still rather than going back', () => {
  const { time, follow } = aClock();
  follow(0, 100);
  follow(20, 60);
  expect(time()).toBe(50);
  follow(0, 30);
  expect(time()).toBe(50);
  vi.advanceTimersByTime(25);
  expect(time()).toBe(55);
  follow(70, 90);
  expect(time()).toBe(70);
});

it('follows a clock that was set back', () => {
  const { time, follow } = aClock();
  follow(0, 0);
  expect(time()).toBe(0);
  follow(-HOUR, -HOUR);
  expect(time()).toBe(-HOUR);
});
