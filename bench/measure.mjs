export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures several ways in turns, A B C A B C ..., so that a machine that grows slower does so for all. Each way gives
 * one number a round. The first `warmUp` rounds don't count. Gives the medians by name.
 */
export async function interleaved(ways, { rounds = 9, warmUp = 1 } = {}) {
  const values = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const value = await way(round);
      if (round >= 0) values[name].push(value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, median(list)]));
}

/** Milliseconds that a piece of work takes. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
