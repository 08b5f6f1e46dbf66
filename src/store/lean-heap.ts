import v8 from 'node:v8';

/** How much the heap may grow beyond what is in use, in percent, while much is written; 0: as V8 thinks best. */
const LEAN_PERCENT = 20;
/** So many bytes written without such a pause are much: a run over 10,000 contacts, or an import of as many, writes less. */
const MUCH = 64 << 20;
/** An import reads for a while between two commits: only after a longer pause there is nothing more to come. */
const PAUSE_MS = 60_000;

/**
 * Keeps the heap small while a process writes a million things, or reads them from a database, at the price of collecting garbage more often. By itself V8
 * lets the heap grow to several times what is in use: memory that other programs of a laptop need.
 */
export class LeanHeap {
  private timer: NodeJS.Timeout | undefined;
  /** The position of the log when the writing began. */
  private from = 0;
  private isLean = false;
  private passed = 0;

  /**
   * The process goes on writing, and the log has come to `position`, in bytes. Once that is much, the heap stays small,
   * until `end`, or until nobody calls this for a minute.
   */
  goOn(position: number): void {
    if (!this.timer || position < this.from) this.from = position;
    if (position - this.from >= MUCH) this.begin();
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
    v8.setFlagsFromString(`--heap-growing-percent=${LEAN_PERCENT}`);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.isLean) return;
    this.isLean = false;
    v8.setFlagsFromString('--heap-growing-percent=0');
  }
}
