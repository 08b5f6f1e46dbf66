import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isObject } from '../domain/base/json.ts';
import { errorCode, linkOnce, makeFolder, readIfThere, readPlain } from './durable.ts';

/**
 * The process that serves a home over HTTP, and where: `HOME/serve.json`, so that other processes know the link. `local` is
 * the address at which it listens, where people use another one, which this machine may not reach. `HOME/desk.json` says
 * the same of a process that serves the desk alone.
 */
export type HomeServer = { pid: number; url: string; local?: string };
/** Which of the two files. */
export type ServerFile = 'serve.json' | 'desk.json';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** What a home's file says, whether or not that process lives; undefined where there is none, or it says nothing. */
function said(file: string): HomeServer | undefined {
  try {
    const value: unknown = JSON.parse(String(readIfThere(file) ?? 'null'));
    if (!isObject(value) || typeof value.pid !== 'number' || typeof value.url !== 'string') return undefined;
    const { pid, url, local } = value;
    return { pid, url, ...(typeof local === 'string' ? { local } : {}) };
  } catch {
    return undefined;
  }
}

/** The process that a home's file names, where one with that number lives. Another program may have got it by now. */
export function namedServer(home: string, name: ServerFile = 'serve.json'): HomeServer | undefined {
  const named = said(path.join(home, name));
  return named === undefined || named.pid === process.pid || !isAlive(named.pid) ? undefined : named;
}

/** The link of whoever serves a home, this process or another one that lives; undefined where nobody does. */
export function servedAt(home: string): string | undefined {
  const server = said(path.join(home, 'serve.json'));
  if (server === undefined || !isAlive(server.pid) || !/^https?:/.test(server.url)) return undefined;
  return URL.canParse(server.url) ? new URL(server.url).href : undefined;
}

/** Takes a file that says nothing true any more away, unless it isn't the one any more that said so. */
export function takeAway(file: string, outdated: Buffer | undefined): void {
  const aside = `${file}.${randomUUID()}.tmp`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (!outdated?.equals(readPlain(aside))) linkOnce(aside, file);
  fs.rmSync(aside, { force: true });
}

/**
 * Writes down where this process serves a home. Of several that do so at once, one gets to: `isServing` says whether the
 * process that a file names does serve. Gives the function that takes the file away, where it is still this one's; or the
 * other server.
 */
export async function announce(
  home: string,
  server: Omit<HomeServer, 'pid'>,
  isServing: (other: HomeServer) => Promise<boolean>,
  name: ServerFile = 'serve.json',
): Promise<(() => void) | HomeServer> {
  makeFolder(home);
  const file = path.join(home, name);
  const own = `${file}.${randomUUID()}.tmp`;
  fs.writeFileSync(own, `${JSON.stringify({ pid: process.pid, ...server })}\n`, { mode: 0o600, flag: 'wx' });
  try {
    while (!linkOnce(own, file)) {
      const found = readIfThere(file);
      const other = namedServer(home, name);
      if (other && (await isServing(other))) return other;
      takeAway(file, found);
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
  return () => {
    if (said(file)?.pid === process.pid) fs.rmSync(file, { force: true });
  };
}
