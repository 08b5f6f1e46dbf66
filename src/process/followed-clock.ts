import type { Deps } from '../domain/base/deps.ts';

/** A step back that is shorter, in ms, is waited out: the clock stands still. A longer one is a clock that was set, and is followed. */
const STILL_MS = 5_000;

/**
 * A clock that goes as the machine's does until it is told of another one, and from then on as that one, whatever becomes of the
 * machine's. It is corrected only where it is known to be wrong, and only so far.
 */
export function createFollowedClock(): Required<Pick<Deps, 'now' | 'followClock'>> {
  /** What the other clock showed when this process began, in ms since 1970: those that went by since are added. */
  let base: number | undefined;
  let shown = Number.NEGATIVE_INFINITY;
  return {
    now() {
      if (base === undefined) return new Date();
      const time = Math.floor(base + performance.now());
      if (time > shown || shown - time > STILL_MS) shown = time;
      return new Date(shown);
    },
    followClock(least, most) {
      const passed = performance.now();
      const known = base ?? (least + most) / 2 - passed;
      base = Math.min(Math.max(known, least - passed), most - passed);
    },
  };
}
