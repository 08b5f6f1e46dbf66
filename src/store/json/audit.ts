import fs from 'node:fs';
import path from 'node:path';
import type { DecisionEntry, DecisionHead } from '../../domain/decisions/decision.ts';
import { DecisionTrail } from '../../domain/state/decision-trail.ts';
import { errorCode, readPlain, storeError } from '../../files/durable.ts';
import { AuditWalk, beginAudit, decisionEntriesOf, takeDecidedOn } from '../log/audit-walk.ts';
import { splitLines } from '../log/commit.ts';
import type { AuditTerms, DecisionAudit } from '../store.ts';
import { type HomePaths, isMade } from './home.ts';
import type { LogEnd } from './log/log-end.ts';
import { listSegments, segmentPath } from './log/segments.ts';
import { walkLog } from './log/walk.ts';
import { isOfThisFormat, readSnapshot, type Snapshot } from './snapshots/snapshot.ts';

/** A snapshot of a part of the decision log, for people to read. The truth is in the log. */
type Copy<D> = { file: string; snapshot: Snapshot<D> | null };
type Copies = {
  chunks: (Copy<DecisionEntry[]> & { chunk: string })[];
  head: Copy<DecisionHead>;
  newest: number;
  end?: LogEnd;
};

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
  const touched = readSnapshot<{ end: LogEnd }>(path.join(state, 'touched.json'));
  const known = [touched, head.snapshot, ...chunks.map((chunk) => chunk.snapshot)].map((snapshot) => snapshot?.n ?? 0);
  return { chunks, head, newest: Math.max(...known), ...(touched ? { end: touched.data.end } : {}) };
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

/** The contacts that entries of the decision log name. */
function contactsDecidedOn(directory: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const segment of listSegments(directory))
    for (const line of splitLines(readPlain(segmentPath(directory, segment))).lines) takeDecidedOn(line, found);
  return found;
}

const NO_COPIES: Copies = { chunks: [], head: { file: '', snapshot: null }, newest: 0 };

/** What is wrong between the log and the snapshots. `shaOfCopies` is the digest of the commit at which these were made. */
function faultsOfCopies(
  { log, state }: HomePaths,
  { commits, trail }: DecisionAudit,
  copies: Copies,
  shaOfCopies: string | undefined,
): string[] {
  const { end, newest } = copies;
  const found = checkCopies(copies, trail);
  if (newest > commits)
    return [
      `${log} ends at commit ${commits}, but ${state} knows of commit ${newest}: lines are missing at its end`,
      ...found,
    ];
  if (!end || end.n === 0 || end.sha === shaOfCopies) return found;
  return [`commit ${end.n} in ${log} isn't the one that ${state} was made from: it was altered`, ...found];
}

function read(paths: HomePaths, audit: DecisionAudit, copies: Copies, { expectHead }: AuditTerms): void {
  const walk = new AuditWalk(audit, expectHead);
  let shaOfCopies: string | undefined;
  for (const step of audit.isMade ? walkLog(paths.log) : []) {
    walk.take(step);
    if ('commit' in step && step.commit.n === copies.end?.n) shaOfCopies = step.sha;
  }
  walk.end();
  audit.faults.push(...faultsOfCopies(paths, audit, copies, shaOfCopies));
  if (expectHead !== undefined) audit.faults.push(...walk.faultsOf(expectHead));
}

/**
 * Verifies the log, the decision log in it, and the copies of the decision log. Changes nothing, and creates no home.
 */
export function auditHome(paths: HomePaths, terms: AuditTerms = {}): DecisionAudit {
  const isWhole = () => isMade(paths) && fs.existsSync(paths.log);
  const audit = beginAudit(() => decisionEntriesOf(() => (isWhole() ? walkLog(paths.log) : [])));
  try {
    audit.isMade = isWhole();
    // The copies are read before the log, so that the log holds at least as many commits as they do.
    const copies = audit.isMade ? readCopies(paths) : NO_COPIES;
    if (audit.isMade)
      audit.trail = new DecisionTrail({ about: contactsDecidedOn(paths.log), recipientOf: terms.recipientOf });
    read(paths, audit, copies, terms);
  } catch (error) {
    audit.faults.push(storeError(error, `Reading ${paths.home}`).message);
  }
  return audit;
}
