import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { SUPERUSER } from '../support/postgres/server.ts';
import { aDatabaseStore } from '../support/store.ts';
import { saved, write } from '../support/writes.ts';

const SPOILT: readonly [what: string, spoil: string, told: RegExp][] = [
  [
    'an old line altered',
    `update commits set line = replace(line, '"b@', '"x@') where n = 2`,
    /commit 2 of the database was altered/,
  ],
  [
    'the newest line altered',
    `update commits set line = replace(line, '"by":"', '"by":"x') where n = 4`,
    /commit 4 of the database was altered/,
  ],
  ['a line gone', 'delete from commits where n = 2', /commit 2 is missing/],
  [
    'a line behind the end',
    `insert into commits select 5, sha, line from commits where n = 4`,
    /commit 5 stands behind commit 4/,
  ],
  ['the newest line gone', 'delete from commits where n = 4', /the commits end at 3, but the head knows of 4/],
  [
    'two lines swapped',
    'update commits c set line = o.line, sha = o.sha from commits o where c.n in (2, 3) and o.n = 5 - c.n',
    /commit 2 of the database was altered/,
  ],
  [
    'another end',
    `delete from commits where n = 4; update head set n = 3, sha = (select sha from commits where n = 2)`,
    /commit 3 isn't the one that the head names/,
  ],
];

describe('an audit of a log in a database that someone touched', () => {
  it('finds no fault in what others commit meanwhile', async () => {
    const url = databaseUrlOf(aHome());
    const deps = { ...testDeps(), newId: createIds(() => new Date()) };
    const [store, other] = [aDatabaseStore(url, deps), aDatabaseStore(url, deps)];
    onTestFinished(() => Promise.all([store.close(), other.close()]).then(() => undefined));
    await write(store, saved('a'));
    let isOver = false;
    const writing = (async () => {
      for (let count = 0; !isOver; count++) await write(other, saved(`c${count}`));
    })();
    for (let count = 0; count < 20; count++) {
      expect((await store.audit()).faults).toEqual([]);
      expect((await store.check()).faults).toEqual([]);
    }
    isOver = true;
    await writing;
  });

  it.each(SPOILT)('tells of %s', async (_what, spoil, told) => {
    const url = databaseUrlOf(aHome());
    const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) }, { segmentBytes: 1 << 20 });
    onTestFinished(() => store.close());
    for (const id of ['a', 'b', 'c', 'd']) await write(store, saved(id));
    expect((await store.audit()).faults).toEqual([]);
    const { config, schema } = databaseOf(url);
    const owner = new pg.Client({ ...config, ...SUPERUSER });
    await owner.connect();
    onTestFinished(() => owner.end());
    await owner.query(`set search_path to ${schema}; ${spoil}`);
    expect((await store.audit()).faults.join('\n')).toMatch(told);
    expect((await store.check()).faults.join('\n')).not.toBe('');
  });
});
