import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { countingLines } from '../../src/store/json/move/home-lines.ts';
import { freshFolder } from '../support/folders.ts';
import { aCommand, aWriter, type CommandRun, savedBy } from '../support/mover.ts';
import { newerNode } from '../support/postgres/newer-node.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { type PostgresServer, SUPERUSER, startPostgres } from '../support/postgres/server.ts';

let server: PostgresServer;
let node: string;
let root: string;
let home: string;
let schemas = 0;
let url: string;
let under: CommandRun[];

beforeAll(async () => {
  node = newerNode();
  server = await startPostgres(freshFolder('postgres'));
});
afterAll(() => server.remove());
beforeEach(() => {
  root = freshFolder('migrate');
  home = path.join(root, 'home');
  url = `${server.url()}?schema=home_${++schemas}`;
  under = [];
});
afterEach(async () => {
  for (const { child } of under) child.kill('SIGKILL');
  await Promise.all(under.map(({ end }) => end));
  fs.rmSync(root, { recursive: true, force: true });
});

const shown = () => url.replace(`:${SUPERUSER.password}`, '');
/** The lines of a log that count: of two writers of one commit, the line of one doesn't. */
const countedIn = (folder: string) =>
  [...countingLines(path.join(folder, 'log'), 1)].map(({ bytes }) => `${bytes}\n`).join('');

function run(args: string[], env: Record<string, string> = {}): CommandRun {
  const begun = aCommand(node, home, args, env);
  under.push(begun);
  return begun;
}

const into = () => run(['migrate', '--to', url]);
const outTo = (folder: string) => run(['migrate', '--to', folder], { COUNTERSIGN_DATABASE_URL: url });

function write(name: string, count: number): CommandRun {
  const writer = aWriter(home, name, count);
  under.push(writer);
  return writer;
}

/** What the database's head says; undefined while there is none. */
async function headIn(client: pg.Client): Promise<{ n: number; filling: string | null } | undefined> {
  try {
    const { rows } = await client.query(`select n, filling from home_${schemas}.head`);
    return { n: Number(rows[0].n), filling: rows[0].filling };
  } catch {
    return undefined;
  }
}

async function linesIn(client: pg.Client): Promise<string> {
  const { rows } = await client.query(`select string_agg(line, e'\\n' order by n) as log from home_${schemas}.commits`);
  return `${rows[0].log}\n`;
}

/** Works on the database as its superuser. */
async function looking<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** Kills a command at the moment at which something is so, if the command hasn't ended by then. */
async function killedOnce(moment: () => Promise<boolean> | boolean, { child, end }: CommandRun): Promise<void> {
  while (child.exitCode === null && !(await moment())) await wait(1);
  child.kill('SIGKILL');
  await end;
}

const hasMoved = () => fs.readFileSync(path.join(home, 'home.json'), 'utf8').includes('moved_to');

onlyJson('it begins with a home of files, and names the database itself').describe('countersign migrate', () => {
  it('killed at any moment goes on, while others write, and loses nothing that was acknowledged', async () => {
    await write('first', 600).end;
    await looking(async (client) => {
      const at = (n: number) => async () => ((await headIn(client))?.n ?? 0) > n;
      const moments = [
        async () => (await headIn(client)) !== undefined,
        async () => (await headIn(client))?.filling === home,
        at(0),
        at(300),
        at(599),
      ];
      for (const moment of moments) await killedOnce(moment, into());
      const writers = ['a', 'b'].map((name) => ({ name, run: write(name, 100_000) }));
      for (const { run } of writers) if (run.child.stdout) await once(run.child.stdout, 'data');
      await killedOnce(hasMoved, into());
      const last = await into().end;
      expect(last).toMatchObject({ code: 0 });
      const saved: string[] = [];
      for (const { name, run } of writers) {
        const ended = await run.end;
        expect(ended.told).toContain(`moved to ${shown()}`);
        saved.push(...savedBy(name, ended));
      }
      expect(saved.length).toBeGreaterThan(0);
      const log = await linesIn(client);
      const kept = new Set(Array.from(log.matchAll(/"id":"([^"]+)"/g), ([, id]) => id));
      expect(saved.filter((id) => !kept.has(id))).toEqual([]);
      expect(await into().end).toMatchObject({ code: 0, said: expect.stringContaining('nothing was left to be done') });
      expect(countedIn(home).startsWith(log)).toBe(true);
    });
  });

  it('refuses what it can’t do, with exit code 1, names no password, and leaves the home as it was', async () => {
    await write('first', 3).end;
    const wrong = 'Xq7-the-wrong-one';
    const cases = [
      ['migrate'],
      ['migrate', '--to', url.replace(SUPERUSER.password, wrong)],
      ['migrate', '--to', `postgres://postgres:${wrong}@127.0.0.1:1/postgres`],
      ['migrate', '--to', `postgres://postgres:${wrong}@database.example/postgres`],
      ['migrate', '--to', `postgres://postgres:${wrong}@127.0.0.1:${server.port}/not_there`],
      ['migrate', '--to', `postgres://postgres:${wrong}`],
      ['migrate', '--to', path.join(root, 'elsewhere')],
    ];
    for (const args of cases) {
      const { code, said, told } = await run(args).end;
      expect({ args, code, said }).toEqual({ args, code: 1, said: '' });
      expect(told).not.toContain(wrong);
      expect(told).not.toContain(SUPERUSER.password);
    }
    expect((await write('second', 3).end).code).toBe(0);
  });

  it('refuses a database and a folder with something in them', async () => {
    await write('first', 3).end;
    expect(await into().end).toMatchObject({ code: 0 });
    home = path.join(root, 'other');
    await write('other', 3).end;
    expect(await into().end).toMatchObject({ code: 1, told: expect.stringContaining(`${shown()} isn't empty`) });
    expect(await outTo(home).end).toMatchObject({ code: 1, told: expect.stringContaining(`${home} isn't empty`) });
    expect((await write('again', 3).end).code).toBe(0);
  });
});
