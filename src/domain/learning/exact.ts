/** The logarithms of 0! to n!, so that no factorial overflows. */
function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  for (let at = 1; at <= n; at++) logs[at] = (logs[at - 1] ?? 0) + Math.log(at);
  return logs;
}

/** How likely at most `k` of `n` cases are so, where each is with the chance `p` between 0 and 1. */
export function binomialUpTo(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  const logs = logFactorials(n);
  const [hit, miss] = [Math.log(p), Math.log1p(-p)];
  let sum = 0;
  for (let at = 0; at <= k; at++)
    sum += Math.exp((logs[n] ?? 0) - (logs[at] ?? 0) - (logs[n - at] ?? 0) + at * hit + (n - at) * miss);
  return Math.min(1, sum);
}

/**
 * McNemar's exact test on pairs that differ: how likely a split as uneven as `b` to `c`, or more so, is where either is as
 * likely as the other. 1 where no pair differs.
 */
export function mcNemar(b: number, c: number): number {
  const n = b + c;
  return n === 0 ? 1 : Math.min(1, 2 * binomialUpTo(Math.min(b, c), n, 0.5));
}

/** Below so many pairs that differ, no split can say anything by the exact test. */
const FEWEST_PAIRS = 6;
const SURE = 0.05;

/** What a test of two versions on the same cases says: `b` speaks for the new one, `c` against it. */
export type PairedTest = { b: number; c: number; p: number };
export type PairedVerdict = 'better' | 'worse' | "can't tell" | 'too few';

export function pairedVerdict({ b, c, p }: PairedTest): PairedVerdict {
  if (b + c < FEWEST_PAIRS) return 'too few';
  if (p >= SURE) return "can't tell";
  return b > c ? 'better' : 'worse';
}
