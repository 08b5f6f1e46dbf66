import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import type { DatabaseConnections } from '../connection/connections.ts';
import { withinTime } from '../connection/within-time.ts';
import type { Memory } from '../memory/memory.ts';
import { DATABASE_FORMAT } from '../schema/migrations.ts';
import { newerFormat } from '../schema/newer-format.ts';

/** What a process reads first: the documents that it holds whole, as of commit `n`, whose digest is `sha`. */
export type CoreRow = { n: number; sha: string; documents: Record<string, object> };

/** The form of what the table `documents` has. Another one is passed over: the commits tell the same. */
const FORM = 1;

/**
 * After so many bytes of commits what a process reads first is written again, or after as many as it has itself: a start reads these commits
 * too, and to write a long one often would take more than it saves.
 */
export const CORE_BYTES: number = 1 << 20;

/** What a process reads first, as the table `documents` has it. */
export function coreBody(memory: Memory): string {
  return JSON.stringify({ form: FORM, documents: memory.dump() });
}

/** What the table `documents` has; undefined where everything is to be made from the commits. */
export async function readCore(client: Client): Promise<CoreRow | undefined> {
  const { rows } = await client.query<{ n: number; body: string; sha: string }>(
    `select d.n, d.body, c.sha from documents d join commits c on c.n = d.n where d.name = 'core'`,
  );
  const [row] = rows;
  const kept: { form: number; documents: Record<string, object> } = JSON.parse(row?.body ?? '{"form":0}');
  return row && kept.form === FORM ? { n: row.n, sha: row.sha, documents: kept.documents } : undefined;
}

/**
 * Writes what memory holds whole, where that is newer than what the table has. A database that was restored meanwhile
 * doesn't have memory's commit, and may come to another one of that number: there nothing is written. Gives after how many bytes of commits
 * it is worth to be written again.
 */
export async function saveCore(connections: DatabaseConnections, memory: Memory): Promise<number> {
  const { n, sha } = memory.head;
  const body = coreBody(memory);
  await connections.once((client) =>
    client.query(
      `insert into documents (name, n, body) select 'core', n, $2 from commits where n = $1 and sha = $3
       on conflict (name) do update set n = excluded.n, body = excluded.body where documents.n < excluded.n`,
      [n, body, sha],
    ),
  );
  return Math.max(CORE_BYTES, body.length);
}

/**
 * Refuses a database of another format than this version writes: a process may live on while another one migrates. Gives
 * the epoch as of which that was so, because a migration begins another one. Throws AppError STORE_ERROR.
 */
export async function demandFormat(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number; epoch: number | null }>(
    withinTime('select version, (select epoch from head) as epoch from format', []),
  );
  const [{ version, epoch } = { version: 0, epoch: null }] = rows;
  if (version > DATABASE_FORMAT) throw newerFormat(version, DATABASE_FORMAT);
  if (version < DATABASE_FORMAT)
    throw new AppError(
      'STORE_ERROR',
      `The database has format ${version}, which an older Countersign made; this one needs ${DATABASE_FORMAT}. Run countersign doctor --init, which brings it forward.`,
    );
  return epoch ?? undefined;
}
