import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { BUNDLE, baseEnv } from './server.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What a command came to: its exit code, null where it was killed, and all that it said. */
export type CommandEnd = { code: number | null; said: string; told: string };
export type CommandRun = { child: ChildProcess; end: Promise<CommandEnd> };

function started(program: string, args: string[], env: Record<string, string>): CommandRun {
  const child = spawn(program, args, { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, told] = ['', ''];
  child.stdout.on('data', (bytes) => {
    said += bytes;
  });
  child.stderr.on('data', (bytes) => {
    told += bytes;
  });
  const end = once(child, 'close').then(([code]) => ({ code, said, told }));
  return { child, end };
}

/** Runs a command of the built program on a home. `node` is the program that runs it. */
export function aCommand(node: string, home: string, args: string[], env: Record<string, string> = {}): CommandRun {
  return started(node, [BUNDLE, ...args], baseEnv(home, env));
}

/** A process that saves contacts in a home, one commit each, and prints the number of each that was acknowledged. */
export function aWriter(home: string, name: string, count: number): CommandRun {
  const worker = path.join(import.meta.dirname, 'store-worker.ts');
  return started(process.execPath, ['--import', 'tsx', worker, home, name, String(count), '300'], baseEnv(home));
}

/** The contacts of a writer that were acknowledged. */
export function savedBy(name: string, { said }: CommandEnd): string[] {
  return said
    .split('\n')
    .slice(0, -1)
    .map((number) => `${name}-${number}`);
}
