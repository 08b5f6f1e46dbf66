import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readPrices } from '../../src/files/prices-file.ts';
import type { Store } from '../../src/store/store.ts';
import { compiled } from '../support/compiled.ts';
import { aContact, aHome } from '../support/fixtures.ts';
import { aFullDisk } from '../support/full-disk.ts';
import type { Used } from '../support/intruded-worker.ts';
import { contactsIn } from '../support/store.ts';
import { quietStore } from '../support/verified.ts';

let home: string;
beforeEach(() => {
  home = aHome();
});

const save = (store: Store, id: string) =>
  store.commit('test', () => ({
    events: [{ type: 'contacts_saved', contacts: [aContact({ id, email: `${id}@example.com` })] }],
    value: undefined,
  }));
const contacts = (store: Store) => store.read((view) => contactsIn(view).map(({ id }) => id));
const inHome = (...names: string[]) => path.join(home, ...names);

/** A home with two contacts, whose last process has gone. */
async function lived(): Promise<void> {
  const store = quietStore(home);
  for (const id of ['a', 'b']) await save(store, id);
  await store.close();
}

function filesOf(): string[] {
  const names = fs.readdirSync(home, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(inHome(name)).isFile());
  return files.map((name) => `${name} ${fs.readFileSync(inHome(name), 'base64')}`);
}

describe('a full or read-only disk', () => {
  it.each([
    ['ENOSPC', 'The disk is full: free some space'],
    ['EDQUOT', 'quota is used up: free some space'],
    ['EROFS', 'read-only: remount it'],
  ])(
    '(%s) still allows reading, refuses changes with advice, and takes changes again once it can',
    async (code, words) => {
      await lived();
      const store = quietStore(home);
      await save(store, 'c');
      const before = filesOf();
      const disk = aFullDisk(code);
      for (let i = 0; i < 3; i++)
        await expect(save(store, 'd')).rejects.toMatchObject({
          code: 'STORE_ERROR',
          message: expect.stringContaining(words),
        });
      expect(await contacts(store)).toEqual(['a', 'b', 'c']);
      expect(await contacts(quietStore(home))).toEqual(['a', 'b', 'c']);
      await store.close();
      expect(filesOf()).toEqual(before);
      disk.end();
      await save(store, 'e');
      expect(await contacts(quietStore(home))).toEqual(['a', 'b', 'c', 'e']);
    },
  );

  it('leaves a newest commit that was cut short where it is until its bytes can be kept elsewhere', async () => {
    await lived();
    const segment = inHome('log', '000000000001.jsonl');
    fs.truncateSync(segment, fs.statSync(segment).size - 9);
    const cut = fs.readFileSync(segment);
    const disk = aFullDisk('ENOSPC');
    const store = quietStore(home);
    expect(await contacts(store)).toEqual(['a']);
    await expect(save(store, 'c')).rejects.toMatchObject({ code: 'STORE_ERROR' });
    expect(fs.readFileSync(segment)).toEqual(cut);
    disk.end();
    await save(store, 'c');
    expect(await contacts(quietStore(home))).toEqual(['a', 'c']);
    const [kept = ''] = fs.readdirSync(inHome('set-aside'));
    expect(fs.readFileSync(inHome('set-aside', kept), 'utf8')).toContain('"id":"b"');
  });
});

describe('home.json', () => {
  it.each(['', '{', 'null', '[]', '{"format":"1"}', '{"format":0}', '{"format":null}', '\0\0\0\0'])(
    'that holds %j is refused with what it should hold, and nothing is touched',
    async (text) => {
      await lived();
      fs.writeFileSync(inHome('home.json'), text);
      const before = filesOf();
      const store = quietStore(home);
      const refusal = { code: 'STORE_ERROR', message: expect.stringMatching(/home\.json.*\{"format": 2\}.*Restore/s) };
      await expect(contacts(store)).rejects.toMatchObject(refusal);
      await expect(save(store, 'c')).rejects.toMatchObject(refusal);
      await store.close();
      expect((await store.check()).faults).toEqual([expect.stringContaining('home.json')]);
      expect(filesOf()).toEqual(before);
    },
  );

  it('of a newer version is refused, and nothing is touched', async () => {
    await lived();
    fs.writeFileSync(inHome('home.json'), '{"format": 3, "made_by": "tomorrow"}');
    const before = filesOf();
    const store = quietStore(home);
    const refusal = { code: 'STORE_ERROR', message: expect.stringMatching(/newer.*Update Countersign/s) };
    await expect(contacts(store)).rejects.toMatchObject(refusal);
    await expect(save(store, 'c')).rejects.toMatchObject(refusal);
    await store.close();
    expect(filesOf()).toEqual(before);
  });
});

describe('links that a person made', () => {
  it('are followed to the home as a whole, and to the files that are the person’s own', async () => {
    await lived();
    const link = `${home}-link`;
    fs.symlinkSync(home, link);
    const own = aHome();
    fs.writeFileSync(path.join(own, 'prices.json'), '{"m": {"input": 1, "output": 2}}');
    fs.symlinkSync(path.join(own, 'prices.json'), inHome('prices.json'));
    await save(quietStore(link), 'c');
    expect(await contacts(quietStore(home))).toEqual(['a', 'b', 'c']);
    fs.unlinkSync(link);
    expect(readPrices(home).size).toBe(1);
  });

  it('are not waited for where a pipe stands in their place', async () => {
    await lived();
    for (const name of ['config.json', 'prices.json']) execFileSync('mkfifo', [inHome(name)]);
    const { came } = used(home);
    for (const use of ['config', 'prices'])
      expect(came[use]).toMatch(/^STORE_ERROR: .*json can't be read.*move it away/);
    expect(came.read).toBe('ok');
  });
});

/** What each use of a home came to, in a process whose user isn't root. */
function used(where: string): Used {
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const worker = path.join(fs.mkdtempSync(path.join(aHome(), 'worker-')), 'worker.mjs');
  fs.copyFileSync(compiled('intruded-worker'), worker);
  if (isRoot) {
    execFileSync('chown', ['-R', '65534:65534', fs.realpathSync(where), path.join(path.dirname(worker), '..')]);
  }
  const { stdout, stderr } = spawnSync(process.execPath, [worker, where], {
    ...user,
    timeout: 25_000,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('a file or folder without permission', () => {
  it.each([
    ['home.json', ['read', 'write', 'audit']],
    ['log', ['read', 'write', 'audit']],
    ['log/000000000001.jsonl', ['read', 'write', 'audit']],
    ['state', ['read', 'write', 'keep']],
    ['state/contacts.json', ['read']],
    ['outbox', ['outbox', 'emptying the outbox']],
  ])('(%s) is refused by name and with advice, and nothing is lost once the permission is back', async (where, met) => {
    await lived();
    fs.mkdirSync(inHome('outbox'));
    const mode = fs.statSync(inHome(where)).mode;
    fs.chmodSync(inHome(where), 0);
    const { came } = used(home);
    fs.chmodSync(inHome(where), mode);
    const refusals = Object.entries(came).filter(([, text]) => text !== 'ok');
    expect(refusals.map(([use]) => use)).toEqual(expect.arrayContaining(met));
    for (const [, text] of refusals) {
      expect(text).toMatch(/^STORE_ERROR: .*EACCES.*Permission is missing: give this user/s);
      expect(text).toContain(inHome(where));
    }
    expect(await contacts(quietStore(home))).toEqual(['a', 'b']);
  });
});

describe('a clock that is set', () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('%s by a day leaves a working process alive and a dead one dead', async (_way, jump) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const [one, two] = [quietStore(home), quietStore(home)];
    const isAlive = () => two.read((view) => view.isAlive(one.holder));
    await save(one, 'a');
    for (const store of [one, two]) await store.renew();
    expect(await isAlive()).toBe(true);
    vi.setSystemTime(Date.now() + jump);
    expect(await isAlive()).toBe(false);
    // A process that works renews its lease every 3 s, whatever the clock says.
    vi.advanceTimersByTime(3_100);
    await one.renew();
    expect(await isAlive()).toBe(true);
    await save(one, 'b');
    expect(await contacts(two)).toEqual(['a', 'b']);
  });
});
