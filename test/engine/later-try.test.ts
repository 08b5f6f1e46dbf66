import { describe, expect, it } from 'vitest';
import { isTooEarly, putOff } from '../../src/engine/execution/later-try.ts';
import { NOW } from '../support/fixtures.ts';

const BASE = Date.parse(NOW);
const minutes = (count: number) => new Date(BASE + count * 60_000).toISOString();
const ERROR = { code: 'PROVIDER_ERROR', message: '451 greylisted.' };

describe('an action that was put off', () => {
  it('waits longer each time, for some hours in all, and has then failed', () => {
    const after = [0, 1, 2, 3, 4, 5, 6].map((tries) => putOff({ status: 'executing', tries }, ERROR, NOW));
    expect(after.map(({ set }) => set.waits?.until)).toEqual([...[5, 15, 30, 60, 120, 240].map(minutes), undefined]);
    expect(after.map(({ set }) => set.tries)).toEqual([1, 2, 3, 4, 5, 6, undefined]);
    const told = '451 greylisted. It was tried again after minutes, 6 times.';
    expect(after.at(-1)).toMatchObject({ to: 'failed', set: { error: { ...ERROR, message: told } } });
  });

  it('waits at the latest until its decision expires', () => {
    const until = (expires_at: string) => putOff({ status: 'executing', expires_at }, ERROR, NOW).set.waits;
    expect(until(minutes(3))).toEqual({ until: minutes(3), why: ERROR.message });
    expect(until(minutes(9))).toEqual({ until: minutes(5), why: ERROR.message });
  });

  it('doesn’t wait where a person was shown it as unknown meanwhile: it has failed', () => {
    expect(putOff({ status: 'unknown' }, ERROR, NOW)).toMatchObject({ to: 'failed', set: { error: ERROR } });
  });

  it('is left alone before its time, and no later', () => {
    expect([minutes(1), NOW, undefined].map((until) => isTooEarly(until, NOW))).toEqual([true, false, false]);
  });
});
