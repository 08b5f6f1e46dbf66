import fs from 'node:fs';
import path from 'node:path';
import type { Event } from '../../../src/domain/state/events.ts';
import type { Store } from '../../../src/store/store.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Called before each read, write and request of a process, which waits for the promise; undefined lets it go on. */
export type Turnstile = (what: string) => Promise<void> | undefined;

/**
 * A store as one process has it, which can freeze that process right after a commit. While it is frozen, no read and no
 * write goes on, and its lease stays alive until `lapse`. So a test can stop a process in the middle of its work.
 */
export class Frost {
  /** The store to give to the process. */
  readonly store: Store;
  /** Resolved once the process is frozen. */
  readonly reached: Promise<void>;
  /** How often the store was asked for anything. */
  asked = 0;
  #isAfter: ((events: readonly Event[]) => boolean) | undefined;
  #frozen: Promise<void> | undefined;
  #isDead = false;
  #renewing: NodeJS.Timeout | undefined;
  #reach = () => {};
  #goOn = () => {};
  readonly #inner: Store;
  readonly #home: string;

  readonly #turnstile: Turnstile;

  constructor(inner: Store, home: string, turnstile: Turnstile) {
    this.#inner = inner;
    this.#home = home;
    this.#turnstile = turnstile;
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
    this.store = {
      ...inner,
      read: (look) => this.#turn('reads', () => inner.read(look)),
      commit: (author, decide) => this.#turn('writes', () => this.#commit(author, decide)),
      renew: async () => {
        if (!this.#frozen) await inner.renew();
      },
    };
  }

  get isFrozen(): boolean {
    return this.#frozen !== undefined;
  }

  /** Freezes the process after the first commit whose events `isAfter` takes; undefined switches that off. */
  freezeAfter(isAfter: ((events: readonly Event[]) => boolean) | undefined): void {
    this.#isAfter = isAfter;
  }

  /** Freezes the process at once. Its lease is renewed all the same. */
  freeze(): void {
    this.#isAfter = undefined;
    this.#frozen = new Promise((resolve) => {
      this.#goOn = resolve;
    });
    this.#setLease(0);
    this.#renewing = setInterval(() => this.#setLease(0), SECOND);
    this.#renewing.unref();
    this.#reach();
  }

  thaw(): void {
    clearInterval(this.#renewing);
    this.#frozen = undefined;
    this.#goOn();
  }

  /** Ends the process: from now on each of its reads and writes fails. */
  kill(): void {
    this.#isDead = true;
    this.thaw();
  }

  /** Lets the lease of the process run out. */
  lapse(): void {
    clearInterval(this.#renewing);
    this.#setLease(-HOUR);
  }

  /** Waits for as long as the process is frozen. */
  async pass(): Promise<void> {
    await this.#frozen;
    if (this.#isDead) throw new Error('the process was killed');
  }

  /** Does the work when the process may go on: at once where nothing holds it up, as a plain store does. */
  #turn<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.asked += 1;
    const turn = this.#turnstile(what);
    if (turn || this.#frozen || this.#isDead) return Promise.all([turn, this.pass()]).then(work);
    return work();
  }

  #commit: Store['commit'] = (author, decide) => {
    let written: readonly Event[] = [];
    const done = this.#inner.commit(author, (view) => {
      const decision = decide(view);
      written = decision.events;
      return decision;
    });
    if (!this.#isAfter?.(written)) return done;
    this.freeze();
    return this.pass().then(() => done);
  };

  #setLease(ms: number): void {
    const lease = path.join(this.#home, 'state', 'leases', this.#inner.holder);
    const at = new Date(Date.now() + ms);
    if (fs.existsSync(lease)) fs.utimesSync(lease, at, at);
  }
}
