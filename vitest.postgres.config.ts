import { defineConfig } from 'vitest/config';
import { filesOfLane } from './test/support/postgres/lane-files.ts';

const report = process.env.COUNTERSIGN_TEST_REPORT;
const SECOND = 1_000;

/** The lane of tests on PostgreSQL: files of the other lanes, with the second store. `npm run test:postgres` runs it. */
export default defineConfig({
  test: {
    name: 'postgres',
    pool: 'forks',
    // As in the other lanes (vitest.config.ts): each module is loaded once for all files of a worker.
    isolate: false,
    maxWorkers: 3,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    ...filesOfLane(process.env.COUNTERSIGN_TEST_FILES),
    globalSetup: ['test/support/postgres/lane-setup.ts'],
    setupFiles: ['test/support/postgres/lane-file.ts'],
    testTimeout: 90 * SECOND,
    hookTimeout: 90 * SECOND,
    expect: { poll: { timeout: 60 * SECOND, interval: 20 } },
  },
});
