import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import { readHead } from '../../log/commit.ts';
import type { LinePrint, LogLine } from '../../move/place.ts';
import { type CommitRow, linesAfter } from '../connection/lines-after.ts';

/** The digests of so many bytes of lines are made together, and of so many lines. */
const BATCH = 2 << 20;
const MOST_LINES = 2_000;

type SizeRow = { n: number; size: number };

/**
 * The last of the commits behind `after` that are read together: as many as have so many bytes, one at least. Undefined where there is
 * none. The size of a line is known without reading it.
 */
async function endOfBatch(client: Client, after: number): Promise<number | undefined> {
  const { rows } = await client.query<SizeRow>(
    'select n, octet_length(line) as size from commits where n > $1 order by n limit $2',
    [after, MOST_LINES],
  );
  let bytes = 0;
  for (const { n, size } of rows) {
    bytes += size;
    if (bytes >= BATCH) return n;
  }
  return rows.at(-1)?.n;
}

function lineOf({ n, line }: CommitRow): LogLine {
  const bytes = Buffer.from(line);
  const head = readHead(bytes);
  if (head?.n !== n)
    throw new AppError(
      'STORE_ERROR',
      `Commit ${n} in the database was altered: it isn't a commit with its own digest. Nothing was changed. \`countersign audit\` lists every fault.`,
    );
  return { n, sha: head.sha, isSeal: head.isSeal, bytes };
}

async function* linesFrom(client: Client, from: number): AsyncGenerator<LogLine[]> {
  for (let after = from - 1; ; ) {
    const rows = await linesAfter(client, after);
    const last = rows.at(-1);
    if (!last) return;
    if (rows[0]?.n !== after + 1) throw missing(after + 1);
    yield rows.map(lineOf);
    after = last.n;
  }
}

function missing(n: number): AppError {
  return new AppError(
    'STORE_ERROR',
    `Commit ${n} is missing in the database, although newer ones follow. Nothing was changed. Restore the database from a backup; \`countersign audit\` lists every fault.`,
  );
}

async function* printsTo(client: Client, to: number): AsyncGenerator<LinePrint[]> {
  for (let after = 0; after < to; ) {
    const end = await endOfBatch(client, after);
    if (end === undefined) return;
    const { rows } = await client.query<LinePrint>(
      `select n, encode(sha256(convert_to(line, 'UTF8')), 'hex') as print from commits where n > $1 and n <= $2 order by n`,
      [after, Math.min(end, to)],
    );
    yield rows;
    after = end;
  }
}

/** The lines of a database's log, as a place of a move gives them. */
export function databaseLinesOf(client: Client) {
  return {
    lines: (from: number) => linesFrom(client, from),
    prints: (to: number) => printsTo(client, to),
  };
}
