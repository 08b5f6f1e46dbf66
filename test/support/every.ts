import fs from 'node:fs';

const isLong = process.env.COUNTERSIGN_FAULTS_SECONDS !== undefined;
const report = process.env.COUNTERSIGN_FAULTS_REPORT;

/** A death at each of a process's file operations takes its time, in the long form. */
export const EACH_IN_TURN = isLong ? { timeout: 300_000 } : {};

/** The step from one file operation at which a process dies to the next: 1 in the long form, `few` in `npm test`. */
export function stepOf(few: number): number {
  return isLong ? 1 : few;
}

/** Adds to the figures of the long form how many deaths a test survived. */
export function reportDeaths(deaths_at_an_operation: number): void {
  if (report !== undefined) fs.appendFileSync(report, `${JSON.stringify({ deaths_at_an_operation })}\n`);
}
