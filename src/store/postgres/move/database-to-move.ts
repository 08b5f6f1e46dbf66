import type { Client } from 'pg';
import { AppError } from '../../../domain/base/errors.ts';
import type { OutboxFile } from '../../../files/outbox.ts';
import type { MoveSource } from '../../move/place.ts';
import { storedToken } from '../tokens-in-database.ts';
import { databaseLinesOf } from './database-lines.ts';

type MovedRow = { n: number; sha: string; moved_to: string | null; filling: string | null };

async function headOf(client: Client, shown: string): Promise<MovedRow> {
  const { rows } = await client.query<MovedRow>('select n, sha, moved_to, filling from head');
  const [head] = rows;
  if (!head) throw new AppError('STORE_ERROR', `There is no home in ${shown}. Nothing was changed.`);
  if (head.filling !== null)
    throw new AppError(
      'STORE_ERROR',
      `${shown} is being filled from ${head.filling}, and that hasn't ended. End that move first. Nothing was changed.`,
    );
  return head;
}

async function* outboxOf(client: Client): AsyncGenerator<OutboxFile> {
  const { rows: names } = await client.query<{ name: string }>('select name from outbox order by at, name');
  for (const { name } of names) {
    const { rows } = await client.query<OutboxFile>('select name, at, content from outbox where name = $1', [name]);
    yield* rows;
  }
}

/** The home in a database, to be moved elsewhere. `settle` ends the erasures that are under way. */
export function databaseToMove(client: Client, shown: string, settle: () => Promise<void>): MoveSource {
  return {
    shown,
    ...databaseLinesOf(client),
    movedTo: async () => (await headOf(client, shown)).moved_to ?? undefined,
    async newest() {
      const { n, sha } = await headOf(client, shown);
      return n === 0 ? undefined : { n, sha };
    },
    settle,
    async stop(to) {
      await client.query('update head set moved_to = $1 where moved_to is null', [to]);
      const { moved_to } = await headOf(client, shown);
      if (moved_to !== to)
        throw new AppError('STORE_ERROR', `The home in ${shown} has moved to ${moved_to} meanwhile.`);
    },
    arrived: async () => undefined,
    async beside() {
      const secrets = await client.query<{ value: Buffer }>('select value from secrets where name = $1', ['home']);
      const kept = await client.query<{ token: string; value: string; at: Date }>('select token, value, at from kept');
      const tokens = await client.query<{ body: string }>('select body from tokens');
      return {
        secret: secrets.rows[0]?.value,
        kept: kept.rows.map((row) => ({ ...row, value: Buffer.from(row.value, 'base64').toString('utf8') })),
        outbox: outboxOf(client),
        tokens: tokens.rows.flatMap(({ body }) => storedToken(body)),
      };
    },
  };
}
