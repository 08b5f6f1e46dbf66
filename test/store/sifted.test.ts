import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL } from '../../src/domain/state/queries.ts';
import { aContact, aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const PEOPLE = Array.from({ length: 40 }, (_, n) =>
  aContact({ id: `ct_${n}`, email: `c${n}@example.com`, plan: n % 4 === 0 ? 'pro' : 'trial' }),
);

/** A home with some contacts, and the snapshot of them. */
async function aClosedHome() {
  const home = aHome();
  const store = aStore(home, testDeps());
  await store.commit('test', () => ({ events: [{ type: 'contacts_saved', contacts: PEOPLE }], value: undefined }));
  await store.close();
  const folder = path.join(home, 'state', 'contacts');
  const [name = ''] = fs.readdirSync(folder);
  return { home, file: path.join(folder, name) };
}

async function search(home: string, filter: Record<string, unknown>) {
  const store = aStore(home, testDeps());
  try {
    const { rows, total } = await store.find.contacts({ filter }, ALL);
    const { matched } = await store.find.targets({ agent_id: 'ag_test', filter, limit: 3 });
    expect(matched).toBe(total);
    return rows.map(({ id }) => id);
  } finally {
    await store.close();
  }
}

const PRO = ['ct_36', 'ct_32', 'ct_28', 'ct_24', 'ct_20', 'ct_16', 'ct_12', 'ct_8', 'ct_4', 'ct_0'];

describe('a search in contacts that are on the disk', () => {
  it('finds them there', async () => {
    const { home } = await aClosedHome();
    expect(await search(home, { plan: 'pro' })).toEqual(PRO);
    expect(await search(home, { plan: 'none' })).toEqual([]);
    expect(await search(home, { plan: { $in: [] } })).toEqual([]);
    expect(await search(home, { plan: { $ne: 'trial' } })).toEqual(PRO);
  });

  it.each([
    ['altered by hand', (text: string) => text.replaceAll('"plan":"pro"', '"plan":"prx"')],
    ['cut', (text: string) => text.slice(0, text.length >> 1)],
    ['cut before its last line', (text: string) => text.slice(0, text.lastIndexOf('"crc"'))],
    ['of another format', (text: string) => text.replace(/"format": \d+/, '"format": 1')],
    ['empty', () => ''],
    ['one line', () => '{}'],
    ['no list', (text: string) => text.replace('"data": [', '"data": {')],
  ])('finds them in the log where the snapshot is %s', async (_how, spoil) => {
    const { home, file } = await aClosedHome();
    fs.writeFileSync(file, spoil(fs.readFileSync(file, 'utf8')));
    expect(await search(home, { plan: 'pro' })).toEqual(PRO);
    fs.rmSync(file, { force: true });
    expect(await search(home, { plan: 'pro' })).toEqual(PRO);
  });
});
