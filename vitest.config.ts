import { defineConfig } from 'vitest/config';

const report = process.env.COUNTERSIGN_TEST_REPORT;
const SECOND = 1_000;

const EVERY_TEST = 'test/**/*.test.ts';
const END_TO_END = 'test/e2e/**/*.test.ts';
const SLOW = 'test/**/*.slow.test.ts';
/** Tests of PostgreSQL itself, which vitest.postgres.config.ts runs. */
const OF_POSTGRES = 'test/**/*.postgres.test.ts';

/**
 * The limits end a test that hangs, and say nothing of how fast anything is: a busy machine may take all of them. `poll` is
 * how long `expect.poll` waits for its condition, and leaves the test the time to say which one it was.
 */
type Limits = { test: number; poll: number };

/** A lane: the tests in the files of one pattern and not of the others. `order` 0 runs before 1. */
function lane(name: string, include: string, exclude: string[], { test, poll }: Limits) {
  return {
    extends: true as const,
    test: {
      name,
      include: [include],
      exclude: [...exclude, OF_POSTGRES],
      testTimeout: test,
      hookTimeout: test,
      expect: { poll: { timeout: poll, interval: 20 } },
      sequence: { groupOrder: name === 'fast' ? 0 : 1 },
    },
  };
}

export default defineConfig({
  test: {
    pool: 'forks',
    // A worker loads each module once for all of its files: loading took more time than many of the tests. A file that mocks a
    // module has all modules loaded anew, before it and behind it (vi.resetModules).
    isolate: false,
    // Most of a test's time is waiting for processes; more at once than this, and they wait for each other.
    maxWorkers: 3,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    // The place or name of a file tells its lane: under `test/e2e`, or ending with `.slow.test.ts`, or else fast.
    projects: [
      lane('fast', EVERY_TEST, [END_TO_END, SLOW], { test: 30 * SECOND, poll: 25 * SECOND }),
      // A test here starts up to a dozen servers, and a busy machine takes some seconds for the start of each.
      lane('e2e', END_TO_END, [SLOW], { test: 90 * SECOND, poll: 60 * SECOND }),
      // A test here starts up to forty processes one after another, or lets a lease of a quarter of a minute run out.
      lane('slow', SLOW, [], { test: 300 * SECOND, poll: 200 * SECOND }),
    ],
  },
});
