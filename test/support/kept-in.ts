import fs from 'node:fs';
import path from 'node:path';
import { rowsInDatabase, withDatabase } from './postgres/database.ts';
import { isOnPostgres } from './postgres/homes.ts';

async function rowsOf(home: string): Promise<string[]> {
  const rows = await rowsInDatabase(home);
  // Whoever looks for what must not be there would find nothing in no rows.
  if (!rows.some((row) => row.startsWith('commits '))) throw new Error(`no commits were read of ${home}`);
  return rows;
}

/** All that a home holds: each file with its name, and each row of its database. */
export async function partsKeptIn(home: string): Promise<string[]> {
  const files = fs.readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => `${name}\n${fs.readFileSync(path.join(parentPath, name), 'utf8')}`);
  return [...texts, ...(isOnPostgres ? await rowsOf(home) : [])];
}

/** The same as one text. */
export async function keptIn(home: string): Promise<string> {
  return (await partsKeptIn(home)).join('\n');
}

/** The commits of a home as they were written down, a line for each. */
export async function commitLinesIn(home: string): Promise<string[]> {
  if (isOnPostgres) {
    const found = await withDatabase(home, (client) =>
      client.query<{ line: string }>('select line from commits order by n'),
    );
    return found.rows.map(({ line }) => line);
  }
  const log = path.join(home, 'log');
  return fs.readdirSync(log).flatMap((name) => fs.readFileSync(path.join(log, name), 'utf8').split('\n'));
}

/** The names of the files of a home's outbox. */
export async function outboxNamesIn(home: string): Promise<string[]> {
  if (isOnPostgres) {
    const found = await withDatabase(home, (client) => client.query<{ name: string }>('select name from outbox'));
    return found.rows.map(({ name }) => name);
  }
  const folder = path.join(home, 'outbox');
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}
