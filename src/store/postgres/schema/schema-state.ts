import { databaseOf } from '../connection/database-url.ts';
import { openDatabase } from '../connection/open-client.ts';
import { jobsSchemaOf } from '../jobs/job-queue.ts';

/**
 * The server of a database, and the format of the schema in it; undefined where there is none. `isBound`: the role is held to the policies by
 * which the database keeps teams apart. `hasQueue`: the queue of jobs is there, and open to the role.
 */
export type SchemaState = {
  server: string;
  serverVersion: number;
  format: number | undefined;
  isBound: boolean;
  hasQueue: boolean;
};

const HAS_QUEUE = `exists (select from pg_class t join pg_namespace s on s.oid = t.relnamespace
  where s.nspname = $1 and t.relname = 'queue' and has_schema_privilege(s.oid, 'usage'))`;

/**
 * Looks at the database that a URL names, and changes nothing. Throws AppError STORE_ERROR, or the driver's error, where it
 * can't be reached.
 */
export async function schemaState(url: string): Promise<SchemaState> {
  const database = databaseOf(url);
  const client = await openDatabase(database);
  try {
    const { rows } = await client.query<{ server: string; version: number; has_format: boolean; has_queue: boolean }>(
      `select current_setting('server_version') as server, current_setting('server_version_num')::integer as version,
         to_regclass('format') is not null as has_format, ${HAS_QUEUE} as has_queue`,
      [jobsSchemaOf(database)],
    );
    const [{ server = '', version = 0, has_format = false, has_queue: hasQueue = false } = {}] = rows;
    const found = has_format
      ? await client.query<{ version: number; is_bound: boolean }>(
          `select version, row_security_active('results') as is_bound from format`,
        )
      : undefined;
    const [state] = found?.rows ?? [];
    return { server, serverVersion: version, format: state?.version, isBound: state?.is_bound === true, hasQueue };
  } finally {
    await client.end();
  }
}
