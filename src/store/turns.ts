import { setImmediate as turn } from 'node:timers/promises';
import { overBudget } from '../domain/base/budget.ts';

/** Other calls of the process get their turn after so much work, so that none waits for long. */
const SLICE_MS = 20;
/** A slice counts for no more than this: what is above it, the machine did for others. */
export const LONGEST_SLICE_MS = 60;
/** The most work of one call (contract, section 3, "Filter"). */
export const CALL_MS = 2_000;

/** An answer takes several rounds of the loop: with one round between slices, it would wait for as many slices. */
const ROUNDS = 10;

/** The steps of a generator; other calls of the process get their turn after each. */
export async function* withTurns<T>(steps: Iterable<T>): AsyncGenerator<T> {
  for (const step of steps) {
    yield step;
    await turn();
  }
}

/** What a generator gives in the end; other calls of the process get their turn after each of its steps. */
export async function endInTurns<T>(steps: Generator<unknown, T>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await turn();
  }
}

/** Tells when other calls should get their turn, in work that has no end to watch. */
export class Slices {
  #began = performance.now();

  /** Whether a slice is over, so that `next` has to be waited for. */
  get isDue(): boolean {
    return performance.now() - this.#began >= SLICE_MS;
  }

  /** How long the slice has taken so far, in ms. */
  protected get taken(): number {
    return Math.min(performance.now() - this.#began, LONGEST_SLICE_MS);
  }

  /** Begins a slice: what was done before doesn't count. */
  begin(): void {
    this.#began = performance.now();
  }

  /** Lets others go on, then begins the next slice. */
  async next(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) await turn();
    this.#began = performance.now();
  }
}

/** Work in slices that may take only so long in all. Turns of others between the slices don't count. */
export class Turns extends Slices {
  readonly #part: string;
  readonly #instead: string;
  readonly #mostMs: number;
  #worked = 0;

  constructor(part: string, instead: string, mostMs: number = CALL_MS) {
    super();
    this.#part = part;
    this.#instead = instead;
    this.#mostMs = mostMs;
  }

  /** Lets others go on. Throws LIMIT_EXCEEDED where the work has taken all of its time. */
  override async next(): Promise<void> {
    this.#worked += this.taken;
    if (this.#worked > this.#mostMs) throw overBudget(this.#part, this.#instead);
    await super.next();
  }
}
