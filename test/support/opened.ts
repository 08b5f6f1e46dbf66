import { spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import { BUNDLE, baseEnv } from './server.ts';

/** `countersign open` as a process without a terminal, as a desktop's menu starts it. */
export type OpenedDesk = {
  pid: number;
  /** What it wrote so far, on stdout and stderr. */
  said: () => string;
  printed: () => string;
  end: (signal?: NodeJS.Signals) => void;
  exit: Promise<number | null>;
};

/** Starts `countersign open` on a home. It ends with the test. */
export function startOpen(home: string, env: Record<string, string>, ...args: string[]): OpenedDesk {
  const child = spawn(process.execPath, [BUNDLE, 'open', ...args], {
    env: baseEnv(home, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, printed] = ['', ''];
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.stdout.on('data', (text) => {
    said += text;
    printed += text;
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return { pid: child.pid ?? -1, said: () => said, printed: () => printed, end: (by) => child.kill(by), exit };
}

/** Starts `countersign open` where nothing serves the desk yet, and waits until it says where it is. */
export async function startDesk(home: string, env: Record<string, string>): Promise<OpenedDesk> {
  const desk = startOpen(home, env);
  await expect.poll(desk.said, { timeout: 30_000 }).toContain('The desk is at http://localhost:');
  return desk;
}
