/**
 * Says why a value doesn't fit a schema; undefined where it fits. It answers at once, from memory, because looks and
 * decisions can't wait. Throws `Unchecked` where it has no result yet: run it, or the look that runs it, by `withChecks`.
 */
export type Check = (value: unknown) => string | undefined;

/** Checks values against JSON Schemas, each check within a limit of time. */
export type Schemas = {
  /** The check of a schema, or why there is none: it is beyond the limits, or isn't valid in its dialect. */
  checkOf: (schema: Record<string, unknown>) => Promise<Check | { problem: string }>;
  /** Why a schema can't be used, or leaves something unchecked: found out by making and trying its check. */
  trial: (schema: Record<string, unknown>) => Promise<string | undefined>;
};

/** A look needs the result of a check that isn't made yet. `make` makes it. */
export class Unchecked extends Error {
  readonly make: () => Promise<void>;

  constructor(make: () => Promise<void>) {
    super('a check of a schema has no result yet');
    this.make = make;
  }
}

/** A look that needs more results than this fails. Nothing is decided by it then. */
const MOST_ROUNDS = 1_000;

/** Runs a look. Where it needs the result of a check, the check is made and the look runs again. */
export async function withChecks<T>(look: () => T | Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Unchecked) || round === MOST_ROUNDS) throw error;
      await error.make();
    }
  }
}
