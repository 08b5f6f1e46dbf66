import { AppError } from '../../domain/base/errors.ts';
import type { EvaluationOutcome } from './results.ts';

const MOST_IN_A_ROW = 20;
const FEWEST = 3;
const LONGEST_MS = 180_000;

/** Why a run should stop: contacts in a row whose evaluation takes more than one may. */
function beyondLimit(inARow: number, said: string | undefined): AppError | undefined {
  if (inARow < MOST_IN_A_ROW) return undefined;
  return new AppError('LIMIT_EXCEEDED', `${inARow} contacts in a row reached a limit. The last error: ${said}`);
}

/**
 * Makes a function that takes each outcome of a run, and gives an error once the provider is down: 20 contacts in a row
 * got no answer, or 3 in a row got none and the last answer is 3 minutes old. The run then stops and leaves the other
 * contacts for a later run. Else each of them would wait in vain, and count as evaluated. It gives one too
 * where 20 contacts in a row reached a limit of work.
 */
export function watchForOutage(now: () => Date): (outcome: EvaluationOutcome) => AppError | undefined {
  let inARow = 0;
  let lastAnswer = now().getTime();
  let limited = 0;
  return ({ error, isOutage }) => {
    limited = error?.code === 'LIMIT_EXCEEDED' ? limited + 1 : 0;
    const beyond = beyondLimit(limited, error?.message);
    if (beyond) return beyond;
    if (!isOutage) {
      inARow = 0;
      lastAnswer = now().getTime();
      return undefined;
    }
    inARow += 1;
    const isLong = inARow >= FEWEST && now().getTime() - lastAnswer > LONGEST_MS;
    if (inARow < MOST_IN_A_ROW && !isLong) return undefined;
    return new AppError(
      'PROVIDER_ERROR',
      `${inARow} contacts in a row got no answer. The last error: ${error?.message}`,
    );
  };
}
