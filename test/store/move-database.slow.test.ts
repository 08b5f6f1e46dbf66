import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeToken } from '../../src/domain/access/token.ts';
import { SCOPES } from '../../src/domain/base/author.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { outboxFileName, outboxMark, putInOutbox } from '../../src/files/outbox.ts';
import { tokenFilesOf } from '../../src/files/token-files.ts';
import { depsOf } from '../../src/process/deps.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { openStore } from '../../src/process/house.ts';
import { endMove } from '../../src/process/move.ts';
import { folderToFill } from '../../src/store/json/move/folder-to-fill.ts';
import { homeToMove } from '../../src/store/json/move/moving-home.ts';
import { moveHome } from '../../src/store/move/move-home.ts';
import type { MoveSource, MoveTarget } from '../../src/store/move/place.ts';
import { databaseToFill } from '../../src/store/postgres/move/database-to-fill.ts';
import { databaseToMove } from '../../src/store/postgres/move/database-to-move.ts';
import { withDatabase } from '../../src/store/postgres/move/open-to-move.ts';
import { migrateSchema } from '../../src/store/postgres/schema/migrate-schema.ts';
import type { Store } from '../../src/store/store.ts';
import { filesOf } from '../support/damage.ts';
import { freshFolder } from '../support/folders.ts';
import { type Scene, sceneIn } from '../support/lived-home.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { whole } from '../support/whole.ts';

const SEEDS = [11, 12, 13];
const quiet = () => undefined;
const now = () => new Date();
const deps = { now, newId: createIds(now), log: { debug: quiet, info: quiet, warn: quiet, error: quiet } };
const nothing = async () => undefined;
const MADE = '2026-02-02T00:00:00.000Z';
const SAVED: Event = {
  type: 'contacts_saved',
  contacts: [{ id: 'a', do_not_email: false, do_not_contact: false, created_at: MADE, updated_at: MADE }],
};

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
const unharmed: Strike = (target) => target;

function into(database: { url: string }, home: string, strike = unharmed) {
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

function settingsFor(home: string, database?: { url: string }) {
  const env = { COUNTERSIGN_HOME: home, ...(database ? { COUNTERSIGN_DATABASE_URL: database.url } : {}) };
  const settings = settingsOf(env, root);
  if ('problem' in settings) throw new Error(settings.problem);
  return settings;
}

/** Opens the home, in its folder or in a database, as a process does. */
async function at<T>(home: string, database: { url: string } | undefined, work: (store: Store) => Promise<T>) {
  const settings = settingsFor(home, database);
  const store = await openStore(settings, depsOf(settings));
  return work(store).finally(() => store.close());
}

/**
 * What a process finds in a home, wherever it is: its head, what is kept, and all that it tells of what the scene's people
 * and agents were at its end.
 */
function toldOf(home: string, { moments }: Scene, database?: { url: string }) {
  return at(home, database, async (store) => {
    const { head, commits } = await store.audit();
    const names = moments.at(-1)?.names ?? [];
    const told = await store.read((view) => [...whole(view, names)]);
    return { head, commits, told, secret: await store.secret(), kept: await store.recall('rev_abcdefghij') };
  });
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
    await endMove(settingsFor(home, { url }));
    expect(await into({ url }, home)).toMatchObject({ wasComplete: true });
    await outOf({ url }, path.join(root, 'back'));
    expect(logOf(path.join(root, 'back'))).toEqual(log);
  });
});

/** Saves somebody, has them do something, and erases them: the last lines before are rewritten. */
async function someoneGoes(store: Store): Promise<void> {
  const at = '2026-02-02T00:00:00.000Z';
  const contact = { id: 'passer-by', do_not_email: false, do_not_contact: false, created_at: at, updated_at: at };
  const seen = { contact_id: contact.id, type: 'page', properties: {}, timestamp: at };
  const write = (...events: Event[]) => store.commit('test', () => ({ events, value: undefined }));
  await write({ type: 'contacts_saved', contacts: [contact] });
  await write({ type: 'events_recorded', events: [seen] });
  await write({ type: 'contact_deleted', contact_id: contact.id, run_ids: [], stand_in: 'erased_passerby' });
  await store.forget('test');
}

describe('the outbox of a home', () => {
  it('moves with it into a database and back, without the files of who was erased meanwhile', async () => {
    const home = path.join(root, 'home');
    const written = new Date('2026-02-02T10:00:00.000Z');
    const names = ['a', 'b'].map((contact_id) =>
      outboxFileName({ run_id: 'run_1', contact_id, action_index: 0 }, 'eml'),
    );
    const [a = '', b = ''] = names;
    const bytes = Buffer.from([0xff, 0x00, 0x0d]);
    await at(home, undefined, (store) => store.commit('test', () => ({ events: [SAVED], value: undefined })));
    for (const name of names) await putInOutbox(home, { name, at: written, content: bytes });
    fs.writeFileSync(path.join(home, 'outbox', '.half.tmp'), 'x');
    const database = await aDatabase();
    await into(database, home);
    await at(home, database, async ({ outbox }) => {
      expect(await outbox?.read(a)).toEqual(bytes);
      expect((await outbox?.newest(9))?.sort()).toEqual([...names].sort());
      await outbox?.removeMarked(outboxMark('b'));
    });
    const back = path.join(root, 'back');
    await outOf(database, back);
    expect(fs.readdirSync(path.join(back, 'outbox'))).toEqual([a]);
    expect(fs.readFileSync(path.join(back, 'outbox', a))).toEqual(bytes);
    expect(fs.statSync(path.join(back, 'outbox', a)).mtime).toEqual(written);
    expect(fs.existsSync(path.join(back, 'outbox', b))).toBe(false);
  });
});

describe('the tokens of a home', () => {
  it('move with it into a database and back, also those that are made or revoked there', async () => {
    const home = path.join(root, 'home');
    const request = { name: 'Zoe', person: 'per_1', scopes: SCOPES, role: 'admin' as const, team: 1 };
    const [one, two] = [MADE, '2026-02-03T00:00:00.000Z'].map((time) => makeToken(request, new Date(time)).token);
    if (!one || !two) throw new Error('no token was made');
    await at(home, undefined, (store) => store.commit('test', () => ({ events: [SAVED], value: undefined })));
    tokenFilesOf(home).write(one);
    const database = await aDatabase();
    await into(database, home);
    const revoked = { ...one, revoked_at: MADE };
    await at(home, database, async ({ tokens }) => {
      expect(await tokens?.all()).toEqual([one]);
      await tokens?.write(two);
      await tokens?.write(revoked);
      expect(await tokens?.all()).toEqual([revoked, two]);
    });
    const back = path.join(root, 'back');
    await outOf(database, back);
    expect(tokenFilesOf(back).all()).toEqual([revoked, two]);
  });
});

describe('a home that moves into a database and back', () => {
  it.each(SEEDS)('is the same after each way, byte for byte, also what was written there: life %i', async (seed) => {
    const scene = await sceneIn(root, seed);
    const home = scene.homes.closed;
    await at(home, undefined, async (store) => {
      await store.forget('test');
      await store.keep('rev_abcdefghij', 'a value');
    });
    const before = await toldOf(home, scene);
    const log = logOf(home);
    const database = await aDatabase();
    expect(await into(database, home)).toEqual({ commits: before.commits, wasComplete: false });
    expect(await into(database, home)).toEqual({ commits: before.commits, wasComplete: true });
    expect(await toldOf(home, scene, database)).toEqual(before);
    const back = path.join(root, 'back');
    expect(await outOf(database, back)).toEqual({ commits: before.commits, wasComplete: false });
    expect(await outOf(database, back)).toEqual({ commits: before.commits, wasComplete: true });
    expect(logOf(back)).toEqual(log);
    expect(await toldOf(back, scene)).toEqual(before);

    const second = await aDatabase();
    await into(second, back);
    await at(home, second, someoneGoes);
    const there = await toldOf(home, scene, second);
    const again = path.join(root, 'again');
    await outOf(second, again);
    expect(await toldOf(again, scene)).toEqual(there);
    await expect(at(home, second, someoneGoes)).rejects.toThrow(`has moved to ${again}`);
  });
});
