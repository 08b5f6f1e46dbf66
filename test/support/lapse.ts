import fs from 'node:fs';
import path from 'node:path';
import { withDatabase } from './postgres/database.ts';
import { isOnPostgres } from './postgres/homes.ts';

/** Ends the leases of dead processes at once. */
export async function lapse(home: string): Promise<void> {
  if (isOnPostgres) await withDatabase(home, (client) => client.query('delete from leases'));
  else fs.rmSync(path.join(home, 'state', 'leases'), { recursive: true, force: true });
}

/** Dates all leases back, so that whoever doesn't renew its own is taken for dead at once. */
export async function dateLeasesBack(home: string, seconds: number): Promise<void> {
  const earlier = 'update leases set renewed = renewed - make_interval(secs => $1)';
  if (isOnPostgres) await withDatabase(home, (client) => client.query(earlier, [seconds]));
  else {
    const leases = path.join(home, 'state', 'leases');
    const before = new Date(Date.now() - seconds * 1_000);
    for (const name of fs.readdirSync(leases)) fs.utimesSync(path.join(leases, name), before, before);
  }
}

/** Who has a lease on a home. */
export async function leasesIn(home: string): Promise<string[]> {
  if (!isOnPostgres) return fs.readdirSync(path.join(home, 'state', 'leases'));
  const found = await withDatabase(home, (client) => client.query<{ holder: string }>('select holder from leases'));
  return found.rows.map(({ holder }) => holder);
}
