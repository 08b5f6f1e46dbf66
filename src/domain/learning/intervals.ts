/** The z of 95 %: of a hundred such intervals some 95 hold the true share. */
const Z_95 = 1.959964;
/**
 * The z by which two shares are told apart that somebody looks at after every decision. One such look at 95 % is wrong in
 * 5 % of cases, but many of them, one after the other, in some 22 %; by this z they are in some 3 %.
 */
export const Z_REPEATED = 2.807;

/** How many of `n` cases were so. */
export type Share = { k: number; n: number };
/** A share of 0 to 1 with its number of cases and its interval; all null where there is no case. */
export type Rate = { rate: number | null; n: number; low: number | null; high: number | null };
/** By how much one share is above another, and the interval of that. */
export type Difference = { change: number; low: number; high: number };
/** Whether a share is above another one, as far as that can be told. */
export type FigureVerdict = 'better' | 'worse' | "can't tell";

type Interval = { rate: number; low: number; high: number };

/** Wilson's score interval. Unlike the usual one it stays inSpan 0 and 1, and isn't empty where all cases are alike. */
function wilson({ k, n }: Share, z: number): Interval {
  const rate = k / n;
  const square = (z * z) / n;
  const middle = (rate + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n));
  return { rate, low: k === 0 ? 0 : Math.max(0, middle - half), high: k === n ? 1 : Math.min(1, middle + half) };
}

/** A share with its interval of 95 %. */
export function rateOf(share: Share): Rate {
  if (share.n === 0) return { rate: null, n: 0, low: null, high: null };
  const { rate, low, high } = wilson(share, Z_95);
  return { rate, n: share.n, low, high };
}

/**
 * By how much share `to` is above share `from`, with Newcombe's interval (his method 10, out of both Wilson intervals). Null
 * where either has no case.
 */
export function differenceOf(from: Share, to: Share, z = Z_95): Difference | null {
  if (from.n === 0 || to.n === 0) return null;
  const [before, after] = [wilson(from, z), wilson(to, z)];
  const change = after.rate - before.rate;
  const below = Math.hypot(after.rate - after.low, before.high - before.rate);
  const above = Math.hypot(after.high - after.rate, before.rate - before.low);
  return { change, low: Math.max(-1, change - below), high: Math.min(1, change + above) };
}

/** What a difference says: it is better or worse only where its whole interval lies on one side of 0. */
export function differenceVerdict({ low, high }: Pick<Difference, 'low' | 'high'>): FigureVerdict {
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : "can't tell";
}
