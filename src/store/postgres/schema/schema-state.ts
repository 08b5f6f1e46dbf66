import { databaseOf } from '../connection/database-url.ts';
import { openDatabase } from '../connection/open-client.ts';
import { queueLack } from '../jobs/job-queue.ts';

/**
 * The server of a database, and the format of the schema in it; undefined where there is none. `isBound`: the role is held to the policies by
 * which the database keeps teams apart. `queueLack`: why its processes can't call each other.
 */
export type SchemaState = {
  server: string;
  serverVersion: number;
  format: number | undefined;
  isBound: boolean;
  queueLack: string | undefined;
};

/**
 * Looks at the database that a URL names, and changes nothing. Throws AppError STORE_ERROR, or the driver's error, where it
 * can't be reached.
 */
export async function schemaState(url: string): Promise<SchemaState> {
  const database = databaseOf(url);
  const client = await openDatabase(database);
  try {
    const { rows } = await client.query<{ server: string; version: number; has_format: boolean }>(
      `select current_setting('server_version') as server, current_setting('server_version_num')::integer as version,
         to_regclass('format') is not null as has_format`,
    );
    const [{ server = '', version = 0, has_format = false } = {}] = rows;
    const found = has_format
      ? await client.query<{ version: number; is_bound: boolean }>(
          `select version, row_security_active('results') as is_bound from format`,
        )
      : undefined;
    const [state] = found?.rows ?? [];
    return {
      ...{ server, serverVersion: version, format: state?.version, isBound: state?.is_bound === true },
      queueLack: await queueLack(client, database),
    };
  } finally {
    await client.end();
  }
}
