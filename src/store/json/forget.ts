import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Author } from '../../domain/base/author.ts';
import type { Erasure } from '../../domain/state/erasure.ts';
import type { Event, RewrittenLine } from '../../domain/state/events.ts';
import { errorCode, readIfThere, replaceFile, syncDirectory } from '../../files/durable.ts';
import { Eraser } from '../log/eraser.ts';
import type { Store } from '../store.ts';
import type { HomePaths } from './home.ts';
import type { SegmentIndexes } from './index/segment-index.ts';
import { eraseSegment } from './log/erase-segment.ts';
import { readOldLines } from './log/read-old-lines.ts';
import { listSegments, segmentPath } from './log/segments.ts';

/** The parts of a store that rewriting its log needs. */
export type Rewriting = Pick<Store, 'holder' | 'read' | 'commit' | 'renew'> & {
  isAlive: (holder: string) => boolean;
  paths: HomePaths;
  indexes: SegmentIndexes;
  /** Seals the segment that is written to. Returns the first commit number of the next one. */
  seal: (author: Author) => Promise<number>;
  /** Writes all snapshots again that were made before an erasure. */
  saveErased: () => Promise<void>;
};

/**
 * A process's turn to rewrite the log: the erasures to carry out, the commits that the first edition rewrote, whether the
 * lines of the first edition still have to be bound, and the process that had the turn before.
 */
type Turn = {
  pending: Erasure[];
  before: readonly number[] | undefined;
  isUnbound: boolean;
  former: string | undefined;
};

/** How often a process looks whether the turn is free, and for how long. */
const LOOK_MS = 50;
const WAIT_MS = 5_000;
const TEMPORARY = /^\.([a-z]+_[a-z0-9]+)\.[0-9a-f-]+\.tmp$/;

/** Another process took this one for dead, and took over the rewriting of the log. */
class ClaimLost extends Error {}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the turn to rewrite, unless a living process has it. */
function claim({ commit, holder }: Rewriting, author: Author): Promise<Turn | 'done' | 'taken'> {
  return commit<Turn | 'done' | 'taken'>(author, (view) => {
    const { pending, before, isBound, holder: former, isHolderOfBefore } = view.erasures();
    if (pending.size === 0) return { events: [], value: 'done' };
    // A process of the first edition may live on, but can't go on in a raised home.
    const isTaken = former !== undefined && former !== holder && !isHolderOfBefore && view.isAlive(former);
    if (isTaken) return { events: [], value: 'taken' };
    return {
      events: former === holder ? [] : [{ type: 'history_claimed', holder }],
      value: { pending: [...pending.values()], before, isUnbound: before !== undefined && !isBound, former },
    };
  });
}

/**
 * Removes the temporary files of processes that lost the turn, so that none of them can put an outdated segment into
 * the log. A process makes its temporary file first and checks its turn after that, so no such file can come later.
 */
function removeTemporaries({ paths, holder, isAlive }: Rewriting, former: string | undefined): void {
  for (const name of fs.readdirSync(paths.log)) {
    const owner = TEMPORARY.exec(name)?.[1];
    if (owner === undefined || (owner !== holder && owner !== former && isAlive(owner))) continue;
    fs.rmSync(path.join(paths.log, name), { force: true });
  }
}

/**
 * Puts stand-ins in the place of erased contacts in review tokens. The tokens stay valid for the other rows that were
 * shown.
 */
function rewriteTokens(directory: string, erasures: readonly Erasure[]): void {
  if (!fs.existsSync(directory)) return;
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name);
    const text = readIfThere(file)?.toString('utf8') ?? '';
    const rewritten = erasures.reduce(
      (left, { contact_id, stand_in }) => left.replaceAll(JSON.stringify(contact_id), JSON.stringify(stand_in)),
      text,
    );
    if (rewritten !== text) replaceFile(file, rewritten, { isDurable: false });
  }
}

async function demandTurn({ read, holder }: Rewriting): Promise<void> {
  if ((await read((view) => view.erasures().holder)) !== holder) throw new ClaimLost();
}

/** Replaces a segment by one without the erased contacts. Gives the lines that this erasure rewrote in it. */
async function rewriteSegment(rewriting: Rewriting, eraser: Eraser, first: number): Promise<RewrittenLine[]> {
  const { log } = rewriting.paths;
  const file = segmentPath(log, first);
  const temporary = path.join(log, `.${rewriting.holder}.${randomUUID()}.tmp`);
  const fd = fs.openSync(temporary, 'wx', 0o600);
  try {
    await demandTurn(rewriting);
    const { bytes, isChanged, lines } = eraseSegment(eraser, file, first);
    if (isChanged) {
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
      fs.renameSync(temporary, file);
      syncDirectory(log);
    }
    // Also where a process that died had replaced the segment. From here on, no index is made of the old one.
    if (isChanged || lines.length > 0) rewriting.indexes.remove(first);
    return lines;
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? new ClaimLost() : error;
  } finally {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
  }
}

/** What the lines of the first edition say, once nobody but this process can replace a segment. */
async function boundInTurns(directory: string): Promise<Event> {
  const reading = readOldLines(directory);
  for (;;) {
    const step = reading.next();
    if (step.done) return { type: 'old_lines_bound', segments: step.value };
    await wait(0);
  }
}

async function rewriteLog(rewriting: Rewriting, author: Author, turn: Turn): Promise<void> {
  const { pending, before, isUnbound, former } = turn;
  removeTemporaries(rewriting, former);
  const end = await rewriting.seal(author);
  await rewriting.saveErased();
  rewriteTokens(rewriting.paths.reviews, pending);
  const eraser = new Eraser(pending, before);
  const lines: RewrittenLine[] = [];
  for (const first of listSegments(rewriting.paths.log).filter((segment) => segment < end)) {
    await rewriting.renew();
    lines.push(...(await rewriteSegment(rewriting, eraser, first)));
    // Other calls run between two segments.
    await wait(0);
  }
  rewriting.indexes.removeForeign(rewriting.paths.log);
  const stand_ins = pending.map(({ stand_in }) => stand_in);
  const bound = isUnbound ? [await boundInTurns(rewriting.paths.log)] : [];
  await rewriting.commit(author, (view) => {
    if (view.erasures().holder !== rewriting.holder) throw new ClaimLost();
    return { events: [{ type: 'history_rewritten', stand_ins, lines }, ...bound], value: undefined };
  });
  await rewriting.saveErased();
}

/**
 * Erases deleted contacts from the snapshots, the review tokens and the log's earlier commits. One process does so at a
 * time. The others wait for it for up to 5 s, and take over from a dead one. Returns false where another process is
 * still at it.
 */
export async function forgetErased(rewriting: Rewriting, author: Author): Promise<boolean> {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    await rewriting.renew();
    const turn = await claim(rewriting, author);
    if (turn === 'done') return true;
    if (turn === 'taken') {
      if (Date.now() > until) return false;
      await wait(LOOK_MS);
      continue;
    }
    try {
      await rewriteLog(rewriting, author, turn);
    } catch (error) {
      if (!(error instanceof ClaimLost)) throw error;
    }
  }
}
