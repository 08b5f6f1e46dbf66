import { AppError } from './errors.ts';

/**
 * The LIMIT_EXCEEDED for work beyond its budget.
 *
 * @param part what takes the work, by its place in the caller's argument: `monitoring.filter`, `filter.bio.$regex`
 * @param instead a sentence about what to do
 */
export function overBudget(part: string, instead: string): AppError {
  return new AppError('LIMIT_EXCEEDED', `${part} takes more work than one call may. ${instead}`, {
    [part]: 'takes more work than one call may',
  });
}

/**
 * What `test` finds; false where it reaches its budget. For decisions, which can't be refused because of one filter: what
 * isn't known to hold, doesn't.
 */
export function holdsInBudget(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof AppError && error.code === 'LIMIT_EXCEEDED') return false;
    throw error;
  }
}

/**
 * How much work something may take, in steps of some 20 ns. Steps are counted, and no clock is read: a look that runs
 * again ends in the same way, and so does the same work on another machine.
 */
export class Budget {
  readonly #part: string;
  readonly #most: number;
  readonly #instead: string;
  #left: number;

  constructor(part: string, most: number, instead: string) {
    this.#part = part;
    this.#most = most;
    this.#instead = instead;
    this.#left = most;
  }

  /** Counts steps that are about to be taken. Throws LIMIT_EXCEEDED where fewer are left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw overBudget(this.#part, this.#instead);
  }

  /** Gives the whole budget again, for the next piece of work. */
  renew(): void {
    this.#left = this.#most;
  }
}
