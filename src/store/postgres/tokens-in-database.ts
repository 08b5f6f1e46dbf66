import { type Token, tokenFrom } from '../../domain/access/token.ts';
import type { SharedTokens } from '../store.ts';
import type { DatabaseAccess } from './access/database-access.ts';
import { withinTime } from './connection/within-time.ts';

const WRITE = 'insert into tokens (id, body) values ($1, $2) on conflict (id) do update set body = excluded.body';

/** What a row has; nothing where that is no token. */
export function storedToken(body: string): Token | [] {
  try {
    return tokenFrom(JSON.parse(body)) ?? [];
  } catch {
    return [];
  }
}

/** The tokens of a home as a table, which every process of the home reads. */
export function tokensInDatabase(access: DatabaseAccess): SharedTokens {
  const { connections } = access;
  return {
    all: () =>
      access.doing('Reading the tokens', async () => {
        const asked = withinTime('select body from tokens', []);
        const { rows } = await connections.untilDone((client) => client.query<{ body: string }>(asked));
        const found = rows.flatMap(({ body }) => storedToken(body));
        return found.sort((one, other) => (one.created_at < other.created_at ? -1 : 1));
      }),
    write: (token) =>
      access.doing('Writing a token', async () => {
        const asked = withinTime(WRITE, [token.id, JSON.stringify(token)]);
        await connections.untilDone((client) => client.query(asked));
      }),
  };
}
