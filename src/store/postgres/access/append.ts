import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import { dollarQuoted, inOneMessage } from '../connection/one-message.ts';
import { withinTime } from '../connection/within-time.ts';
import type { LinesDraft } from './draft.ts';

const APPEND_STATEMENT = 'select append($1, $2, $3, $4, $5, $6)';

/** Writes a draft with the rows that it changes. False where others came first: nothing was written then. */
export async function send(client: Client, { from, added, head }: LinesDraft, changes: string): Promise<boolean> {
  const lines = JSON.stringify(added);
  const values = [from.n, from.sha, from.epoch, lines, head.unsealed, changes];
  const { rows } = await client.query<{ append: boolean }>(
    withinTime(APPEND_STATEMENT, values, lines.length + changes.length),
  );
  return rows[0]?.append === true;
}

/** Writes a draft in a transaction that has everybody else wait, and ends the transaction, as one message. */
export async function sendLocked(client: Client, { from, added, head }: LinesDraft, changes: string): Promise<boolean> {
  if (added.length === 0) return client.query('commit').then(() => true);
  const [sha, lines, rows] = [from.sha, JSON.stringify(added), changes].map(dollarQuoted);
  const append = `select append(${from.n}, ${sha}, ${from.epoch}, ${lines}, ${head.unsealed}, ${rows})`;
  const [[answer] = []] = await inOneMessage(client, [append, 'commit'], append.length);
  return isObject(answer) && answer.append === true;
}
