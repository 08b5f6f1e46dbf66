import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';

/** An import reads for a while between two commits: only after a longer pause there is nothing more to come. */
const PAUSE_MS = 60_000;
/**
 * `much`: how many bytes are much, written or read without a long pause. `percent`: by how much the heap may then grow beyond what is in use.
 * `mostNew`: where the space for new objects has so many bytes, it grows no more. V8 of Node 20 stops at 32 MB. That of Node 24 would
 * take 128 MB, and let the rest of the heap grow by half of that more before it collects.
 */
type LeanTerms = { much: number; percent: number; mostNew: number };

function limitNew(most: number): void {
  const spaces = v8.getHeapSpaceStatistics();
  const bytes = spaces.find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
  // V8 grows it by so many times whenever many objects stay.
  v8.setFlagsFromString(`--semi-space-growth-factor=${bytes < most ? 2 : 1}`);
}

/**
 * Keeps the heap small: the space for new objects always, the rest while a process writes a million things, or reads them from a database, at the
 * price of collecting garbage more often. By itself V8 lets the heap grow to several times what is in use: memory that other programs
 * of a laptop need.
 */
export class LeanHeap {
  private timer: NodeJS.Timeout | undefined;
  /** The position of the log when the writing began. */
  private from = 0;
  private isLean = false;
  private passed = 0;
  private readonly terms: LeanTerms;

  constructor(terms: LeanTerms) {
    this.terms = terms;
    const limit = () => limitNew(terms.mostNew);
    limit();
    // It grows when garbage is collected.
    new PerformanceObserver(limit).observe({ entryTypes: ['gc'] });
  }

  /**
   * The process goes on writing, and the log has come to `position`, in bytes. Once that is much, the heap stays small,
   * until `end`, or until nobody calls this for a minute.
   */
  goOn(position: number): void {
    if (!this.timer || position < this.from) this.from = position;
    if (position - this.from >= this.terms.much) this.begin();
    this.endLater();
  }

  /** The process goes on reading or writing, and so many bytes more have passed through it. */
  pass(bytes: number): void {
    this.passed += bytes;
    this.goOn(this.passed);
  }

  /** The process is about to read, and then to write, very much: the heap stays small from here on. */
  expectMuch(): void {
    this.begin();
    this.endLater();
  }

  private endLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), PAUSE_MS);
    this.timer.unref();
  }

  private begin(): void {
    if (this.isLean) return;
    this.isLean = true;
    v8.setFlagsFromString(`--heap-growing-percent=${this.terms.percent}`);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.isLean) return;
    this.isLean = false;
    v8.setFlagsFromString('--heap-growing-percent=0');
  }
}
