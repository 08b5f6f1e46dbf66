import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiled } from '../support/compiled.ts';
import { aContact, aHome, anAgent, anIdentity, testDeps } from '../support/fixtures.ts';
import type { Used } from '../support/intruded-worker.ts';
import { agentsIn, aStore, contactsIn } from '../support/store.ts';

const SEGMENT = 'log/000000000001.jsonl';
/** What may stand in the place of a file or folder of the home. A link leads to `outside`. */
const KINDS = {
  'a link': (place: string, outside: string) => fs.symlinkSync(outside, place),
  'a link that leads nowhere': (place: string, outside: string) => fs.symlinkSync(`${outside}-nowhere`, place),
  'a pipe': (place: string) => execFileSync('mkfifo', [place]),
};
/** Files and folders of a home, each with the uses of the home that must be refused. */
const FILES: Record<string, string[]> = {
  'home.json': ['read', 'write', 'audit'],
  [SEGMENT]: ['read', 'write', 'audit'],
  'state/touched.json': ['read', 'write'],
  'state/contacts.json': ['read'],
  'state/agents/ag_1.json': ['read'],
  'state/secret.key': ['secret'],
  'state/reviews/rt_0123456789abc.json': [],
  'outbox/a.md': [],
};
const FOLDERS: Record<string, string[]> = {
  log: ['read', 'write', 'audit'],
  state: ['read', 'write', 'audit', 'keep', 'take', 'secret'],
  'state/agents': ['read', 'write'],
  'state/leases': ['read', 'write'],
  'state/reviews': ['read', 'write', 'keep', 'take'],
  'state/tmp': ['read', 'write'],
  outbox: ['outbox', 'emptying the outbox'],
};

const KIND_NAMES = ['a link', 'a link that leads nowhere', 'a pipe'] as const;

/** A home with a contact, an agent and everything that it may hold. */
async function makeHome(): Promise<string> {
  const home = aHome();
  const store = aStore(home, testDeps());
  await store.commit('test', () => ({
    events: [
      { type: 'contacts_saved', contacts: [aContact()] },
      { type: 'agent_saved', agent: anAgent({ id: 'ag_1' }) },
      { type: 'identity_saved', identity: anIdentity() },
    ],
    value: undefined,
  }));
  store.secret();
  store.keep('rt_00000000000', 'kept');
  store.renew();
  await store.close();
  for (const folder of ['outbox', 'state/leases', 'state/tmp'])
    fs.mkdirSync(path.join(home, folder), { recursive: true });
  return home;
}

/** Everything below a folder, with times and bytes. The time of a folder tells whether a file came or went. */
function treeOf(folder: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const stat = fs.statSync(path.join(folder, name));
    return `${name} ${stat.mtimeMs} ${stat.isFile() ? fs.readFileSync(path.join(folder, name), 'base64') : ''}`;
  });
}

type Intruded = { where: string; home: string; place: string; stored: string; outside: string; met: string[] };

/** A copy of a home with one place taken. What stood there is kept outside. */
function intruded(made: string, where: string, met: string[], kind: keyof typeof KINDS): Intruded {
  const [home, outside] = [aHome(), aHome()];
  fs.cpSync(made, home, { recursive: true });
  const place = path.join(home, where);
  const stored = path.join(outside, 'stored');
  if (fs.existsSync(place)) fs.renameSync(place, stored);
  else fs.writeFileSync(stored, 'of someone else');
  if (fs.statSync(stored).isDirectory()) {
    const old = path.join(stored, 'old.txt');
    fs.writeFileSync(old, 'old');
    fs.utimesSync(old, new Date('2020-01-01'), new Date('2020-01-01'));
  }
  KINDS[kind](place, stored);
  return { where, home, place, stored, outside, met };
}

/** What each use of each home came to, in a process of its own, because a use may hang. */
function usedAll(homes: readonly Intruded[]): Used[] {
  const args = [compiled('intruded-worker'), ...homes.map(({ home }) => home)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { timeout: 120_000, encoding: 'utf8' });
  const used = stdout.split('\n').slice(0, -1);
  expect({ stderr, hangs: homes[used.length]?.where }).toEqual({ stderr: '', hangs: undefined });
  return used.map((line): Used => JSON.parse(line));
}

const namesIn = (home: string) =>
  aStore(home, testDeps()).read((view) => [...contactsIn(view), ...agentsIn(view)].map(({ id }) => id));

describe('what stands in the place of a home’s own file or folder', () => {
  it.each(KIND_NAMES)(
    'is not followed, waited for or written through, and the refusal says where: %s',
    async (kind) => {
      const made = await makeHome();
      const all = [...Object.entries(FILES), ...Object.entries(FOLDERS)].map(([where, met]) =>
        intruded(made, where, met, kind),
      );
      const before = all.map(({ outside }) => treeOf(outside));
      const used = usedAll(all);
      for (const [index, { where, home, place, stored, outside, met }] of all.entries()) {
        const refusals = Object.entries(used[index]?.came ?? {}).filter(([, text]) => text !== 'ok');
        expect(
          refusals.map(([use]) => use),
          where,
        ).toEqual(expect.arrayContaining(met));
        for (const [use, text] of refusals) {
          expect(text, `${where}: ${use}`).toMatch(/^STORE_ERROR: .*keeps a (file|folder) of its own.*Move it away/s);
          expect(text, `${where}: ${use}`).toContain(`${place} is a `);
        }
        expect(treeOf(outside), where).toEqual(before[index]);
        fs.rmSync(place, { force: true });
        if (!where.includes('rt_') && !where.includes('a.md')) fs.renameSync(stored, place);
        expect(await namesIn(home), where).toEqual(['ct_sanne', 'ag_1']);
      }
    },
  );
});
