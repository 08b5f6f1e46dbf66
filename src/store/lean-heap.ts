import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';

/** An import reads for a while between two commits: only after a longer pause there is nothing more to come. */
const PAUSE_MS = 60_000;

/**
 * `much`: how many bytes are much, written or read without a long pause; who never pauses comes to that in the end. `percent`: by how
 * much the heap may then grow beyond what is in use. `mostNew`: where the space for new objects has so many bytes, it grows no more.
 * V8 of Node 20 stops at 32 MB. That of Node 24 would take 128 MB, and let the rest of the heap grow by half of that more before it
 * collects. With 16 MB an import takes a tenth more of the processor.
 */
type LeanTerms = { much: number; percent: number; mostNew: number };

/** V8 lets the space for new objects grow by so many times whenever many of them stay. */
const growNewBy = (factor: 1 | 2) => v8.setFlagsFromString(`--semi-space-growth-factor=${factor}`);

/** Those that the process has: there is one heap, so the smallest of their limits counts. */
const open = new Set<LeanHeap>();
const observer = new PerformanceObserver(limitNew);

function limitNew(): void {
  const most = Math.min(...[...open].map(({ terms }) => terms.mostNew));
  const spaces = v8.getHeapSpaceStatistics();
  const bytes = spaces.find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
  growNewBy(bytes < most ? 2 : 1);
}

function limitRest(): void {
  const percents = [...open].filter(({ isLean }) => isLean).map(({ terms }) => terms.percent);
  // 0: as V8 thinks best.
  v8.setFlagsFromString(`--heap-growing-percent=${percents.length > 0 ? Math.min(...percents) : 0}`);
}

/**
 * Keeps the heap small: the space for new objects until it is closed, the rest while a process writes a million things, or reads them from a
 * database, at the price of collecting garbage more often. By itself V8 lets the heap grow to several times what is in use: memory
 * that other programs of a laptop need.
 */
export class LeanHeap {
  readonly terms: LeanTerms;
  isLean = false;
  private timer: NodeJS.Timeout | undefined;
  /** The position of the log when the writing began. */
  private from = 0;
  private passed = 0;

  constructor(terms: LeanTerms) {
    this.terms = terms;
    // The space for new objects grows when garbage is collected.
    if (open.size === 0) observer.observe({ entryTypes: ['gc'] });
    open.add(this);
    limitNew();
  }

  /**
   * The process goes on writing, and the log has come to `position`, in bytes. Once that is much, the heap stays small,
   * until `end`, or until nobody calls this for a minute.
   */
  goOn(position: number): void {
    if (!this.timer || position < this.from) this.from = position;
    if (position - this.from >= this.terms.much) this.setLean(true);
    this.endLater();
  }

  /** The process goes on reading or writing, and so many bytes more have passed through it. */
  pass(bytes: number): void {
    this.passed += bytes;
    this.goOn(this.passed);
  }

  /** The process is about to read, and then to write, very much: the heap stays small from here on. */
  expectMuch(): void {
    this.setLean(true);
    this.endLater();
  }

  private endLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), PAUSE_MS);
    this.timer.unref();
  }

  private setLean(isLean: boolean): void {
    if (this.isLean === isLean) return;
    this.isLean = isLean;
    limitRest();
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.setLean(false);
  }

  /** Leaves the heap to V8. */
  close(): void {
    this.end();
    open.delete(this);
    if (open.size > 0) {
      limitNew();
    } else {
      observer.disconnect();
      growNewBy(2);
    }
  }
}
