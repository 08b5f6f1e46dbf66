/** What any store promises, tests of PostgreSQL itself, and every story from end to end. */
const FILES = ['test/store/port*.test.ts', 'test/**/*.postgres.test.ts', 'test/e2e/**/*.test.ts'];

const SLOW = 'test/**/*.slow.test.ts';

/**
 * The files that the lane of PostgreSQL runs: those of `npm test`; with `slow` the slow stories too; with `any` whichever the
 * command names.
 */
export function filesOfLane(wanted: string | undefined): { include: string[]; exclude: string[] } {
  if (wanted === 'any') return { include: ['test/**/*.test.ts'], exclude: [] };
  return { include: FILES, exclude: wanted === 'slow' ? [] : [SLOW] };
}
