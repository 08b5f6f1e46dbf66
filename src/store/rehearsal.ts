import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../domain/base/errors.ts';

type WorkOutcome<T> = { value: T } | { refusal: AppError };

function outcomeOf<T>(work: () => T): WorkOutcome<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof AppError) return { refusal: error };
    throw error;
  }
}

function factsOf<T>(outcome: WorkOutcome<T>): unknown {
  if ('value' in outcome) return outcome.value;
  const { code, message, details } = outcome.refusal;
  return { code, message, details };
}

/**
 * Runs a piece of work twice, as another store may, and returns the second result. Throws where the two results differ:
 * the work then draws ids, reads a clock or has effects, so a store that runs it again would write something else.
 */
export function twice<T>(work: () => T): T {
  const first = outcomeOf(work);
  const second = outcomeOf(work);
  if (!isDeepStrictEqual(factsOf(first), factsOf(second)))
    throw new Error(`this look or decision came out differently when it ran again:\n${work.toString()}`);
  if ('refusal' in second) throw second.refusal;
  return second.value;
}
