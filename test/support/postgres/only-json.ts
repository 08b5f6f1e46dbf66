import { describe, it } from 'vitest';
import { isOnPostgres } from './homes.ts';

/**
 * Tests that are for the store of JSON files alone; `why` says what they are about that PostgreSQL hasn't. On PostgreSQL they
 * aren't run.
 */
export function onlyJson(_why: string) {
  return { it: it.runIf(!isOnPostgres), describe: describe.runIf(!isOnPostgres) };
}
