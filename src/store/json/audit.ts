import fs from 'node:fs';
import path from 'node:path';
import { isObject } from '../../domain/base/json.ts';
import { type DecisionEntry, type DecisionHead, redacted } from '../../domain/decisions/decision.ts';
import { SignedTrail } from '../../domain/signed/signed-trail.ts';
import { DecisionTrail } from '../../domain/state/decision-trail.ts';
import type { Event } from '../../domain/state/events.ts';
import { errorCode, readPlain, storeError } from '../../files/durable.ts';
import type { AuditTerms, DecisionAudit } from '../store.ts';
import { type HomePaths, isMade } from './home.ts';
import { splitLines } from './log/commit.ts';
import { Heads } from './log/heads.ts';
import type { LogEnd } from './log/log-end.ts';
import { Rewrites } from './log/rewrites.ts';
import { listSegments, segmentPath } from './log/segments.ts';
import { type LogStep, walkLog } from './log/walk.ts';
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

const RECORDED = Buffer.from('"decisions_recorded"');

/** The contacts that entries of the decision log name. Only the lines with entries are parsed. */
function contactsDecidedOn(directory: string): ReadonlySet<string> {
  const found = new Set<string>();
  const take = (line: Buffer) => {
    const commit: unknown = JSON.parse(line.toString('utf8'));
    const events: Event[] = isObject(commit) && Array.isArray(commit.events) ? commit.events : [];
    for (const { personal } of events.flatMap(recordedIn)) if (personal) found.add(personal.contact_id);
  };
  for (const segment of listSegments(directory)) {
    for (const line of splitLines(readPlain(segmentPath(directory, segment))).lines) {
      try {
        if (line.includes(RECORDED)) take(line);
      } catch {
        // The walk through the log reports a line that can't be read.
      }
    }
  }
  return found;
}

const NO_COPIES: Copies = { chunks: [], head: { file: '', snapshot: null }, newest: 0 };

/** What an audit holds in memory while it walks through the log. */
class Walk {
  readonly rewrites = new Rewrites();
  /** The digest of the commit at which the snapshots were made. */
  private shaOfCopies: string | undefined;
  private readonly audit: DecisionAudit;
  private readonly copies: Copies;
  private readonly heads: Heads;

  constructor(audit: DecisionAudit, copies: Copies, expectHead: string | undefined) {
    this.heads = new Heads(expectHead);
    this.audit = audit;
    this.copies = copies;
  }

  take(step: LogStep): void {
    const { audit } = this;
    if ('fault' in step) audit.faults.push(step.fault);
    if ('warning' in step) audit.warnings.push(step.warning);
    if ('rewritten' in step) this.rewrites.take(step);
    if (!('commit' in step)) return;
    const { n } = step.commit;
    audit.commits = n;
    try {
      this.rewrites.take(step);
      audit.trail.take(step.commit, step.where);
      audit.signatures.take(step.commit.events, step.where);
    } catch {
      audit.faults.push(`${step.where} was altered: it holds what no version of Countersign wrote`);
    }
    this.heads.take(n, step.sha, audit.trail.head.hash);
    if (n === this.copies.end?.n) this.shaOfCopies = step.sha;
  }

  end({ log, state }: HomePaths): void {
    const { audit, rewrites, copies } = this;
    audit.trail.end(rewrites.erasing);
    audit.head = this.heads.newest;
    audit.faults.push(...audit.trail.faults, ...audit.signatures.faults, ...rewrites.faults);
    audit.warnings.push(...rewrites.warnings);
    audit.rewritten = { lines: rewrites.rewritten, before: rewrites.before };
    const { end, newest } = copies;
    if (newest > audit.commits)
      audit.faults.push(
        `${log} ends at commit ${audit.commits}, but ${state} knows of commit ${newest}: lines are missing at its end`,
      );
    else if (end && end.n > 0 && end.sha !== this.shaOfCopies)
      audit.faults.push(`commit ${end.n} in ${log} isn't the one that ${state} was made from: it was altered`);
    audit.faults.push(...checkCopies(copies, audit.trail));
  }

  /** Why the log doesn't hold what the expected head stood for; nothing where it does. */
  faultsOf(head: string): string[] {
    const at = this.heads.expectedAt;
    if (at === undefined && this.audit.trail.holds(head)) return [];
    if (at === undefined)
      return [
        `no commit has the head ${head}, and no entry the hash: what it stood for was altered, or its end is missing, or it is of another log`,
      ];
    return this.rewrites
      .unprovenSince(at)
      .map(
        (later) =>
          `commit ${later} is an erasure by the first edition, which named no lines: since then nobody can tell whether what the head of commit ${at} stood for was altered. Keep the head that is printed now`,
      );
  }
}

function read(paths: HomePaths, audit: DecisionAudit, copies: Copies, { expectHead }: AuditTerms): void {
  const walk = new Walk(audit, copies, expectHead);
  if (audit.isMade) for (const step of walkLog(paths.log)) walk.take(step);
  walk.end(paths);
  if (expectHead !== undefined) audit.faults.push(...walk.faultsOf(expectHead));
}

/**
 * Verifies the log, the decision log in it, and the copies of the decision log. Changes nothing, and creates no home.
 */
export function auditHome(paths: HomePaths, terms: AuditTerms = {}): DecisionAudit {
  const audit: DecisionAudit = {
    isMade: false,
    commits: 0,
    faults: [],
    warnings: [],
    trail: new DecisionTrail(),
    signatures: new SignedTrail(),
    head: undefined,
    rewritten: { lines: 0, before: 0 },
    entries: () => entriesOf(paths),
  };
  try {
    audit.isMade = isMade(paths) && fs.existsSync(paths.log);
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
