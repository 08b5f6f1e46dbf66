import fs from 'node:fs';
import path from 'node:path';
import type { Event } from '../../../src/domain/state/events.ts';
import type { Store } from '../../../src/store/store.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Holds up who asks for something until it is their turn; undefined lets them through at once. */
export type Turnstile = (what: string) => Promise<void> | undefined;

/**
 * A process that can be stopped in the middle of what it does: right after a commit, as if it were frozen or dead. Nothing
 * of it goes on until it thaws, and its lease lives until it is said to have lapsed.
 */
export class Frost {
  /** The store as that process has it. */
  readonly store: Store;
  /** Done when the process stands still. */
  readonly reached: Promise<void>;
  /** How often the store was asked for anything. */
  asked = 0;
  #isAfter: ((events: readonly Event[]) => boolean) | undefined;
  #ice: Promise<void> | undefined;
  #isDead = false;
  #renewing: NodeJS.Timeout | undefined;
  #reach = () => {};
  #melt = () => {};
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
        if (!this.#ice) await inner.renew();
      },
    };
  }

  get isFrozen(): boolean {
    return this.#ice !== undefined;
  }

  /** Stands still after the first commit with such events. */
  freezeAfter(isAfter: ((events: readonly Event[]) => boolean) | undefined): void {
    this.#isAfter = isAfter;
  }

  /** Stands still at once; the lease lives on. */
  freeze(): void {
    this.#isAfter = undefined;
    this.#ice = new Promise((resolve) => {
      this.#melt = resolve;
    });
    this.#setLease(0);
    this.#renewing = setInterval(() => this.#setLease(0), SECOND);
    this.#renewing.unref();
    this.#reach();
  }

  thaw(): void {
    clearInterval(this.#renewing);
    this.#ice = undefined;
    this.#melt();
  }

  /** From now on everything that the process tries fails. */
  kill(): void {
    this.#isDead = true;
    this.thaw();
  }

  lapse(): void {
    clearInterval(this.#renewing);
    this.#setLease(-HOUR);
  }

  /** Waits for as long as the process stands still. */
  async pass(): Promise<void> {
    await this.#ice;
    if (this.#isDead) throw new Error('the process was killed');
  }

  /** At once, where nothing holds it up, as a store alone would do it. */
  #turn<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.asked += 1;
    const turn = this.#turnstile(what);
    if (turn || this.#ice || this.#isDead) return Promise.all([turn, this.pass()]).then(work);
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
