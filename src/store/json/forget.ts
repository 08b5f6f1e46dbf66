import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Author } from '../../domain/base/author.ts';
import type { Erasure } from '../../domain/state/erasure.ts';
import { errorCode, readIfThere, replaceFile, syncDirectory } from '../../files/durable.ts';
import type { Store } from '../store.ts';
import type { HomePaths } from './home.ts';
import { Eraser, sha256Of } from './log/eraser.ts';
import { listSegments, segmentPath } from './log/segments.ts';

/** What rewriting the log needs of the store it is part of. */
export type Rewriting = Pick<Store, 'holder' | 'read' | 'commit' | 'renew'> & {
  isAlive: (holder: string) => boolean;
  paths: HomePaths;
  /** Ends the segment that is written to; gives the first number of the next one. */
  seal: () => Promise<number>;
  /** Writes the snapshots anew that are from before an erasure. */
  saveErased: () => Promise<void>;
};

/** Whose turn it is to rewrite, and what for. */
type Turn = { pending: Erasure[]; known: ReadonlyMap<number, string>; former: string | undefined };

const LOOK_MS = 50;
const PATIENCE_MS = 5_000;
const TEMPORARY = /^\.([a-z]+_[a-z0-9]+)\.[0-9a-f-]+\.tmp$/;

/** The claim on the log was lost to a process that took this one for dead. */
class ClaimLost extends Error {}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the turn where nobody alive has it. */
function claim({ commit, holder }: Rewriting, author: Author): Promise<Turn | 'done' | 'taken'> {
  return commit<Turn | 'done' | 'taken'>(author, (view) => {
    const { pending, segments, holder: former } = view.erasures();
    if (pending.size === 0) return { events: [], value: 'done' };
    if (former !== undefined && former !== holder && view.isAlive(former)) return { events: [], value: 'taken' };
    return {
      events: former === holder ? [] : [{ type: 'history_claimed', holder }],
      value: { pending: [...pending.values()], known: new Map(segments), former },
    };
  });
}

/**
 * Without their files, those who lost the turn can't put what they made in its place: whoever makes one looks for the
 * turn after that, so there is no moment at which an old one could still come.
 */
function removeTemporaries({ paths, holder, isAlive }: Rewriting, former: string | undefined): void {
  for (const name of fs.readdirSync(paths.log)) {
    const maker = TEMPORARY.exec(name)?.[1];
    if (maker === undefined || (maker !== holder && maker !== former && isAlive(maker))) continue;
    fs.rmSync(path.join(paths.log, name), { force: true });
  }
}

/** Review tokens go on to stand for the rows that were shown, of which one is nobody's now. */
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

/** Puts a segment without the persons in the place of the one with them; gives the digest of a rewritten one. */
async function rewriteSegment(rewriting: Rewriting, eraser: Eraser, first: number): Promise<string | undefined> {
  const { log } = rewriting.paths;
  const file = segmentPath(log, first);
  const temporary = path.join(log, `.${rewriting.holder}.${randomUUID()}.tmp`);
  const fd = fs.openSync(temporary, 'wx', 0o600);
  try {
    await demandTurn(rewriting);
    const { bytes, isChanged, isRewritten } = eraser.rewrite(file, first);
    if (isChanged) {
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
      fs.renameSync(temporary, file);
      syncDirectory(log);
    }
    return isChanged || isRewritten ? sha256Of(bytes) : undefined;
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? new ClaimLost() : error;
  } finally {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
  }
}

async function rewriteLog(rewriting: Rewriting, author: Author, { pending, known, former }: Turn): Promise<void> {
  removeTemporaries(rewriting, former);
  const end = await rewriting.seal();
  await rewriting.saveErased();
  rewriteTokens(rewriting.paths.reviews, pending);
  const eraser = new Eraser(pending);
  const segments: [number, string][] = [];
  for (const first of listSegments(rewriting.paths.log).filter((segment) => segment < end)) {
    await rewriting.renew();
    const sha256 = await rewriteSegment(rewriting, eraser, first);
    if (sha256 !== undefined && sha256 !== known.get(first)) segments.push([first, sha256]);
    // Other calls get their turn between two segments.
    await wait(0);
  }
  const stand_ins = pending.map(({ stand_in }) => stand_in);
  await rewriting.commit(author, (view) => {
    if (view.erasures().holder !== rewriting.holder) throw new ClaimLost();
    return { events: [{ type: 'history_rewritten', stand_ins, segments }], value: undefined };
  });
  await rewriting.saveErased();
}

/**
 * Makes the home forget whoever was deleted: snapshots, review tokens and the log's earlier commits. One process at a
 * time; others wait for it, and take over from a dead one. False where another process is still at it.
 */
export async function forgetErased(rewriting: Rewriting, author: Author): Promise<boolean> {
  const until = Date.now() + PATIENCE_MS;
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
