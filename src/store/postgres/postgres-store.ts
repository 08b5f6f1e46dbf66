import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Store } from '../store.ts';
import { databaseOf } from './connection/database-url.ts';
import type { PostgresTuning } from './postgres-tuning.ts';

/**
 * The store in a PostgreSQL database, shared by any number of processes on any machines. `url` names it (`databaseOf`). The
 * database is reached when it is first needed.
 */
export function createPostgresStore(
  url: string,
  deps: Pick<Deps, 'now' | 'newId' | 'log'>,
  adjusted: Partial<PostgresTuning> = {},
): Store {
  const database = databaseOf(url);
  throw new AppError('INTERNAL', `not built yet: ${database.shown} ${deps.newId('proc')} ${Object.keys(adjusted)}`);
}
