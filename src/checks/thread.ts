import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Task, TaskResult } from './task.ts';

/** The file of the built thread, beside the program. The build fills it in: from sources there is none. */
declare const CHECKS_FILE: string | undefined;

/** How long the thread may take to start, to do one task, and how long it stays without one. */
export type ThreadTiming = { startMs: number; taskMs: number; idleMs: number };

/** How often a thread gets its time at most. */
const MOST_ROUNDS = 4;

const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/** The thread ended before it had an answer. `isOwn`: it had done nothing else, so the task itself is the reason. */
export class ThreadEnded extends Error {
  readonly isOwn: boolean;

  constructor(why: string, isOwn: boolean) {
    super(why);
    this.isOwn = isOwn;
  }
}

/** Starts the thread's code: the built one, or, where the program runs from its sources, those, built as it starts. */
function startWorker(): Worker {
  const quiet = { stdout: true, stderr: true, env: {}, execArgv: [], resourceLimits: LIMITS };
  if (typeof CHECKS_FILE === 'string') return new Worker(path.join(__dirname, CHECKS_FILE), quiet);
  const entryPoints = [fileURLToPath(new URL('./thread-entry.ts', import.meta.url))];
  const how = JSON.stringify({ entryPoints, bundle: true, write: false, platform: 'node' });
  return new Worker(`eval(require('esbuild').buildSync(${how}).outputFiles[0].text)`, { ...quiet, eval: true });
}

/** The work of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * What a thread says next. Rejects with ThreadEnded where it ends first, or says nothing in `ms`. Where the machine is so
 * busy that the process did next to nothing in that time, the thread gets it again.
 */
function nextOf(worker: Worker, ms: number, isOwn: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const settle = (done: () => void) => {
      if (isSettled) return;
      isSettled = true;
      clearInterval(timer);
      for (const name of ['message', 'error', 'exit'] as const) worker.removeAllListeners(name);
      // Without a listener, an error that comes after the end would end the process.
      worker.on('error', () => undefined);
      done();
    };
    const fail = (why: string, own: boolean) => settle(() => reject(new ThreadEnded(why, own)));
    const began = cpuMs();
    let rounds = 0;
    const timer = setInterval(async () => {
      // Where this thread was busy itself, the answer may already be there.
      await turn();
      if (cpuMs() - began > ms / 2 || ++rounds === MOST_ROUNDS) fail(`takes longer than ${ms / 1_000} s`, true);
    }, ms);
    worker.once('message', (said) => settle(() => resolve(said)));
    worker.once('error', (error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      fail(isMemory ? 'takes more memory than there is for it' : `could not run: ${error.message}`, isOwn);
    });
    worker.once('exit', () => fail('ended its thread', isOwn));
  });
}

/**
 * The one thread that runs schemas. It is started for its first task, and ends after some time without one. A task that
 * takes too long ends it, and so may one that takes too much memory: the next task gets a new one.
 */
export class CheckThread {
  readonly #timing: ThreadTiming;
  #worker: Worker | undefined;
  #tasks = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(timing: ThreadTiming) {
    this.#timing = timing;
  }

  /** Does one task. The next may be given only when it is done. Rejects with ThreadEnded. */
  async run(task: Task): Promise<TaskResult> {
    clearTimeout(this.#idle);
    try {
      // A thread that ended while nobody waited for it has no id any more.
      const last = this.#worker;
      const worker = last && last.threadId !== -1 ? last : await this.#start();
      worker.ref();
      worker.postMessage(task);
      this.#tasks += 1;
      const said = await nextOf(worker, this.#timing.taskMs, this.#tasks === 1);
      worker.unref();
      this.#idle = setTimeout(() => this.end(), this.#timing.idleMs).unref();
      return resultIn(said);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #start(): Promise<Worker> {
    this.#worker = startWorker();
    this.#tasks = 0;
    await nextOf(this.#worker, this.#timing.startMs, false);
    return this.#worker;
  }
}

function resultIn(said: unknown): TaskResult {
  return typeof said === 'object' && said !== null ? { ...said } : { flaw: 'got no answer' };
}
