import type { Client } from 'pg';

/** A commit as the table of commits has it: `sha` is its digest, by which the next one names it. */
export type CommitRow = { n: number; sha: string; line: string };

/** So many lines are read together at most, and about so many bytes of them. */
const MOST_LINES = 200;
const MOST_BYTES = 4 << 20;

/**
 * Of the commits that a query finds, those that are read together, oldest first: one at least, where there is one. An import writes lines of
 * megabytes, so that their number alone says nothing of how much they are. The database knows the size of a line without reading it.
 */
const together = (found: string) =>
  `select n, sha, line from (
     select n, sha, line, row_number() over w as place, sum(octet_length(line)) over w as bytes
     from (${found} order by n limit ${MOST_LINES}) these window w as (order by n)
   ) counted
   where place = 1 or bytes <= ${MOST_BYTES} order by n`;

const BEHIND = together('select * from commits where n > $1 and n <= $2');
const NAMED = together('select * from commits where n = any($1)');
const NAMING = together(
  `select * from commits where n > $1 and n <= $2
     and ($3::text[] is null or exists (select from unnest($3::text[]) w where position(w in line) > 0))`,
);

/** The next commits behind `after`, up to `to`; none at the end. */
export async function linesAfter(client: Client, after: number, to = Number.MAX_SAFE_INTEGER): Promise<CommitRow[]> {
  return (await client.query<CommitRow>(BEHIND, [after, to])).rows;
}

/** The same of those in whose lines one of these texts stands; without texts of all. */
export async function linesNaming(client: Client, texts: readonly string[] | undefined, after: number, to: number) {
  return (await client.query<CommitRow>(NAMING, [after, to, texts ?? null])).rows;
}

/** The commits with these numbers, in parts. */
export async function* linesNumbered(client: Client, numbers: readonly number[]): AsyncGenerator<CommitRow[]> {
  for (let left = [...numbers]; ; ) {
    const { rows } = await client.query<CommitRow>(NAMED, [left]);
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    left = left.filter((n) => n > last.n);
  }
}
