import { distance } from 'fastest-levenshtein';

const LONGEST = 200;

/** The candidate that takes the fewest changes of letters to become what was wanted, among all; the first of equals. */
export function closestTo(wanted: string, candidates: Iterable<string>): string | undefined {
  const text = wanted.slice(0, LONGEST);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    // Each letter too many or too few is a change already.
    if (Math.abs(candidate.length - text.length) >= least) continue;
    const changes = distance(text, candidate);
    if (changes >= least) continue;
    best = candidate;
    least = changes;
    if (changes === 0) break;
  }
  return best;
}
