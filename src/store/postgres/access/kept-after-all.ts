import { AppError } from '../../../domain/base/errors.ts';
import type { DatabaseConnections } from '../connection/connections.ts';
import { isDatabaseAway } from '../connection/faults.ts';
import type { LogHead } from '../memory/memory.ts';

/**
 * Whether commits up to `head` were kept whose answer was lost, as `error` says. Where they were not, they can't be kept later either.
 * Throws AppError STORE_ERROR where the database stays away, so that nobody can tell.
 */
export async function keptAfterAll(
  connections: DatabaseConnections,
  { n, sha }: Pick<LogHead, 'n' | 'sha'>,
  error: unknown,
): Promise<boolean> {
  if (!isDatabaseAway(error)) throw error;
  const asked = connections.untilDone((client) =>
    client.query<{ was_kept: boolean }>('select was_kept($1, $2)', [n, sha]),
  );
  const { rows } = await asked.catch((reason: unknown) => {
    if (!isDatabaseAway(reason)) throw reason;
    throw new AppError(
      'STORE_ERROR',
      'The database went away while this was written, and stays away: it may have been written or not. Once the database is back, look whether it was before you do it again.',
    );
  });
  return rows[0]?.was_kept === true;
}
