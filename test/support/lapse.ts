import fs from 'node:fs';
import path from 'node:path';
import { withDatabase } from './postgres/database.ts';
import { isOnPostgres } from './postgres/homes.ts';

/** Ends the leases of dead processes at once. */
export async function lapse(home: string): Promise<void> {
  if (isOnPostgres) await withDatabase(home, (client) => client.query('delete from leases'));
  else fs.rmSync(path.join(home, 'state', 'leases'), { recursive: true, force: true });
}

/** Who has a lease on a home. */
export async function leasesIn(home: string): Promise<string[]> {
  if (!isOnPostgres) return fs.readdirSync(path.join(home, 'state', 'leases'));
  const found = await withDatabase(home, (client) => client.query<{ holder: string }>('select holder from leases'));
  return found.rows.map(({ holder }) => holder);
}
