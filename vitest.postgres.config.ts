import { defineConfig } from 'vitest/config';
import { filesOfLane } from './test/support/postgres/lane-files.ts';

const report = process.env.COUNTERSIGN_TEST_REPORT;
const SECOND = 1_000;

const wanted = process.env.COUNTERSIGN_TEST_FILES;
/** The limits of the other lanes: `npm test` has no slow stories here. */
const { test, poll } = wanted === undefined ? { test: 90, poll: 60 } : { test: 300, poll: 200 };

/** The lane of tests on PostgreSQL: files of the other lanes, with the second store. `npm run test:postgres` runs it. */
export default defineConfig({
  test: {
    name: 'postgres',
    pool: 'forks',
    maxWorkers: 3,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    ...filesOfLane(wanted),
    globalSetup: ['test/support/postgres/lane-setup.ts'],
    setupFiles: ['test/support/postgres/lane-file.ts'],
    testTimeout: test * SECOND,
    hookTimeout: test * SECOND,
    expect: { poll: { timeout: poll * SECOND, interval: 20 } },
  },
});
