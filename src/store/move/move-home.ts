import { AppError } from '../../domain/base/errors.ts';
import type { LogLine, MoveSource, MoveTarget } from './place.ts';

/** What came of a move. `wasComplete`: nothing was left to be done. */
export type MoveResult = { commits: number; wasComplete: boolean };
type Tell = (text: string) => void;

/** A round that brings fewer lines has come so near to the writers that the source may stop. */
const NEAR_LINES = 100;
/** So many lines are compared, or written again, in one piece. */
const MOST_REWRITTEN = 200;
/** In the lines of whoever rewrites earlier ones. */
const REWRITING = '"type":"history_';

function refused(message: string): AppError {
  return new AppError('STORE_ERROR', message);
}

/** Copies lines from one place to another, and holds what both have against each other. */
class Copying {
  /** Lines that were copied before may have been rewritten since they were compared. */
  mayDiffer = true;
  private readonly source: MoveSource;
  private readonly target: MoveTarget;
  private readonly tell: Tell;

  constructor(source: MoveSource, target: MoveTarget, tell: Tell) {
    this.source = source;
    this.target = target;
    this.tell = tell;
  }

  /** Copies what the target lacks. Gives how many lines those were. */
  async copy(): Promise<number> {
    const newest = await this.target.newest();
    let count = 0;
    for await (const lines of this.source.lines(newest + 1)) {
      await this.target.write(lines);
      if (lines.some(({ bytes }) => bytes.includes(REWRITING))) this.mayDiffer = true;
      count += lines.length;
    }
    return count;
  }

  /**
   * Has the target catch up with a source that is still written to. A round that is more than half as long as the one before
   * gains too little on the writers: the source waits less by stopping now than this would take by going on.
   */
  async catchUp(): Promise<void> {
    let before = Number.POSITIVE_INFINITY;
    for (let count = await this.copy(); count > 0; count = await this.copy()) {
      this.tell(`${count} commit(s) copied\n`);
      if (count < NEAR_LINES || count > before / 2) return;
      before = count;
    }
  }

  /** Compares every line, and writes those again that differ: an erasure has rewritten them since they were copied. */
  async compare(): Promise<void> {
    this.mayDiffer = false;
    const newest = await this.target.newest();
    let differing: number[] = [];
    const theirs = eachOf(this.target.prints(newest));
    for await (const { n, print } of eachOf(this.source.prints(newest))) {
      const { value } = await theirs.next();
      if (value?.n !== n) throw refused(`${this.target.shown} lacks commit ${n} of ${this.source.shown}.`);
      if (value.print !== print) differing.push(n);
      if (differing.length < MOST_REWRITTEN) continue;
      await this.writeAgain(differing);
      differing = [];
    }
    if ((await theirs.next()).done !== true)
      throw refused(`${this.target.shown} has commits that ${this.source.shown} lacks.`);
    await this.writeAgain(differing);
  }

  private async writeAgain(numbers: readonly number[]): Promise<void> {
    const [first] = numbers;
    const last = numbers.at(-1);
    if (first === undefined || last === undefined) return;
    const wanted = new Set(numbers);
    for await (const lines of this.source.lines(first)) {
      const again = lines.filter(({ n }) => wanted.has(n));
      await this.demandSame(again);
      await this.target.replace(again);
      if ((lines.at(-1)?.n ?? last) >= last) return;
    }
  }

  /** An erasure keeps the digest by which the next line names a line. A line with another one is of another home. */
  private async demandSame(lines: readonly LogLine[]): Promise<void> {
    for (const { n, sha } of lines)
      if (!(await this.target.has(n, sha)))
        throw refused(
          `Commit ${n} in ${this.target.shown} isn't the one in ${this.source.shown}: another home has begun to move there. Nothing was changed.`,
        );
  }
}

async function* eachOf<T>(batches: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/** Ends a move that had come to its end: nothing but to say so. */
async function whereComplete(source: MoveSource, target: MoveTarget): Promise<MoveResult> {
  const last = await source.newest();
  if (last && !(await target.has(last.n, last.sha)))
    throw refused(
      `${target.shown} holds another home than the one that moved from ${source.shown}. Nothing was changed.`,
    );
  await source.arrived(target.shown);
  return { commits: last?.n ?? 0, wasComplete: true };
}

/** Refuses a target with a home of its own, or one that another home moves to. */
async function beginFilling(source: MoveSource, target: MoveTarget): Promise<void> {
  const state = await target.state();
  if (state === 'home') throw refused(`${target.shown} isn't empty. Nothing was changed. Move to a place that is.`);
  if (state !== 'empty' && state.filling !== source.shown)
    throw refused(
      `${target.shown} is being filled from ${state.filling}, not from ${source.shown}. Nothing was changed.`,
    );
  if (state === 'empty') await target.begin(source.shown);
}

/**
 * Moves a home. The source is written to until all of it is copied and compared; then it stops, what came last is copied, and
 * the home is at the target. Killed at any moment, the same call goes on. Throws AppError STORE_ERROR.
 */
export async function moveHome(source: MoveSource, target: MoveTarget, tell: Tell): Promise<MoveResult> {
  const movedTo = await source.movedTo();
  if (movedTo !== undefined && movedTo !== target.shown)
    throw refused(`The home in ${source.shown} has moved to ${movedTo} already. Nothing was changed.`);
  if (movedTo !== undefined && (await target.state()) === 'home') return whereComplete(source, target);
  await beginFilling(source, target);
  const copying = new Copying(source, target, tell);
  if (movedTo === undefined) {
    await source.settle();
    await copying.catchUp();
    await target.ready();
    await copying.compare();
    await copying.catchUp();
    await target.ready();
    await source.stop(target.shown);
  }
  await copying.copy();
  if (copying.mayDiffer) await copying.compare();
  await target.ready();
  await target.complete(await source.beside());
  await source.arrived(target.shown);
  return { commits: await target.newest(), wasComplete: false };
}
