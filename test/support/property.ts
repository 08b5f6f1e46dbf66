import fs from 'node:fs';
import fc, { type Parameters } from 'fast-check';
import { afterAll } from 'vitest';
import { freshFolder } from './folders.ts';

const seconds = process.env.COUNTERSIGN_FAULTS_SECONDS;
const seed = Number(process.env.COUNTERSIGN_FAULTS_SEED ?? 20260302);
const report = process.env.COUNTERSIGN_FAULTS_REPORT;

/**
 * How long a property may take: what is left after `SHORT_MS` is for the last case on a busy machine. The long form gets the
 * seconds of `COUNTERSIGN_FAULTS_SECONDS`.
 */
export const PATIENCE = 90_000 + Number(seconds ?? 0) * 2_000;

/** The time for finding and shrinking a failure, so that it is told with seed and path before the test times out. */
const SHORT_MS = 20_000;

/** The settings of a property: the same few cases in each `npm test`, as many as the time allows in the long form. */
export function cases<T>(short: number): Parameters<T> {
  const timed = { seed, markInterruptAsFailure: false };
  if (seconds === undefined) return { ...timed, numRuns: short, interruptAfterTimeLimit: SHORT_MS };
  return { ...timed, numRuns: 1_000_000, interruptAfterTimeLimit: Number(seconds) * 1_000 };
}

/** For cases that take long: when the time is over, `done` waits for the case that is still running. */
export function outlasting<Values extends unknown[]>(run: (...values: Values) => Promise<void>) {
  let last: Promise<void> = Promise.resolve();
  return {
    run: (...values: Values): Promise<void> => {
      const running = run(...values);
      last = running.catch(() => undefined);
      return running;
    },
    done: () => last,
  };
}

/** A fresh folder for one case of a property. */
export const passingHome = (): string => freshFolder('property');

if (report !== undefined) {
  let property_cases = 0;
  fc.configureGlobal({
    beforeEach: () => {
      property_cases += 1;
    },
  });
  afterAll(() => fs.appendFileSync(report, `${JSON.stringify({ property_cases })}\n`));
}
