import pg from 'pg';
import { migrateSchema } from '../../../src/store/postgres/schema/migrate-schema.ts';
import type { PostgresServer } from './server.ts';

/** A database that can be brought back as it was. */
export type Restorable = {
  url: string;
  /** Copies it as it is now. Gives what brings it back so, under its own name or another one, whose URL it gives. */
  backUp: () => Promise<(name?: string) => Promise<string>>;
  /** Ends every connection to it. */
  breakConnections: () => Promise<void>;
  /** Puts an empty home in its place. */
  replace: () => Promise<void>;
};

let count = 0;

/** Makes a database with a home on a server. Whoever is connected to it when it is copied or brought back loses the connection. */
export async function aRestorable(server: PostgresServer): Promise<Restorable> {
  const own = `restorable_${++count}`;
  const asAdmin = async (...statements: string[]) => {
    const admin = new pg.Client({ connectionString: server.url() });
    await admin.connect();
    for (const statement of statements) await admin.query(statement);
    await admin.end();
  };
  const url = server.url(own);
  const breaking = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${own}'`;
  await asAdmin(`create database ${own}`);
  await migrateSchema(url);
  return {
    url,
    async backUp() {
      const copy = `copy_${++count}`;
      await asAdmin(
        `alter database ${own} allow_connections false`,
        breaking,
        `create database ${copy} template ${own}`,
        `alter database ${own} allow_connections true`,
      );
      return async (name = own) => {
        await asAdmin(`drop database if exists ${name} with (force)`, `create database ${name} template ${copy}`);
        return server.url(name);
      };
    },
    breakConnections: () => asAdmin(breaking),
    async replace() {
      await asAdmin(`drop database ${own} with (force)`, `create database ${own}`);
      await migrateSchema(url);
    },
  };
}
