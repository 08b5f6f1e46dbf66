import { describe, expect, it } from 'vitest';
import { type JoinableRun, RunWatch } from '../../src/engine/runs/sharing.ts';

const RULES: JoinableRun = { run_id: 'r', done: 0, left: 10_000, isModel: false };

/** Looks once a second at a run of 10,000 contacts; gives the second at which it is joined, where it is. */
function joinedAt(doneAt: (second: number) => number, seconds = 60): number | undefined {
  const watch = new RunWatch();
  for (let second = 0; second < seconds; second++) {
    const done = Math.min(10_000, doneAt(second));
    if (done === 10_000) return undefined;
    if (watch.worthJoining([{ ...RULES, done, left: 10_000 - done }], 1_000 * second).length > 0) return second;
  }
  return undefined;
}

describe('a run of others', () => {
  it('by a model is joined at once, however near its end', () => {
    expect(new RunWatch().worthJoining([{ ...RULES, done: 9_999, left: 1, isModel: true }], 0)).toEqual(['r']);
  });

  it('by rules is left to them where it is soon done', () => {
    expect(joinedAt((second) => 2_500 * second)).toBeUndefined();
    expect(joinedAt((second) => 600 * second)).toBeUndefined();
  });

  it('by rules is joined where it has far to go at its pace, also where that falls later', () => {
    expect(joinedAt((second) => 50 * (second + 1))).toBe(3);
    expect(joinedAt((second) => (second < 8 ? 1_000 * second : 7_000 + 10 * second))).toBe(10);
  });

  it('by rules shows its pace from its first results on', () => {
    expect(joinedAt((second) => Math.max(0, 2_000 * (second - 2)))).toBeUndefined();
  });

  it('by rules is joined where it shows no pace, as those who evaluate it hang', () => {
    expect(joinedAt(() => 0)).toBe(3);
    expect(joinedAt((second) => Math.min(9_900, 3_300 * (second + 1)))).toBe(6);
  });
});

describe('a queued run', () => {
  it('is left to whoever made it, for a while, and again where another one kept it waiting', () => {
    const watch = new RunWatch();
    expect(watch.leftWaiting(['r'], 0)).toEqual([]);
    expect(watch.leftWaiting(['r', 's'], 1_500)).toEqual([]);
    expect(watch.leftWaiting(['r', 's'], 2_000)).toEqual(['r']);
    expect(watch.leftWaiting([], 2_500)).toEqual([]);
    expect(watch.leftWaiting(['r'], 3_000)).toEqual([]);
  });
});
