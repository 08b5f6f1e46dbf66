import { describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { linesAfter, linesNumbered } from '../../src/store/postgres/connection/lines-after.ts';
import { openDatabase } from '../../src/store/postgres/connection/open-client.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { aDatabaseStore } from '../support/store.ts';
import { visited, write } from '../support/writes.ts';

describe('a log of large lines', () => {
  it('is read whole, a few MB at a time', async () => {
    const url = databaseUrlOf(aHome());
    const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) });
    onTestFinished(() => store.close());
    const sizes = [5, 1, 1, 1, 2, 6].map((mb) => mb << 20);
    for (const [at, size] of sizes.entries()) await write(store, visited(`c${at}`, 'x'.repeat(size)));
    const client = await openDatabase(databaseOf(url));
    onTestFinished(() => client.end());
    const commits = await store.read((view) => view.commits());
    const parts: { n: number; line: string }[][] = [];
    for (let after = 0; after < commits; after = parts.at(-1)?.at(-1)?.n ?? commits)
      parts.push(await linesAfter(client, after));
    expect(parts.flat().map(({ n }) => n)).toEqual(Array.from({ length: commits }, (_, at) => at + 1));
    for (const part of parts)
      expect(part.length === 1 || part.reduce((sum, { line }) => sum + line.length, 0) <= 4 << 20).toBe(true);
    expect(await linesAfter(client, commits)).toEqual([]);
    const named: { n: number }[] = [];
    for await (const part of linesNumbered(client, [1, commits])) named.push(...part);
    expect(named.map(({ n }) => n)).toEqual([1, commits]);
    expect(await store.check()).toMatchObject({ commits, faults: [] });
  });
});
