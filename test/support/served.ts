import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { BUNDLE, baseEnv, temporaryHome } from './server.ts';

/** A home that is served over HTTP by the built program. */
export type Served = {
  home: string;
  url: string;
  pid: number;
  /** What it wrote on stderr so far. */
  said: () => string;
  /** Makes a token by the command, with these options after the name. */
  token: (name?: string, ...options: string[]) => string;
  /** Ends it, and gives its exit code, or the signal that killed it. */
  end: (signal?: NodeJS.Signals) => Promise<number | string>;
};

type ServedOptions = { home?: string; args?: string[]; env?: Record<string, string> };

/** Runs a command of the built program on a home to its end. */
export function command(home: string, args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
    env: baseEnv(home, env),
    encoding: 'utf8',
    // A command that should end, and serves instead, fails its test.
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

/** A token with every scope, of an admin, who sees all agents of the team, unless the options say otherwise. */
export function tokenIn(home: string, name = 'zoe', ...options: string[]): string {
  const scopes = options.includes('--scopes') ? [] : ['--scopes', 'read,write,trigger,approve'];
  const role = options.includes('--role') ? [] : ['--role', 'admin'];
  const { status, stdout, stderr } = command(home, ['token', 'add', name, ...scopes, ...role, ...options]);
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function exited(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? String(child.signalCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? String(signal))));
}

/** Starts `countersign serve` on a free port, and waits until it says where. It ends with the test. */
export async function serve({ home = temporaryHome(), args = [], env = {} }: ServedOptions = {}): Promise<Served> {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [BUNDLE, 'serve', ...port, ...args], {
    env: baseEnv(home, env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited(child);
  };
  onTestFinished(async () => void (await end('SIGKILL')));
  const file = path.join(home, 'serve.json');
  while (!said.includes('Countersign serves ')) {
    if (child.exitCode !== null) throw new Error(`serve didn't start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { url, pid } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { home, url, pid, said: () => said, token: (name, ...options) => tokenIn(home, name, ...options), end };
}
