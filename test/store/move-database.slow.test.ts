import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { endMove } from '../../src/process/move.ts';
import { folderToFill } from '../../src/store/json/move/folder-to-fill.ts';
import { homeToMove } from '../../src/store/json/move/moving-home.ts';
import { moveHome } from '../../src/store/move/move-home.ts';
import type { MoveSource, MoveTarget } from '../../src/store/move/place.ts';
import { databaseToFill } from '../../src/store/postgres/move/database-to-fill.ts';
import { databaseToMove } from '../../src/store/postgres/move/database-to-move.ts';
import { withDatabase } from '../../src/store/postgres/move/open-to-move.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import { filesOf } from '../support/damage.ts';
import { freshFolder } from '../support/folders.ts';
import { sceneIn, storeOf } from '../support/lived-home.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';

const SEEDS = [11, 12, 13];
const quiet = () => undefined;
const now = () => new Date();
const deps = { now, newId: createIds(now), log: { debug: quiet, info: quiet, warn: quiet, error: quiet } };
const nothing = async () => undefined;

let server: PostgresServer;
let root: string;
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());
beforeEach(() => {
  root = freshFolder('move');
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

/** A database of its own for a home, as a schema. */
async function aDatabase(): Promise<{ url: string }> {
  const url = `${server.url()}?schema=move_${++schemas}`;
  await migrateSchema(url);
  return { url };
}

type Strike = (target: MoveTarget) => MoveTarget;
const whole: Strike = (target) => target;

function into(database: { url: string }, home: string, strike = whole) {
  return withDatabase(database, (client, shown) =>
    moveHome(homeToMove(home, deps), strike(databaseToFill(client, shown)), quiet),
  );
}

function outOf(database: { url: string }, folder: string, work?: (source: MoveSource) => MoveSource) {
  return withDatabase(database, (client, shown) => {
    const source = databaseToMove(client, shown, nothing);
    return moveHome(work ? work(source) : source, folderToFill(folder, quiet), quiet);
  });
}

const logOf = (home: string) => filesOf(path.join(home, 'log'));

async function headOf(home: string) {
  const store = storeOf(home);
  const { head, commits } = await store.audit();
  return { head, commits, secret: await store.secret(), kept: await store.recall('rev_abcdefghij') };
}

describe('a move that ended between the last two steps', () => {
  it('is ended by whoever opens the database on the same machine', async () => {
    const home = (await sceneIn(root, 14)).homes.closed;
    const { url } = await aDatabase();
    const log = logOf(home);
    const strike: Strike = (target) => ({
      ...target,
      complete: async () => {
        throw new Error('struck');
      },
    });
    await expect(into({ url }, home, strike)).rejects.toThrow('struck');
    expect(fs.readFileSync(path.join(home, 'home.json'), 'utf8')).toContain('moved_to');
    const settings = settingsOf({ COUNTERSIGN_HOME: home, COUNTERSIGN_DATABASE_URL: url }, root);
    if ('problem' in settings) throw new Error(settings.problem);
    await endMove(settings);
    expect(await into({ url }, home)).toMatchObject({ wasComplete: true });
    await outOf({ url }, path.join(root, 'back'));
    expect(logOf(path.join(root, 'back'))).toEqual(log);
  });
});

describe('a home that moves into a database and back', () => {
  it.each(SEEDS)('is the same after it, byte for byte: life %i', async (seed) => {
    const home = (await sceneIn(root, seed)).homes.closed;
    const store = storeOf(home);
    await store.forget('test');
    await store.keep('rev_abcdefghij', 'a value');
    await store.close();
    const before = await headOf(home);
    const log = logOf(home);
    const database = await aDatabase();
    expect(await into(database, home)).toEqual({ commits: before.commits, wasComplete: false });
    expect(await into(database, home)).toEqual({ commits: before.commits, wasComplete: true });
    const back = path.join(root, 'back');
    expect(await outOf(database, back)).toEqual({ commits: before.commits, wasComplete: false });
    expect(await outOf(database, back)).toEqual({ commits: before.commits, wasComplete: true });
    expect(logOf(back)).toEqual(log);
    expect(await headOf(back)).toEqual(before);
  });
});
