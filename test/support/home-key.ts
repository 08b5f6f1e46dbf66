import fs from 'node:fs';
import path from 'node:path';
import { asDatabaseOwner } from './postgres/database.ts';
import { isOnPostgres } from './postgres/homes.ts';
import { quietStore } from './verified.ts';

/** Takes away the key with which a home signs. The next process makes another one. */
export async function forgetKey(home: string): Promise<void> {
  if (isOnPostgres) await asDatabaseOwner(home, (client) => client.query('delete from secrets'));
  else fs.rmSync(path.join(home, 'state', 'secret.key'));
}

/** The key with which a home signs. */
export async function keyOf(home: string): Promise<Buffer> {
  const store = quietStore(home);
  const key = await store.secret();
  await store.close();
  return key;
}
