// Programs of others: installed from npm, run to their end, or ended once they have done what they were started for.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a client may take for what it is asked: one that hangs is ended then. */
const MOST_MS = 300_000;
/** A download: hundreds of packages and half a gigabyte at the worst, by whatever line there is. */
const MOST_DOWNLOAD_MS = 20 * 60_000;

/** Runs a program to its end. The result has its exit code and all that it printed. */
export function run(command, args, options) {
  return new Promise((resolve) => {
    const limits = { timeout: MOST_MS, maxBuffer: 2 ** 26, ...options };
    const child = execFile(command, args, limits, (error, out, err) => {
      const late = error?.killed ? `\nended after ${limits.timeout / 1000} s` : '';
      resolve({ code: error === null ? 0 : (error.code ?? 1), text: `${out}${err}${late}` });
    });
    child.stdin?.end();
  });
}

/** Installs a package into a folder of its own. The result is the package's description of itself. */
export async function installed(name, folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', name];
  const { code, text } = await run('npm', args, { cwd: folder, timeout: MOST_DOWNLOAD_MS });
  if (code !== 0) throw new Error(`npm can't install ${name}: ${text.slice(-500)}`);
  const bare = name.replace(/(?<=.)@[^@/]+$/, '');
  return JSON.parse(fs.readFileSync(path.join(folder, 'node_modules', bare, 'package.json'), 'utf8'));
}

/** Starts a program, waits until it has done something or has ended, and ends it and all that it started. */
export async function runUntil(isDone, command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const end = Date.now() + MOST_MS;
  while (!isDone() && child.exitCode === null && Date.now() < end) await pause(100);
  await Promise.race([ended, pause(2_000)]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  return text;
}

/** Ends what a client left running: a server in the background, in a session of its own, knows its person's home directory. */
export function endLeftOvers(home) {
  const pids = fs.existsSync('/proc/self/environ') ? fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  for (const pid of pids) {
    try {
      const isOurs = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`);
      if (isOurs) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or is somebody else's.
    }
  }
}
