import type { Parameters } from 'fast-check';

const seconds = process.env.COUNTERSIGN_FAULTS_SECONDS;
const seed = Number(process.env.COUNTERSIGN_FAULTS_SEED ?? 20260302);

/** How long a property may take; the long form gets the seconds of `COUNTERSIGN_FAULTS_SECONDS`. */
export const PATIENCE = 30_000 + Number(seconds ?? 0) * 2_000;

/** The same few cases in each `npm test`; as many as fit into the time in the long form. */
export function cases<T>(short: number): Parameters<T> {
  if (seconds === undefined) return { seed, numRuns: short };
  return { seed, numRuns: 1_000_000, interruptAfterTimeLimit: Number(seconds) * 1_000, markInterruptAsFailure: false };
}
