import { type ChildProcess, spawnSync } from 'node:child_process';
import { Socket } from 'node:net';
import type { JSONRPCMessage, ReadBuffer, Transport } from '@modelcontextprotocol/client';
import { AppError } from '../../domain/base/errors.ts';

const LONGEST_LINE = 2_000;
/** After the end of its input a server has this long to end; then it is asked to, then made to. */
const ASK_AFTER_MS = 300;
const MAKE_AFTER_MS = 400;

export type ProcessOptions = {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string | undefined;
  onStderr: (line: string) => void;
};

type Kit = {
  spawn: typeof import('cross-spawn');
  serialize: (message: JSONRPCMessage) => string;
  buffer: ReadBuffer;
  inherited: Readonly<Record<string, string>>;
};

function startProblem(command: string, error: unknown): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why =
    code === 'ENOENT' ? "isn't a program that is found (nor may its cwd be a folder)" : `can't be run (${code})`;
  return new AppError('PROVIDER_ERROR', `its command "${command}" ${why}`);
}

/**
 * An MCP server as our child: MCP's stdio transport with a leash. On POSIX it leads a process group of its own, so that
 * what a wrapper such as npx started ends with it.
 */
export class ToolProcess implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #options: ProcessOptions;
  readonly #kit: Kit;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #isOver = false;

  constructor(options: ProcessOptions, kit: Kit) {
    this.#options = options;
    this.#kit = kit;
  }

  /** With `stderr`, what tells the SDK that this is a process, so that silence means an older protocol. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get stderr(): undefined {
    return undefined;
  }

  start(): Promise<void> {
    const { command, args, env, cwd } = this.#options;
    const child = this.#kit.spawn(command, [...args], {
      env: { ...this.#kit.inherited, ...env },
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
      // What a wrapper left behind has lost its client too.
      if (process.platform !== 'win32') this.#signal('SIGTERM');
      this.#isOver = true;
      this.onclose?.();
    });
    const { stdout } = child;
    stdout?.on('data', (chunk: Buffer) => {
      this.#take(chunk);
      // One that writes without end gets its turn, and no more than that.
      stdout.pause();
      setImmediate(() => stdout.resume());
    });
    this.#followStderr(child);
    // What waits for a server has a time limit; the server by itself is no reason to live.
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
    const { buffer } = this.#kit;
    try {
      buffer.append(chunk);
    } catch (error) {
      // A message beyond the buffer's limit: nothing after it can be told apart.
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
      if (input.write(this.#kit.serialize(message))) resolve();
      else input.once('drain', resolve);
    });
  }

  /** Ends the process and all it started, in less than a second. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#child?.stdin?.end();
    await this.#endsWithin(ASK_AFTER_MS);
    this.#signal('SIGTERM');
    await this.#endsWithin(MAKE_AFTER_MS);
    this.kill();
    await this.#endsWithin(MAKE_AFTER_MS);
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  /** Ends it this instant, for when there is no time left. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #endsWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    return Promise.race([this.#ended, patience]).finally(() => clearTimeout(timer));
  }

  #signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid;
    // The number of a process that is over may be another's.
    if (pid === undefined || this.#isOver) return;
    if (process.platform === 'win32') {
      spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
      return;
    }
    try {
      process.kill(-pid, name);
    } catch {
      // The whole group has ended.
    }
  }
}

/** Prepares a server's process; the client that connects to it starts it. */
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
