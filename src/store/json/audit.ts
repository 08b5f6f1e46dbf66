import fs from 'node:fs';
import path from 'node:path';
import { isObject } from '../../domain/base/json.ts';
import { type DecisionEntry, type DecisionHead, redacted } from '../../domain/decisions/decision.ts';
import { DecisionTrail } from '../../domain/state/decision-trail.ts';
import type { Event } from '../../domain/state/events.ts';
import { errorCode, storeError } from '../../files/durable.ts';
import type { DecisionAudit } from '../store.ts';
import { isOfThisFormat, readSnapshot, type Snapshot } from './documents/snapshot.ts';
import { type HomePaths, isMade } from './home.ts';
import { Rewrites } from './log/rewrites.ts';
import { walkLog } from './log/walk.ts';

/** A snapshot of a part of the decision log, for people to read. The truth is in the log. */
type Copy<D> = { file: string; snapshot: Snapshot<D> | null };
type Copies = { chunks: (Copy<DecisionEntry[]> & { chunk: string })[]; head: Copy<DecisionHead>; newest: number };

const CHUNK_FILE = /^(\d{12})\.json$/;

function namesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function readCopy<D>(file: string): Copy<D> {
  return { file, snapshot: readSnapshot<D>(file) };
}

/**
 * Reads the copies of the decision log. They are read before the log, so that the log holds at least as many commits as
 * they do.
 */
function readCopies({ state }: HomePaths): Copies {
  const directory = path.join(state, 'decisions');
  const chunks = namesIn(directory).flatMap((name) => {
    const chunk = CHUNK_FILE.exec(name)?.[1];
    return chunk === undefined ? [] : [{ chunk, ...readCopy<DecisionEntry[]>(path.join(directory, name)) }];
  });
  const head = readCopy<DecisionHead>(`${directory}.json`);
  const touched = readSnapshot<unknown>(path.join(state, 'touched.json'));
  const known = [touched, head.snapshot, ...chunks.map((chunk) => chunk.snapshot)].map((snapshot) => snapshot?.n ?? 0);
  return { chunks, head, newest: Math.max(...known) };
}

/** The fault of a copy, where it has one. `find` may throw, because an altered copy may be any JSON. */
function problemOf<D>({ file, snapshot }: Copy<D>, find: (n: number, data: D) => string | undefined): string[] {
  if (!snapshot) return fs.existsSync(file) && isOfThisFormat(file) ? [`${file} can't be read`] : [];
  let problem: string | undefined;
  try {
    problem = find(snapshot.n, snapshot.data);
  } catch {
    problem = 'it has another shape';
  }
  return problem === undefined ? [] : [`${file} was altered: ${problem}`];
}

function checkCopies(copies: Copies, trail: DecisionTrail): string[] {
  const found = [
    ...problemOf(copies.head, (n, head) => trail.faultOfHead(n, head)),
    ...copies.chunks.flatMap((copy) => problemOf(copy, (n, data) => trail.faultOfCopy(copy.chunk, n, data))),
  ];
  return found.map(
    (fault) => `${fault}. The log holds the true entries: remove the file, and Countersign makes it again`,
  );
}

/**
 * The entries that an event records. A commit that someone wrote by hand may hold anything, so nothing is taken for
 * granted.
 */
function recordedIn(event: Event): DecisionEntry[] {
  if (!isObject(event) || event.type !== 'decisions_recorded' || !Array.isArray(event.entries)) return [];
  return event.entries.filter(isObject);
}

function redactedIn(event: Event): number[] {
  return isObject(event) && event.type === 'decisions_redacted' && Array.isArray(event.seqs) ? event.seqs : [];
}

/** Every entry as it stands now. An entry about a deleted contact comes without its personal part. */
async function* entriesOf(paths: HomePaths): AsyncGenerator<DecisionEntry> {
  if (!isMade(paths) || !fs.existsSync(paths.log)) return;
  const redactedSeqs = new Set<number>();
  for (const step of walkLog(paths.log))
    if ('commit' in step) for (const seq of step.commit.events.flatMap(redactedIn)) redactedSeqs.add(seq);
  for (const step of walkLog(paths.log))
    if ('commit' in step)
      for (const entry of step.commit.events.flatMap(recordedIn))
        yield redactedSeqs.has(entry.seq) ? redacted(entry) : entry;
}

function read(paths: HomePaths, audit: DecisionAudit): void {
  if (!isMade(paths) || !fs.existsSync(paths.log)) return;
  audit.isMade = true;
  const copies = readCopies(paths);
  const { trail } = audit;
  const rewrites = new Rewrites();
  for (const step of walkLog(paths.log)) {
    if ('fault' in step) audit.faults.push(step.fault);
    if ('warning' in step) audit.warnings.push(step.warning);
    if ('rewritten' in step) rewrites.take(step);
    if (!('commit' in step)) continue;
    audit.commits = step.commit.n;
    try {
      rewrites.take(step);
      trail.take(step.commit, step.where);
    } catch {
      audit.faults.push(`${step.where} was altered: it holds what no version of Countersign wrote`);
    }
  }
  trail.end();
  audit.faults.push(...trail.faults, ...rewrites.faults);
  audit.warnings.push(...rewrites.warnings);
  if (copies.newest > audit.commits)
    audit.faults.push(
      `${paths.log} ends at commit ${audit.commits}, but ${paths.state} knows of commit ${copies.newest}: lines are missing at its end`,
    );
  audit.faults.push(...checkCopies(copies, trail));
}

/**
 * Verifies the log, the decision log in it, and the copies of the decision log. Changes nothing, and creates no home.
 */
export function auditHome(paths: HomePaths): DecisionAudit {
  const trail = new DecisionTrail();
  const audit: DecisionAudit = {
    isMade: false,
    commits: 0,
    faults: [],
    warnings: [],
    trail,
    entries: () => entriesOf(paths),
  };
  try {
    read(paths, audit);
  } catch (error) {
    audit.faults.push(storeError(error, `Reading ${paths.home}`).message);
  }
  return audit;
}
