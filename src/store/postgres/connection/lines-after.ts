import type { Client } from 'pg';

/** A commit as the table of commits has it: `sha` is its digest, by which the next one names it. */
export type CommitRow = { n: number; sha: string; line: string };

/** So many lines are read together at most, and about so many bytes of them. */
const MOST_LINES = 200;
const MOST_BYTES = 4 << 20;

/**
 * The commits behind `after`, up to `to`, that are read together, oldest first: one at least, where there is one. An import writes lines of
 * megabytes, so that their number alone says nothing of how much they are.
 */
export async function linesAfter(client: Client, after: number, to = Number.MAX_SAFE_INTEGER): Promise<CommitRow[]> {
  // Only the lines that are given are read: the database knows the size of one without that.
  const { rows } = await client.query<CommitRow>(
    `select n, sha, line from (
       select n, sha, line, row_number() over w as place, sum(octet_length(line)) over w as bytes
       from (select * from commits where n > $1 and n <= $2 order by n limit ${MOST_LINES}) these
       window w as (order by n)
     ) counted
     where place = 1 or bytes <= ${MOST_BYTES} order by n`,
    [after, to],
  );
  return rows;
}
