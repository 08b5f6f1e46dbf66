import type { Wish } from './taking.ts';

/** Who is free waits so long for others of its process, so that one commit has the results of all of them. */
const GATHER_MS = 100;
/** A result waits at most this long for others, to be written in one commit with them. */
const WRITE_AFTER_MS = 100;
/** Where no contact is free, one is looked for again after this time. */
const LOOK_AGAIN_MS = 250;
const FIRST_SIZE = 50;
const MOST_SIZE = 250;
/** A part of the contacts should last about a second: then few are done twice where a process dies. */
const TOO_SHORT_MS = 1_000;
const TOO_LONG_MS = 3_000;

/** The contacts of a run that this process has in hand, and how it gets more. */
export type InHand = {
  /** A result waits at most so many ms for others. */
  writeAfterMs: number;
  /** The next contacts, at most so many; none at the end. `write` writes what is done, and takes more with that. */
  next: (most: number, write: () => Promise<void>) => Promise<string[]>;
  /** One of them has its outcome. */
  done: () => void;
  /** What to take with the next commit; undefined where nothing is needed, or another commit takes some. */
  wish: () => Wish | undefined;
  /** What that commit took; `isOver`: no contact of the run is left. */
  took: (ids: readonly string[], isOver: boolean) => void;
  /** This process takes no more, and whoever waits for the next ones gets none. */
  end: () => void;
};

/** All contacts of a run that one process has as a whole. */
export function allInHand(ids: readonly string[]): InHand {
  const left = [...ids];
  return {
    writeAfterMs: WRITE_AFTER_MS,
    next: async (most) => left.splice(0, most),
    done: () => undefined,
    wish: () => undefined,
    took: () => undefined,
    end: () => left.splice(0),
  };
}

/**
 * The contacts that a process takes of a run which others share, some at a time: as many as last a second, or with a
 * `limit` as many as may be under way.
 */
export class PartInHand implements InHand {
  readonly writeAfterMs: number;
  private readonly limit: number | undefined;
  private readonly signal: AbortSignal;
  private readonly ready: string[] = [];
  private readonly held = new Set<string>();
  private size: number;
  private waiting = 0;
  private underWay = 0;
  private refilling: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private isTaking = false;
  private isOver = false;
  private isEnded = false;
  private tookAt = 0;

  constructor(limit: number | undefined, signal: AbortSignal) {
    this.limit = limit;
    this.signal = signal;
    this.size = limit ?? FIRST_SIZE;
    // Each commit has all other processes wait, so a part is written as a whole, unless it lasts.
    this.writeAfterMs = limit === undefined ? TOO_SHORT_MS : WRITE_AFTER_MS;
  }

  async next(most: number, write: () => Promise<void>): Promise<string[]> {
    this.waiting += 1;
    try {
      while (this.lacks) {
        this.refilling ??= this.refill(write).finally(() => {
          this.refilling = undefined;
        });
        await this.refilling;
      }
    } finally {
      this.waiting -= 1;
    }
    const mine = this.signal.aborted || this.isEnded ? [] : this.ready.splice(0, most);
    this.underWay += mine.length;
    return mine;
  }

  done(): void {
    this.underWay -= 1;
    if (this.underWay === 0) this.wake();
  }

  private get lacks(): boolean {
    return this.ready.length === 0 && !this.isOver && !this.isEnded && !this.signal.aborted;
  }

  private async refill(write: () => Promise<void>): Promise<void> {
    if (this.underWay > 0) await this.rest(GATHER_MS);
    if (!this.lacks) return;
    await write();
    if (this.lacks) await this.rest(LOOK_AGAIN_MS);
  }

  /** Waits so long, or until there is something to do. */
  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wish(): Wish | undefined {
    if (this.isTaking || this.isOver || this.isEnded || this.signal.aborted || this.ready.length > 0) return undefined;
    if (this.waiting === 0 && this.underWay > 0) return undefined;
    this.isTaking = true;
    const { size, limit, held } = this;
    return { size, limit, held };
  }

  took(ids: readonly string[], isOver: boolean): void {
    this.isTaking = false;
    this.isOver = isOver;
    this.ready.push(...ids);
    for (const id of ids) this.held.add(id);
    if (ids.length > 0 || isOver) this.wake();
    if (ids.length > 0) this.keepPace();
  }

  end(): void {
    this.isEnded = true;
    this.wake();
  }

  private keepPace(): void {
    const now = performance.now();
    const lasted = now - this.tookAt;
    if (this.limit === undefined && this.tookAt > 0) {
      if (lasted < TOO_SHORT_MS) this.size = Math.min(MOST_SIZE, 2 * this.size);
      if (lasted > TOO_LONG_MS) this.size = Math.max(1, Math.ceil(this.size / 2));
    }
    this.tookAt = now;
  }
}
