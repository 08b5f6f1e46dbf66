import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const isRoot = process.getuid?.() === 0;
/** Who servers of tests run as: whoever runs the tests, but nobody's account in place of root's. */
const ACCOUNT = isRoot ? 'nobody' : os.userInfo().username;
const idOf = (what: '-u' | '-g') => Number(execFileSync('id', [what, ACCOUNT], { encoding: 'utf8' }));

export type Account = { user: string; group: string; uid: number; gid: number };

export function account(): Account {
  const group = execFileSync('id', ['-gn', ACCOUNT], { encoding: 'utf8' }).trim();
  return { user: ACCOUNT, group, uid: idOf('-u'), gid: idOf('-g') };
}

/** How a program is run as that account: options for `spawn` and its kin. */
export function asAccount({ uid, gid }: Account) {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  return { env, ...(isRoot ? { uid, gid } : {}) };
}

/** Gives to the account what root made: a file, or a folder with all that is in it. */
export function own({ uid, gid }: Account, place: string): void {
  if (!isRoot) return;
  const inside = fs.statSync(place).isDirectory() ? fs.readdirSync(place, { recursive: true, encoding: 'utf8' }) : [];
  for (const each of ['', ...inside]) fs.chownSync(path.join(place, each), uid, gid);
}

/**
 * Ports of tests lie below those that the system gives to whoever asks for any. Beside each one stands another, its lock:
 * the process that has a port listens there until it ends, so that no two processes of tests can take the same.
 */
const [FIRST, PORTS, TO_LOCK] = [10_000, 10_000, 10_000];
let tried = (process.pid * 97) % PORTS;

async function listening(port: number): Promise<net.Server | undefined> {
  const server = net.createServer().unref();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** A port at which nobody listens, and which no other process of tests gets while this one lives. */
async function ownPort(): Promise<number> {
  for (let left = PORTS; left > 0; left--) {
    const port = FIRST + (tried++ % PORTS);
    const lock = await listening(port + TO_LOCK);
    const server = lock && (await listening(port));
    if (server) {
      await new Promise((resolve) => server.close(resolve));
      return port;
    }
    lock?.close();
  }
  throw new Error('No port is free for a server of a test');
}

export async function freePorts(): Promise<readonly [number, number]> {
  return [await ownPort(), await ownPort()];
}

/** A folder for one server, with these folders in it. */
export function serverFolder(name: string, folders: readonly string[]): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  for (const each of folders) fs.mkdirSync(path.join(folder, each), { recursive: true });
  return folder;
}

/**
 * `missing` says how the program is installed; `port`: where it greets whoever connects; `log`: the file in its folder
 * that gets what it has to say.
 */
type Daemon = { command: string; args: string[]; folder: string; log: string; port: number; missing: string };

type Watched = { server: ChildProcess; ended: Promise<void>; hasEnded: () => boolean; isMissing: () => boolean };

function watched(server: ChildProcess): Watched {
  let [hasEnded, isMissing] = [false, false];
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    server.once('exit', end).once('error', () => {
      isMissing = true;
      end();
    });
  });
  return { server, ended, hasEnded: () => hasEnded, isMissing: () => isMissing };
}

async function isThere(port: number): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true));
    for (const end of ['error', 'close'] as const) socket.once(end, () => resolve(false));
    socket.once('data', () => socket.destroy());
  });
}

/**
 * Starts a server that stays in the foreground, as an account without rights, and waits for its greeting. It ends with
 * the test, and its folder goes. Throws, with what the server wrote, where it ends before it greets.
 */
export async function startDaemon({ command, args, folder, log, port, missing }: Daemon): Promise<void> {
  const file = path.join(folder, log);
  const written = fs.openSync(file, 'a');
  own(account(), folder);
  const { server, ended, hasEnded, isMissing } = watched(
    spawn(command, args, { stdio: ['ignore', 'ignore', written], ...asAccount(account()) }),
  );
  fs.closeSync(written);
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  });
  while (!(await isThere(port))) {
    if (hasEnded())
      throw new Error(`${command} didn't start. ${isMissing() ? missing : fs.readFileSync(file, 'utf8')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
