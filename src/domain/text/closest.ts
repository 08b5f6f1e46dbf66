import { distance } from 'fastest-levenshtein';

const LONGEST = 200;

/**
 * The candidate with the smallest edit distance (Levenshtein) to the first 200 characters of `wanted`; of equally close
 * ones the first. Undefined where there is no candidate.
 */
export function closestTo(wanted: string, candidates: Iterable<string>): string | undefined {
  const text = wanted.slice(0, LONGEST);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    // The distance is at least the difference in length, so this candidate can't be closer than the best one.
    if (Math.abs(candidate.length - text.length) >= least) continue;
    const changes = distance(text, candidate);
    if (changes >= least) continue;
    best = candidate;
    least = changes;
    if (changes === 0) break;
  }
  return best;
}
