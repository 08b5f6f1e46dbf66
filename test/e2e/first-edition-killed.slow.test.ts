import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { walkLog } from '../../src/store/json/log/walk.ts';
import { buildFirstEdition } from '../support/first-edition.ts';
import { startLife } from '../support/lives.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { BUNDLE, baseEnv, type Connection, startServer, temporaryHome } from '../support/server.ts';

/** Imports one contact. Gives whether that was acknowledged. */
async function imports(server: Connection, id: string): Promise<boolean> {
  return !(await server.raw('import_contacts', { contacts: [{ id }] })).isError;
}

function eventsIn(home: string): Event[] {
  return [...walkLog(path.join(home, 'log'))].flatMap((step) => ('commit' in step ? step.commit.events : []));
}

function formatOf(home: string): string {
  const { format, raising } = JSON.parse(fs.readFileSync(path.join(home, 'home.json'), 'utf8'));
  return raising ? `${format}, unfinished` : `${format}`;
}

/** A process of the first edition writes, one that raises the home dies, the first one tries again, then the next comes. */
async function raisedWithDeath(program: string, grown: string, at: number): Promise<string> {
  const home = temporaryHome();
  fs.cpSync(grown, home, { recursive: true });
  const old = await startServer({ home, program });
  const acknowledged = ['p0', 'before'];
  expect(await imports(old, 'before')).toBe(true);
  const fault = { at, what: at % 2 === 0 ? ('kill' as const) : ('half' as const) };
  const { isKilled } = await startLife({ home, name: 'raises', seed: 1, count: 0, isOpening: true, fault }).ended;
  expect(isKilled).toBe(true);
  const isRaised = eventsIn(home).some(({ type }) => type === 'home_raised');
  const format = formatOf(home);
  // Until the barrier stands in the log, the first edition may go on. From then on it may not.
  const isGoingOn = await imports(old, 'between');
  expect(isGoingOn).toBe(!isRaised);
  if (isGoingOn) acknowledged.push('between');
  const next = await startServer({ home });
  const { contacts } = await next.call('list_contacts');
  expect(contacts.map(({ id }: { id: string }) => id).sort()).toEqual(acknowledged.sort());
  expect(formatOf(home)).toBe('2');
  expect(eventsIn(home).filter(({ type }) => type === 'old_lines_bound')).toHaveLength(1);
  expect(await imports(old, 'after')).toBe(false);
  await Promise.all([old.close(), next.close()]);
  const audit = spawnSync(process.execPath, [BUNDLE, 'audit'], { env: baseEnv(home), encoding: 'utf8' });
  expect([audit.status, audit.stdout]).toEqual([0, expect.stringContaining('whole')]);
  return `${isRaised ? 'barrier' : 'no barrier'}, format ${format}`;
}

onlyJson('a home of files, as the first edition wrote it').it(
  'a home of the first edition is raised by the next process, wherever the first one that raised it was killed',
  async () => {
    const program = buildFirstEdition();
    const first = await startServer({ program });
    await imports(first, 'p0');
    await first.close();
    const seen: string[] = [];
    for (let at = 1; !seen.at(-1)?.endsWith('2'); at++) seen.push(await raisedWithDeath(program, first.home, at));
    expect([...new Set(seen)]).toEqual([
      'no barrier, format 1',
      'barrier, format 1',
      'barrier, format 2, unfinished',
      'barrier, format 2',
    ]);
  },
);
