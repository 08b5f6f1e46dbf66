const E2E = 'test/e2e';

/** The stories that run on PostgreSQL too, in each `npm test`. */
const STORIES = [
  ...['life', 'agents', 'review', 'runs', 'brake', 'mandate', 'waived-import', 'contacts'],
  ...['proof', 'subscriptions', 'transfer', 'chat-threads', 'webhooks', 'last-look'],
  ...['serve-life', 'serve-scopes', 'serve-team', 'brake-terminal', 'audit'],
];

/** What any store promises, and tests of PostgreSQL itself. */
const STORE = ['test/store/port*.test.ts', 'test/**/*.postgres.test.ts'];

const SLOW = 'test/**/*.slow.test.ts';

/**
 * The files that the lane of PostgreSQL runs: those of `npm test`; with `stories` every end-to-end test; with `any` whichever
 * the command names.
 */
export function filesOfLane(wanted: string | undefined): { include: string[]; exclude: string[] } {
  if (wanted === 'any') return { include: ['test/**/*.test.ts'], exclude: [] };
  if (wanted === 'stories') return { include: [...STORE, `${E2E}/**/*.test.ts`], exclude: [SLOW] };
  return { include: [...STORE, ...STORIES.map((name) => `${E2E}/${name}.test.ts`)], exclude: [SLOW] };
}
