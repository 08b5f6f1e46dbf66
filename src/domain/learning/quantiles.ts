function ascending(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}

/** The middle of values; the mean of the middle two of an even number; null where there are none. */
export function medianOf(values: readonly number[]): number | null {
  const ordered = ascending(values);
  const half = Math.floor(ordered.length / 2);
  const upper = ordered[half];
  if (upper === undefined) return null;
  const lower = ordered[half - 1];
  return ordered.length % 2 === 1 || lower === undefined ? upper : lower + (upper - lower) / 2;
}

/** The smallest value that nine of ten don't exceed (the nearest rank); null where there are none. */
export function p90Of(values: readonly number[]): number | null {
  return ascending(values)[Math.ceil((9 * values.length) / 10) - 1] ?? null;
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
