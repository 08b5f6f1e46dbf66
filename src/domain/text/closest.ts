import { distance } from 'fastest-levenshtein';

const LONGEST = 200;
/** A longer candidate isn't meant: it takes more changes than any name has letters. */
const LONGEST_CANDIDATE = 2 * LONGEST;
/** The most steps, each a letter against up to 32 others at once: some 20 ms. */
const MOST_STEPS = 1_500_000;
const AT_ONCE = 32;

/**
 * The candidate with the smallest edit distance (Levenshtein) to the first 200 characters of `wanted`; of equally close
 * ones the first. Among very many candidates only the first are looked at. Undefined where there is no candidate.
 */
export function closestTo(wanted: string, candidates: Iterable<string>): string | undefined {
  const text = wanted.slice(0, LONGEST);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  let steps = 0;
  for (const candidate of candidates) {
    steps += 1;
    if (steps > MOST_STEPS) break;
    // The distance is at least the difference in length, so this candidate can't be closer than the best one.
    if (candidate.length > LONGEST_CANDIDATE || Math.abs(candidate.length - text.length) >= least) continue;
    steps += Math.max(text.length, candidate.length) * Math.ceil(Math.min(text.length, candidate.length) / AT_ONCE);
    const changes = distance(text, candidate);
    if (changes >= least) continue;
    best = candidate;
    least = changes;
    if (changes === 0) break;
  }
  return best;
}
