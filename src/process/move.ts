import path from 'node:path';
import { AppError } from '../domain/base/errors.ts';
import { copyOwnFiles } from '../files/moved-files.ts';
import { outboxMark } from '../files/outbox.ts';
import { folderToFill } from '../store/json/move/folder-to-fill.ts';
import { homeToMove, isOnItsWay } from '../store/json/move/moving-home.ts';
import { endErasures } from '../store/move/end-erasures.ts';
import { type MoveResult, moveHome } from '../store/move/move-home.ts';
import { databaseOf } from '../store/postgres/connection/database-url.ts';
import { SteppedBack } from '../store/store.ts';
import { nodeLack } from './database.ts';
import { depsOf } from './deps.ts';
import type { DatabaseSettings, Settings } from './environment.ts';

/** A move as it ended, between two places as they are shown. */
export type EndedMove = MoveResult & { from: string; to: string };

function demandNode(): void {
  const lack = nodeLack(process.versions.node, 'A home moves to a database or out of one');
  if (lack !== undefined) throw new AppError('STORE_ERROR', lack);
}

/** Whether a word names a database rather than a folder. */
export function isDatabase(to: string): boolean {
  return /^postgres(ql)?:/i.test(to);
}

async function intoDatabase(settings: Settings, target: DatabaseSettings, tell: (text: string) => void) {
  const deps = depsOf(settings);
  const source = homeToMove(settings.home, deps);
  const { databaseToFill } = await import('../store/postgres/move/database-to-fill.ts');
  const { moveError, withDatabase } = await import('../store/postgres/move/open-to-move.ts');
  const { migrateSchema } = await import('../store/postgres/schema/migrate-schema.ts');
  const { shown } = databaseOf(target.url);
  await migrateSchema(target.url, target.ownerUrl).catch((error: unknown) => {
    throw moveError(error, shown);
  });
  return withDatabase(target, async (client) => {
    const result = await moveHome(source, databaseToFill(client, shown), tell);
    return { ...result, from: source.shown, to: shown };
  });
}

async function intoFolder(settings: Settings, folder: string, tell: (text: string) => void): Promise<EndedMove> {
  const { database } = settings;
  if (database === undefined)
    throw new AppError(
      'STORE_ERROR',
      'migrate --to DIR brings a home out of the database that COUNTERSIGN_DATABASE_URL names, and that is not set.',
    );
  const to = path.resolve(folder);
  const { databaseToMove } = await import('../store/postgres/move/database-to-move.ts');
  const { withDatabase } = await import('../store/postgres/move/open-to-move.ts');
  const target = folderToFill(to, () => copyOwnFiles(settings.home, to));
  const settle = async () => {
    const { createPostgresStore } = await import('../store/postgres/postgres-store.ts');
    const store = createPostgresStore(database.url, depsOf(settings), {}, { home: settings.home, writes: true });
    try {
      await endErasures(store, (id) => store.outbox?.removeMarked(outboxMark(id)));
      const back = store.stepBack();
      if (back) throw new SteppedBack(back);
    } finally {
      await store.close();
    }
  };
  return withDatabase(database, async (client, shown) => {
    const result = await moveHome(databaseToMove(client, shown, settle), target, tell);
    return { ...result, from: shown, to };
  });
}

/**
 * Moves the home to `to`: a home in a folder into a database, or the one in the database of the settings into a new folder.
 * `tell` hears how far it is. Throws AppError STORE_ERROR; then the same call goes on where this one ended.
 */
export async function moveTo(settings: Settings, to: string, tell: (text: string) => void): Promise<EndedMove> {
  demandNode();
  if (!isDatabase(to)) return intoFolder(settings, to, tell);
  const ownerUrl = settings.env.COUNTERSIGN_DATABASE_OWNER_URL;
  return intoDatabase(settings, { url: to, ...(ownerUrl === undefined ? {} : { ownerUrl }) }, tell);
}

/**
 * Ends the move of the home in the settings' folder into the settings' database, where whoever began it was ended between its
 * last two steps: the home takes no writes any more, and isn't whole in the database yet. Throws AppError STORE_ERROR.
 */
export async function endMove(settings: Settings): Promise<void> {
  const { home, database } = settings;
  if (database === undefined || !isOnItsWay(home, databaseOf(database.url).shown)) return;
  await intoDatabase(settings, database, () => undefined);
}
