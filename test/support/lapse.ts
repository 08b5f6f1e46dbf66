import fs from 'node:fs';
import path from 'node:path';
import { withDatabase } from './postgres/database.ts';
import { isOnPostgres } from './postgres/homes.ts';

/** Ends the leases of dead processes at once. */
export async function lapse(home: string): Promise<void> {
  if (isOnPostgres) await withDatabase(home, (client) => client.query('delete from leases'));
  else fs.rmSync(path.join(home, 'state', 'leases'), { recursive: true, force: true });
}
