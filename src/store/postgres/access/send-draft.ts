import type { Client } from 'pg';
import { isObject } from '../../../domain/base/json.ts';
import { dollarQuoted, inOneMessage } from '../connection/one-message.ts';
import { withinTime } from '../connection/within-time.ts';
import type { LinesDraft } from './draft.ts';

/** Sends a draft to be written. False where others came first: nothing was written then. */
export async function sendDraft(client: Client, { from, head, added, changes }: LinesDraft): Promise<boolean> {
  const lines = JSON.stringify(added);
  const values = [from.n, from.sha, from.epoch, lines, head.unsealed, changes];
  const { rows } = await client.query<{ append: boolean }>({
    ...withinTime('select append($1, $2, $3, $4, $5, $6)', values, lines.length + changes.length),
    // The database reads and plans a statement with a name once for each connection.
    name: 'append',
  });
  return rows[0]?.append === true;
}

/** Sends a draft to be written and ends the transaction, as one message. False where it was drafted on another state than the locked one. */
export async function sendLocked(client: Client, { from, head, added, changes }: LinesDraft): Promise<boolean> {
  if (added.length === 0) return client.query('commit').then(() => true);
  const [one, two] = [dollarQuoted(JSON.stringify(added)), dollarQuoted(changes)];
  const append = `select append(${from.n}, ${dollarQuoted(from.sha)}, ${from.epoch}, ${one}, ${head.unsealed}, ${two})`;
  const [[answer] = []] = await inOneMessage(client, [append, 'commit'], one.length + two.length);
  return isObject(answer) && answer.append === true;
}
