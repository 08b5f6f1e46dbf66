import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const SCRIPT = new URL('./tool-server.mjs', import.meta.url).pathname;

export type ToolCallSeen = { name: string; args: Record<string, unknown>; key?: string };

/** A test server (`tool-server.mjs`): starts it, steers it by files in its folder, and reads what happened to it. */
export type TestTools = {
  folder: string;
  /** The server's entry under mcpServers. */
  entry: (ways?: string) => Record<string, unknown>;
  describe: (text: string) => void;
  take: () => void;
  /** Lets calls of the tool `hold` be answered, those under way and those to come. */
  release: () => void;
  calls: () => ToolCallSeen[];
  /** The process ids of all starts. */
  started: () => number[];
  running: () => number[];
};

/** Whether a process has ended, though its parent has not collected it yet. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return fs.existsSync(file) && /\) Z /.test(fs.readFileSync(file, 'utf8'));
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** A fresh test server, not started yet. */
export function testTools(): TestTools {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-tools-'));
  const lines = (name: string) => {
    const file = path.join(folder, name);
    return fs.existsSync(file)
      ? fs
          .readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  };
  const started = () => lines('started').map(Number);
  onTestFinished(() => {
    for (const pid of started().filter(isRunning)) process.kill(pid, 'SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    entry: (ways = '') => ({
      command: process.execPath,
      args: [SCRIPT],
      env: { TOOL_SERVER_DIR: folder, TOOL_SERVER_WAYS: ways },
    }),
    describe: (text) => fs.writeFileSync(path.join(folder, 'description'), text),
    release: () => fs.writeFileSync(path.join(folder, 'released'), ''),
    take: () => fs.writeFileSync(path.join(folder, 'gone'), ''),
    calls: () => lines('calls').map((line) => JSON.parse(line)),
    started,
    running: () => started().filter(isRunning),
  };
}

/** Starts the test server behind HTTP on loopback, and gives its URL. */
export async function testToolsOverHttp(tools: TestTools, token = '', how = '--http'): Promise<string> {
  const env = { ...process.env, TOOL_SERVER_DIR: tools.folder, TOOL_SERVER_TOKEN: token };
  const child: ChildProcess = spawn(process.execPath, [SCRIPT, how], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('error', reject);
  });
  return `http://127.0.0.1:${port}/mcp`;
}

/** Writes HOME/config.json. */
export function writeConfig(home: string, config: object | string): void {
  fs.mkdirSync(home, { recursive: true });
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2);
  fs.writeFileSync(path.join(home, 'config.json'), text);
}
