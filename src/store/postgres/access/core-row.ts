import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import type { Memory } from '../memory/memory.ts';
import { DATABASE_FORMAT } from '../schema/migrations.ts';
import { newerFormat } from '../schema/newer-format.ts';

/** The form of what the table `documents` has. Another one is passed over: the commits tell the same. */
const FORM = 1;

/** What a process reads first: the documents that it holds whole, as of commit `n` with the digest `sha`. */
export type CoreRow = { n: number; sha: string; documents: Record<string, object> };

/** What a process reads first, as the table `documents` has it. */
export function coreBody(memory: Memory): string {
  return JSON.stringify({ form: FORM, documents: memory.dump() });
}

/**
 * Reads what a process begins with; undefined where it has to begin with the first commit. Throws AppError STORE_ERROR where the
 * database has another format than this version writes.
 */
export async function readCore(client: Client): Promise<CoreRow | undefined> {
  const format = await client.query<{ version: number }>('select version from format');
  const version = format.rows[0]?.version ?? 0;
  if (version > DATABASE_FORMAT) throw newerFormat(version, DATABASE_FORMAT);
  if (version < DATABASE_FORMAT)
    throw new AppError(
      'STORE_ERROR',
      `The database has format ${version}, which an older Countersign made; this one needs ${DATABASE_FORMAT}. Run countersign doctor --init, which brings it forward.`,
    );
  const { rows } = await client.query<{ n: number; body: string; sha: string }>(
    `select d.n, d.body, c.sha from documents d join commits c on c.n = d.n where d.name = 'core'`,
  );
  const [row] = rows;
  if (!row) return undefined;
  const { form, documents }: { form: number; documents: Record<string, object> } = JSON.parse(row.body);
  return form === FORM ? { n: row.n, sha: row.sha, documents } : undefined;
}
