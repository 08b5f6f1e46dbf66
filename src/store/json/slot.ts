import fs from 'node:fs';
import path from 'node:path';
import type { Event } from '../../domain/events.ts';
import type { Stored } from './documents.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

/** Gives every event of commit `from` and later ones that touches a document, in order. */
export type Replay = (from: number, onEvent: (event: Event) => void) => void;

/** One document in memory, kept current by folding. */
export type AnySlot = {
  readonly key: string;
  take: (event: Event, n: number) => void;
  /** Writes the snapshot if this process's commits changed the document since it was last written. */
  save: () => void;
  markChanged: () => void;
};

export class Slot<S, D> implements AnySlot {
  readonly key: string;
  readonly state: S;
  private n: number;
  private changed = false;
  private readonly stored: Stored<S, D>;
  private readonly file: string;
  private readonly id: string;

  /**
   * Loads a document as of commit `now`. `touched` is the last commit that touched it: a snapshot at least that new is
   * current, an older one is brought up to date from the log, one from beyond the log's end is not believed.
   */
  constructor(stored: Stored<S, D>, key: string, directory: string, touched: number, now: number, replay: Replay) {
    this.stored = stored;
    this.key = key;
    this.id = key.slice(key.indexOf('/') + 1);
    this.file = path.join(directory, `${key}.json`);
    const snapshot = touched === 0 ? null : readSnapshot<D>(this.file);
    const usable = snapshot !== null && snapshot.n <= now ? snapshot : null;
    this.state = usable ? stored.load(usable.data) : stored.empty();
    this.n = usable?.n ?? 0;
    if (this.n < touched) {
      replay(this.n + 1, (event) => this.stored.fold(this.state, event, this.id));
      this.changed = true;
    }
    this.n = Math.max(this.n, touched);
  }

  take(event: Event, n: number): void {
    this.stored.fold(this.state, event, this.id);
    this.n = n;
  }

  markChanged(): void {
    this.changed = true;
  }

  save(): void {
    if (!this.changed) return;
    fs.mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    writeSnapshot(this.file, this.n, this.stored.dump(this.state));
    this.changed = false;
  }
}
