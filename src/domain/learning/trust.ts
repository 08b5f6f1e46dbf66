import { binomialUpTo } from './exact.ts';

/** Trust is earned where one can be so sure that at least so many would be approved. */
const SURE = 0.95;
const AT_LEAST = 0.95;
/** With more misses than this, nobody is told how many more decisions it takes: the playbook is to be changed instead. */
const MOST_MISSES = 1_000;

/**
 * How sure `n` decisions with `misses` are that at least 95 % of all would be approved: the chance of that under a
 * Beta(1 + n - misses, 1 + misses), which is what is known of a share after them where nothing was known before (Beta(1, 1)).
 * For whole numbers it is a sum of binomial terms.
 */
export function trustIn(n: number, misses: number): number {
  return 1 - binomialUpTo(misses, n + 1, 1 - AT_LEAST);
}

/** Whether so many decisions with so many misses earn an agent that it acts unasked. */
export function isEarned(n: number, misses: number): boolean {
  return n >= misses && trustIn(n, misses) >= SURE;
}

/** How many decisions it takes in all with so many misses: 58, 92, 123, 152, 180. */
export function decisionsFor(misses: number): number {
  let [low, high] = [misses, 64];
  while (!isEarned(high, misses)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEarned(middle, misses)) high = middle;
    else low = middle;
  }
  return high;
}

/** How many more decisions without a further miss it takes; 0 where trust is earned. */
export function neededMore(n: number, misses: number): number {
  return Math.max(0, decisionsFor(Math.min(misses, MOST_MISSES)) - n);
}
