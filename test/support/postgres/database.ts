import pg from 'pg';
import { databaseUrlOf } from './homes.ts';
import { SUPERUSER } from './server.ts';

type Work<T> = (client: pg.Client) => Promise<T>;

async function connected<T>(url: string, work: Work<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=countersign' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Does something in a home's database, with the rights that its processes have. */
export function withDatabase<T>(home: string, work: Work<T>): Promise<T> {
  return connected(databaseUrlOf(home), work);
}

/** The same with the rights of whoever runs the database, who may do what no process may. */
export function asDatabaseOwner<T>(home: string, work: Work<T>): Promise<T> {
  const url = new URL(databaseUrlOf(home));
  return connected(String(Object.assign(url, { username: SUPERUSER.user, password: SUPERUSER.password })), work);
}

const TABLES = `select table_name as name from information_schema.table_privileges
  where table_schema = 'countersign' and grantee = current_user and privilege_type = 'SELECT' order by 1`;

/** Every row that a home's database holds, as the name of its table and its values, as the database writes these. */
export function rowsInDatabase(home: string): Promise<string[]> {
  return withDatabase(home, async (client) => {
    const lines: string[] = [];
    for (const { name } of (await client.query<{ name: string }>(TABLES)).rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      lines.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    return lines;
  });
}
