import pg from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { type LineHead, parseLine, readHead, rewriteLine } from '../../src/store/log/commit.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { aDatabaseStore } from '../support/store.ts';
import { saved, visited, write } from '../support/writes.ts';

/** What PostgreSQL says where a role hasn't the right. */
const DENIED = '42501';

/** A home whose processes work as a role that owns nothing, and a connection of that role. */
let store: Store;
let app: pg.Client;

beforeEach(async () => {
  const url = databaseUrlOf(aHome());
  store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) });
  app = new pg.Client(databaseOf(url).config);
  await app.connect();
  await app.query(`set search_path to ${databaseOf(url).schema}`);
  onTestFinished(async () => {
    await store.close();
    await app.end();
  });
});

async function lineOf(n: number): Promise<string> {
  const { rows } = await app.query<{ line: string }>('select line from commits where n = $1', [n]);
  return rows[0]?.line ?? '';
}

/** What an erasure would write in the place of a commit, with other events: a stand-in, another author and other digests as they are given. */
async function rewritten(n: number, stand_in: string, more: { by?: string; events?: Event[] } = {}) {
  const line = Buffer.from(await lineOf(n));
  const head: LineHead | undefined = readHead(line);
  const commit = head && parseLine(line, head);
  if (!commit) throw new Error(`commit ${n} is no commit`);
  const { events = [], ...others } = more;
  const changes = commit.events.map((before, index) => ({ before, after: events[index] }));
  const { line: next } = rewriteLine({ ...commit, ...others }, head, { erased: [stand_in], changes });
  return { item: [n, head.sha, head.own, next], line: next };
}

/** Asks for an erasure as the program does, and gives what the database answers: true, or why not. */
async function erased(item: unknown[], deletions: number[]): Promise<string | true> {
  return app.query('select erase_lines($1, $2)', [JSON.stringify([item]), deletions]).then(
    () => true as const,
    (error: unknown) => String(error),
  );
}

const deletion = (contact_id: string, stand_in: string): Event => ({
  ...{ type: 'contact_deleted', contact_id, stand_in, run_ids: [], thread_ids: [] },
});

describe('the role of the processes', () => {
  it.each([
    'update commits set line = line',
    'delete from commits',
    'truncate commits',
    'update decisions set n = n',
    'delete from decisions',
    'delete from redactions',
    'delete from head',
    'update format set version = 0',
    'update secrets set value = value',
    'delete from secrets',
    'create table own (n integer)',
    'drop table commits',
    'create or replace function erase_lines(rewritten jsonb, deletions bigint[]) returns void language sql as $$ $$',
    'create function own() returns void language sql as $$ $$',
  ])('may not %s', async (statement) => {
    await write(store, saved('a'));
    await expect(app.query(statement)).rejects.toMatchObject({ code: DENIED });
  });

  it('rewrites nothing by tables of its own that stand before the home’s', async () => {
    await write(store, saved('a'));
    const { item } = await rewritten(1, 'erased_1');
    const told = '{"type":"contact_deleted","contact_id":"a","stand_in":"erased_1"}';
    await app.query('create temporary table commits (n bigint, sha text, line text)');
    await app.query('insert into pg_temp.commits values (2, $1, $2)', ['', told]);
    expect(await erased(item, [2])).toMatch('not what an erasure leaves');
  });
});

describe('an erasure', () => {
  it('goes as far as the deletions in the log', async () => {
    await write(store, saved('vera'), visited('vera', 'prices'));
    await write(store, deletion('vera', 'erased_1'));
    const { item, line } = await rewritten(1, 'erased_1');
    expect(await erased(item, [2])).toBe(true);
    expect(await lineOf(1)).toBe(line);
  });

  it('leaves a line alone without a deletion, whatever it says', async () => {
    await write(store, saved('vera'));
    await write(store, saved('noor'));
    const { item, line } = await rewritten(1, 'erased_1');
    for (const deletions of [[], [2], [1, 2]]) expect(await erased(item, deletions)).not.toBe(true);
    expect(await lineOf(1)).not.toBe(line);
  });

  it('leaves a line alone that doesn’t name who was deleted, or that came later', async () => {
    await write(store, saved('noor'));
    await write(store, saved('vera'));
    await write(store, deletion('vera', 'erased_1'));
    await write(store, saved('vera'));
    for (const n of [1, 4]) {
      const { item } = await rewritten(n, 'erased_1');
      expect(await erased(item, [3])).toMatch('not what an erasure leaves');
    }
  });

  it('leaves a line alone where another author, or another line, would take its place', async () => {
    await write(store, saved('vera'));
    await write(store, deletion('vera', 'erased_1'));
    const { item } = await rewritten(1, 'erased_1', { by: 'somebody else' });
    expect(await erased(item, [2])).toMatch('not what an erasure leaves');
    const [, ...rest] = (await rewritten(1, 'erased_1')).item;
    expect(await erased([2, ...rest], [2])).toMatch('is another one');
  });

  it('leaves a line alone that another erasure has changed since it was read', async () => {
    await write(store, saved('vera'), saved('noor'));
    await write(store, deletion('vera', 'erased_1'));
    await write(store, deletion('noor', 'erased_2'));
    const late = await rewritten(1, 'erased_1');
    const first = await rewritten(1, 'erased_2');
    expect(await erased(first.item, [3])).toBe(true);
    expect(await erased(late.item, [2])).toMatch('is another one');
    expect(await lineOf(1)).toBe(first.line);
  });
});
