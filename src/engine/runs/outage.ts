import { AppError } from '../../domain/base/errors.ts';
import type { Thought } from './results.ts';

const MOST_IN_A_ROW = 20;
const FEWEST = 3;
const LONGEST_MS = 180_000;

/**
 * Tells when a provider is down for the run: 20 contacts in a row without an answer, or 3 minutes of nothing else. The
 * rest are then left for a later run, instead of each waiting in vain and counting as evaluated.
 */
export function watchForOutage(now: () => Date): (thought: Thought) => AppError | undefined {
  let inARow = 0;
  let lastAnswer = now().getTime();
  return ({ error, isOutage }) => {
    if (!isOutage) {
      inARow = 0;
      lastAnswer = now().getTime();
      return undefined;
    }
    inARow += 1;
    const isLong = inARow >= FEWEST && now().getTime() - lastAnswer > LONGEST_MS;
    if (inARow < MOST_IN_A_ROW && !isLong) return undefined;
    return new AppError('PROVIDER_ERROR', `${inARow} contacts in a row got no answer. The last: ${error?.message}`);
  };
}
