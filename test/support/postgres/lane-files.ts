/** The files that run on PostgreSQL too, in each `npm test`: what any store promises, and the stories that matter most. */
export const SUBSET = {
  include: ['test/store/port*.test.ts', 'test/**/*.postgres.test.ts'],
};

/** Every file that may: `npm run test:postgres -- --all`. */
export const EVERY_STORY = {
  include: [...SUBSET.include, 'test/e2e/**/*.test.ts'],
  exclude: ['test/**/*.slow.test.ts'],
};
