import { Worker } from 'node:worker_threads';

/** How often the lease is renewed, how often the loop shows that it turns, and how long it may not, all in ms. */
export type LeaseTiming = { renewMs: number; beatMs: number; hangMs: number };

const TIMING: LeaseTiming = { renewMs: 3_000, beatMs: 1_000, hangMs: 120_000 };
/** The thread ends once nobody has asked for the lease in so many beats: then nothing is in hand any more. */
const IDLE_BEATS = 8;
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

/**
 * What runs in the thread: it renews the file's time while the loop's beats go on, and for `most` looks after they stopped.
 * It counts looks and reads no clock for that, so that a machine that slept doesn't count as a loop that hangs. It never
 * makes the file: a lease that was dropped stays so.
 */
const CODE = `
const { workerData: { file, beats, renewMs, most } } = require('node:worker_threads');
const { lutimesSync } = require('node:fs');
let seen = -1;
let still = 0;
setInterval(() => {
  const now = Atomics.load(beats, 0);
  still = now === seen ? still + 1 : 0;
  seen = now;
  if (still > most) return;
  try {
    const time = new Date();
    lutimesSync(file, time, time);
  } catch {}
}, renewMs);
`;

/**
 * Renews a lease from a thread of its own, so that it doesn't depend on the loop being free. A loop that hangs for two
 * minutes loses the lease all the same: nobody could tell it from one that hangs forever.
 */
export class LeaseThread {
  readonly #file: string;
  readonly #timing: LeaseTiming;
  readonly #beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #worker: Worker | undefined;
  #beating: NodeJS.Timeout | undefined;
  #unasked = 0;

  constructor(file: string, timing: LeaseTiming = TIMING) {
    this.#file = file;
    this.#timing = timing;
  }

  /** Holds the lease from now on, until some seconds after the last call. */
  hold(): void {
    this.#unasked = 0;
    if (this.#worker) return;
    const { renewMs, hangMs } = this.#timing;
    const workerData = { file: this.#file, beats: this.#beats, renewMs, most: Math.floor(hangMs / renewMs) };
    const worker = new Worker(CODE, {
      ...{ eval: true, workerData, env: {}, execArgv: [], stdout: true, stderr: true },
      resourceLimits: LIMITS,
    });
    // Without the thread, the lease is renewed by the loop alone, as the work goes on.
    worker.on('error', () => this.end());
    worker.unref();
    this.#worker = worker;
    this.#beating = setInterval(() => this.#beat(), this.#timing.beatMs).unref();
  }

  end(): void {
    clearInterval(this.#beating);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #beat(): void {
    Atomics.add(this.#beats, 0, 1);
    this.#unasked += 1;
    if (this.#unasked > IDLE_BEATS) this.end();
  }
}
