import { type ChildProcess, spawnSync } from 'node:child_process';
import { Socket } from 'node:net';
import type { JSONRPCMessage, ReadBuffer, Transport } from '@modelcontextprotocol/client';
import { AppError } from '../../domain/base/errors.ts';

const LONGEST_LINE = 2_000;
/** After its input has ended, a server has this long to end by itself. Then it gets SIGTERM, and after that SIGKILL. */
const TERM_AFTER_MS = 300;
const KILL_AFTER_MS = 400;

export type ProcessOptions = {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string | undefined;
  onStderr: (line: string) => void;
};

/** What a process needs of libraries, which are loaded only when a server is first started. */
type Libraries = {
  spawn: typeof import('cross-spawn');
  serialize: (message: JSONRPCMessage) => string;
  buffer: ReadBuffer;
  inherited: Readonly<Record<string, string>>;
};

function startProblem(command: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why = code === 'ENOENT' ? "wasn't found (or its cwd isn't a folder)" : `can't be run (${code})`;
  return new AppError('PROVIDER_ERROR', `its command "${command}" ${why}`);
}

/**
 * An MCP server as a child process, over MCP's stdio transport. On POSIX it leads a process group of its own, so that
 * what a wrapper such as npx started ends with it.
 */
export class ToolProcess implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #options: ProcessOptions;
  readonly #libraries: Libraries;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #isOver = false;

  constructor(options: ProcessOptions, libraries: Libraries) {
    this.#options = options;
    this.#libraries = libraries;
  }

  /**
   * The SDK knows by `pid` and `stderr` that this is a process. It then takes silence for an older protocol revision.
   */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get stderr(): undefined {
    return undefined;
  }

  start(): Promise<void> {
    const { command, args, env, cwd } = this.#options;
    const child = this.#libraries.spawn(command, [...args], {
      env: { ...this.#libraries.inherited, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.on('error', () => resolve());
    });
    child.once('close', () => {
      // What a wrapper such as npx left running has lost its client too.
      if (process.platform !== 'win32') this.#signal('SIGTERM');
      this.#isOver = true;
      this.onclose?.();
    });
    const { stdout } = child;
    stdout?.on('data', (chunk: Buffer) => {
      this.#take(chunk);
      // A server that writes without end must not keep other work waiting, so reading pauses for a turn.
      stdout.pause();
      setImmediate(() => stdout.resume());
    });
    this.#followStderr(child);
    // A call to the server has a time limit. The server alone doesn't keep this process alive.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      stream?.on('error', (error) => this.onerror?.(error));
      if (stream instanceof Socket) stream.unref();
    }
    return new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(startProblem(command, error)));
    });
  }

  #take(chunk: Buffer): void {
    const { buffer } = this.#libraries;
    try {
      buffer.append(chunk);
    } catch (error) {
      // The message is larger than the buffer, so where the next one begins is unknown.
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      void this.close();
      return;
    }
    for (;;) {
      try {
        const message = buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #followStderr(child: ChildProcess): void {
    let held = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const lines = (held + chunk.toString('utf8')).split('\n');
      held = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) this.#options.onStderr(line.slice(0, LONGEST_LINE));
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    const input = this.#child?.stdin;
    if (!input?.writable) return Promise.reject(new AppError('PROVIDER_ERROR', 'it has ended'));
    return new Promise((resolve) => {
      if (input.write(this.#libraries.serialize(message))) resolve();
      else input.once('drain', resolve);
    });
  }

  /** Ends the process and all that it started, in about a second at most. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#child?.stdin?.end();
    await this.#endsWithin(TERM_AFTER_MS);
    this.#signal('SIGTERM');
    await this.#endsWithin(KILL_AFTER_MS);
    this.kill();
    await this.#endsWithin(KILL_AFTER_MS);
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  /** Kills the process at once, for an exit that leaves no time. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #endsWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    return Promise.race([this.#ended, timeout]).finally(() => clearTimeout(timer));
  }

  #signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid;
    // After the process has ended, its number may belong to another one.
    if (pid === undefined || this.#isOver) return;
    if (process.platform === 'win32') {
      spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
      return;
    }
    try {
      process.kill(-pid, name);
    } catch {
      // The process group has ended already.
    }
  }
}

/** Prepares a server's process. The client that connects to it starts it. */
export async function toolProcess(options: ProcessOptions): Promise<ToolProcess> {
  const [{ ReadBuffer, serializeMessage }, { getDefaultEnvironment }, { default: spawn }] = await Promise.all([
    import('@modelcontextprotocol/client'),
    import('@modelcontextprotocol/client/stdio'),
    import('cross-spawn'),
  ]);
  return new ToolProcess(options, {
    spawn,
    serialize: serializeMessage,
    buffer: new ReadBuffer(),
    inherited: getDefaultEnvironment(),
  });
}
