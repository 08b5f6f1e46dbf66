/**
 * The work that one check may cost, in steps of some 100 ns: other calls of the process get their turn within 50 ms. Steps
 * are counted and not timed, so that the same check always ends the same way, on any machine.
 */
const MOST_STEPS = 150_000;
/** Subschemas that may be under way within each other. A chain of references could overflow the stack otherwise. */
const MOST_NESTED = 500;

/** A check of so many steps takes about a millisecond. */
const MUCH = 5_000;

class WorkSpent extends Error {}

/** What one check has left to spend, and the subschemas that it is in. */
export class SchemaWork {
  /** The schema documents that the check is in, outermost first: what `$dynamicRef` looks through. */
  readonly scopes: string[] = [];
  #steps = MOST_STEPS;
  #nested = 0;

  /** Counts steps. Throws where none are left: `withinWork` says what comes of that. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new WorkSpent();
  }

  get spent(): number {
    return MOST_STEPS - this.#steps;
  }

  enter(scope: string): void {
    if (++this.#nested > MOST_NESTED) throw new WorkSpent();
    this.scopes.push(scope);
  }

  leave(): void {
    this.#nested -= 1;
    this.scopes.pop();
  }
}

/** The result of a look, without one where it would take more work than one check may; and whether it took much. */
export function withinWork<T>(look: (work: SchemaWork) => T): { result?: T; isCostly: boolean } {
  const work = new SchemaWork();
  try {
    return { result: look(work), isCostly: work.spent > MUCH };
  } catch (error) {
    if (error instanceof WorkSpent) return { isCostly: true };
    throw error;
  }
}
