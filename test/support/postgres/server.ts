import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Binaries, serverBinaries } from './binaries.ts';

/** The superuser of a test's server. The password is one, so that a test can look for it where none may stand. */
export const SUPERUSER = { user: 'postgres', password: 'pw-of-the-superuser' } as const;

/** How a server goes: as its operator ends it, as a crash does (it recovers at the next start), or by a signal that leaves it no say. */
export type Ending = 'fast' | 'immediate' | 'kill';
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

/** A real PostgreSQL server on loopback. */
export type PostgresServer = {
  port: number;
  /** Where its data, its log and its Unix socket are. */
  folder: string;
  /** The URL of a database for a role, the superuser's without one. */
  url: (database?: string, role?: { user: string; password: string }) => string;
  /** Ends it. What it holds stays. */
  end: (how?: Ending) => Promise<void>;
  /** Starts it again on the same data and the same port. */
  start: () => Promise<void>;
  /**
   * Ends it, copies its data as somebody does who makes a backup, and starts it again. Gives what puts the copy in the place of the
   * data, as often as wanted.
   */
  backUp: () => Promise<() => Promise<void>>;
  /** Ends it and removes what it holds. */
  remove: () => Promise<void>;
};

/** Runs a server until its stdin ends: then whoever started it has gone, in whatever way, and the server goes too. */
const UNTIL_LEFT = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
(while read -r _; do :; done <&3; kill -INT $server 2>/dev/null) &
watcher=$!
wait $server
kill $watcher 2>/dev/null
exit 0`;

const TRIES = 5;

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

function makeCluster({ initdb, as }: Binaries, folder: string): void {
  const passwordFile = path.join(folder, 'password');
  fs.writeFileSync(passwordFile, SUPERUSER.password);
  if (as.uid !== undefined && as.gid !== undefined)
    for (const file of [folder, passwordFile]) fs.chownSync(file, as.uid, as.gid);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const login = ['--auth=scram-sha-256', `--username=${SUPERUSER.user}`, `--pwfile=${passwordFile}`];
  execFileSync(initdb, ['--no-sync', `--pgdata=${path.join(folder, 'data')}`, ...login, ...locale], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  fs.rmSync(passwordFile);
}

function logOf(folder: string): string {
  const file = path.join(folder, 'log');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/** Starts the server, and waits until it takes connections. Gives its process; undefined where the port was taken meanwhile. */
async function startIn({ postgres, as }: Binaries, folder: string, port: number): Promise<ChildProcess | undefined> {
  const said = logOf(folder).length;
  const log = fs.openSync(path.join(folder, 'log'), 'a');
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 400,
    fsync: 'on',
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [postgres, '-D', path.join(folder, 'data'), '-p', String(port), ...words];
  const child = spawn('/bin/sh', ['-c', UNTIL_LEFT, 'sh', ...command], {
    ...as,
    stdio: ['pipe', log, log],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  fs.closeSync(log);
  for (;;) {
    const news = logOf(folder).slice(said);
    if (news.includes('ready to accept connections')) return child;
    if (child.exitCode !== null) {
      if (news.includes('Address already in use')) return undefined;
      throw new Error(`The PostgreSQL server did not start:\n${news}`);
    }
    await wait(10);
  }
}

/** Puts a copy of a folder in the place of another one, each file with its owner and its rights. */
function replaceFolder(folder: string, by: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  execFileSync('cp', ['-a', by, folder]);
}

function processOf(folder: string): number {
  return Number(fs.readFileSync(path.join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

async function endOf(child: ChildProcess, folder: string, how: Ending): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(processOf(folder), SIGNALS[how]);
  await ended;
}

/** Makes a server in an empty folder, and starts it on a free port. It ends with this process, however that ends. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const binaries = serverBinaries();
  makeCluster(binaries, folder);
  let port = await freePort();
  let running = await startIn(binaries, folder, port);
  for (let tries = 1; running === undefined && tries < TRIES; tries++) {
    port = await freePort();
    running = await startIn(binaries, folder, port);
  }
  if (running === undefined) throw new Error('No port stayed free for the PostgreSQL server.');
  let child = running;
  const end = (how: Ending = 'fast') => endOf(child, folder, how);
  const start = async () => {
    const again = await startIn(binaries, folder, port);
    if (again === undefined) throw new Error(`Port ${port} was taken meanwhile.`);
    child = again;
  };
  const [data, copy] = [path.join(folder, 'data'), path.join(folder, 'copy')];
  return {
    port,
    folder,
    url(database = 'postgres', { user, password } = SUPERUSER) {
      return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
    },
    end,
    start,
    async backUp() {
      await end();
      replaceFolder(copy, data);
      await start();
      return async () => {
        await end('immediate');
        replaceFolder(data, copy);
        await start();
      };
    },
    async remove() {
      await end('immediate');
      fs.rmSync(folder, { recursive: true, force: true });
      binaries.drop();
    },
  };
}
