import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import type { KeptBeside, LogLine, MoveTarget, TargetState } from '../../move/place.ts';
import { databaseLinesOf } from './database-lines.ts';
import { RowMaker } from './row-maker.ts';
import { inTransaction } from './transaction.ts';

type HeadRow = { n: number; sha: string; unsealed: number; filling: string | null; moved_to: string | null };
async function headOf(client: Client, isLocked = false): Promise<HeadRow> {
  const { rows } = await client.query<HeadRow>(
    `select n, sha, unsealed, filling, moved_to from head${isLocked ? ' for update' : ''}`,
  );
  const [head] = rows;
  if (!head) throw new AppError('STORE_ERROR', 'The database has no head: it was altered. Restore it from a backup.');
  return head;
}

function stateOf({ n, filling, moved_to }: HeadRow): TargetState {
  if (filling !== null) return { filling };
  return n === 0 && moved_to === null ? 'empty' : 'home';
}

/** How many bytes stand behind the last seal, with their line feeds. */
function unsealedAfter(lines: readonly LogLine[], before: number): number {
  return lines.reduce((sum, { isSeal, bytes }) => (isSeal ? 0 : sum + bytes.length + 1), before);
}

function addLines(client: Client, lines: readonly LogLine[]): Promise<void> {
  return inTransaction(client, async () => {
    const head = await headOf(client, true);
    const [first] = lines;
    const last = lines.at(-1);
    if (!first || !last) return;
    if (first.n !== head.n + 1)
      throw new AppError('STORE_ERROR', 'Another move fills the database. Run this one again.');
    await client.query(
      'insert into commits (n, sha, line) select * from unnest($1::bigint[], $2::text[], $3::text[])',
      [lines.map(({ n }) => n), lines.map(({ sha }) => sha), lines.map(({ bytes }) => bytes.toString('utf8'))],
    );
    const unsealed = unsealedAfter(lines, head.unsealed);
    await client.query('update head set n = $1, sha = $2, unsealed = $3', [last.n, last.sha, unsealed]);
  });
}

/** Brings what the home has beside its log, and lets it be used: from one moment on all of it is there. */
function openFor(client: Client, { secret, kept, outbox, tokens }: KeptBeside): Promise<void> {
  return inTransaction(client, async () => {
    if (secret)
      await client.query(
        'insert into secrets (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
        ['home', secret],
      );
    for (const { token, value, at } of kept)
      await client.query(
        'insert into kept (token, at, value) values ($1, $2, $3) on conflict (token) do update set at = excluded.at, value = excluded.value',
        [token, at, Buffer.from(value).toString('base64')],
      );
    for await (const { name, at, content } of outbox)
      await client.query('insert into outbox (name, at, content) values ($1, $2, $3)', [name, at, content]);
    for (const token of tokens)
      await client.query('insert into tokens (id, body) values ($1, $2)', [token.id, JSON.stringify(token)]);
    await client.query('update head set filling = null');
  });
}

/** A database that a home is moved to, over a connection of its owner. `shown` is its URL without the password. */
export function databaseToFill(client: Client, shown: string): MoveTarget {
  const log = databaseLinesOf(client);
  const rows = new RowMaker(client);
  return {
    shown,
    ...log,
    state: async () => stateOf(await headOf(client)),
    async begin(from) {
      const { rowCount } = await client.query(
        'update head set filling = $1 where n = 0 and filling is null and moved_to is null',
        [from],
      );
      if (rowCount !== 1) throw new AppError('STORE_ERROR', `${shown} isn't empty. Nothing was changed.`);
    },
    newest: async () => (await headOf(client)).n,
    async has(n, sha) {
      const { rows } = await client.query('select from commits where n = $1 and sha = $2', [n, sha]);
      return rows.length === 1;
    },
    write: (lines) => addLines(client, lines),
    replace: (lines) =>
      inTransaction(client, async () => {
        for (const { n, sha, bytes } of lines)
          await client.query('update commits set line = $3 where n = $1 and sha = $2', [
            n,
            sha,
            bytes.toString('utf8'),
          ]);
      }),
    ready: () => rows.forward(log.lines),
    complete: (beside) => openFor(client, beside),
  };
}
