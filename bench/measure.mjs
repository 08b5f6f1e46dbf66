export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures several ways in turns, A B C A B C ..., so that a machine that grows slower does so for all. Each way gives
 * one number a round. The first `warmUp` rounds don't count. Gives the medians by name.
 */
export async function interleaved(ways, options) {
  const values = await inTurns(ways, options);
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, median(list)]));
}

/** The median of the quotients of each round: what a moment of a busy machine adds to one way, it adds to the other too. */
export function medianQuotient(values, peers) {
  return median(values.map((value, round) => value / peers[round]));
}

/** The same, with the values of all rounds by name. */
export async function inTurns(ways, { rounds = 9, warmUp = 1 } = {}) {
  const values = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const value = await way(round);
      if (round >= 0) values[name].push(value);
    }
  }
  return values;
}

/** Milliseconds that a piece of work takes. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The value that a part of the values, as 0.95, doesn't exceed. */
export function percentile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * part) - 1];
}
