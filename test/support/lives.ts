import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { compiled } from './compiled.ts';
import type { LifeOptions } from './life-worker.ts';

type End = { acknowledged: string[]; said: string; isKilled: boolean };

/** A process of `life-worker`. `ended` gives what was acknowledged to it, and what it wrote to stderr. */
export type Life = { child: ChildProcess; ended: Promise<End> };

/** Starts a process of `life-worker`. */
export function startLife(options: LifeOptions): Life {
  const child = spawn(process.execPath, [compiled('life-worker'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<End>((resolve) => {
    child.on('close', (_code, signal) =>
      resolve({ acknowledged: text.split('\n').slice(0, -1), said, isKilled: signal === 'SIGKILL' }),
    );
  });
  return { child, ended };
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

export function isStopped(pid: number | undefined): boolean {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim() === 'T';
}
