import path from 'node:path';
import { isOnPostgres } from './homes.ts';

/** Where a process leaves files for the person at its machine. On PostgreSQL those are copies of what every machine has. */
export function outboxFolder(home: string): string {
  return path.join(home, 'outbox', ...(isOnPostgres ? ['copies'] : []));
}
