import { isObject } from '../../domain/base/json.ts';
import { type DecisionEntry, redacted } from '../../domain/decisions/decision.ts';
import { SignedTrail } from '../../domain/signed/signed-trail.ts';
import { DecisionTrail } from '../../domain/state/decision-trail.ts';
import type { Event } from '../../domain/state/events.ts';
import type { DecisionAudit } from '../store.ts';
import { Heads } from './heads.ts';
import type { LogStep } from './log-step.ts';
import { Rewrites } from './rewrites.ts';

type Steps = Iterable<LogStep> | AsyncIterable<LogStep>;

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
export async function* decisionEntriesOf(walk: () => Steps): AsyncGenerator<DecisionEntry> {
  const redactedSeqs = new Set<number>();
  for await (const step of walk())
    if ('commit' in step) for (const seq of step.commit.events.flatMap(redactedIn)) redactedSeqs.add(seq);
  for await (const step of walk())
    if ('commit' in step)
      for (const entry of step.commit.events.flatMap(recordedIn))
        yield redactedSeqs.has(entry.seq) ? redacted(entry) : entry;
}

const RECORDED = Buffer.from('"decisions_recorded"');

/** Adds the contacts that entries of the decision log in a line name. Only a line with entries is parsed. */
export function takeDecidedOn(line: Buffer, found: Set<string>): void {
  if (!line.includes(RECORDED)) return;
  try {
    const commit: unknown = JSON.parse(line.toString('utf8'));
    const events: Event[] = isObject(commit) && Array.isArray(commit.events) ? commit.events : [];
    for (const { personal } of events.flatMap(recordedIn)) if (personal) found.add(personal.contact_id);
  } catch {
    // The walk through the log reports a line that can't be read.
  }
}

/** An audit that has found nothing yet. */
export function beginAudit(entries: DecisionAudit['entries']): DecisionAudit {
  return {
    isMade: false,
    commits: 0,
    faults: [],
    warnings: [],
    trail: new DecisionTrail(),
    signatures: new SignedTrail(),
    head: undefined,
    rewritten: { lines: 0, before: 0 },
    entries,
  };
}

/** What an audit holds in memory while it walks through the log. */
export class AuditWalk {
  private readonly rewrites = new Rewrites();
  private readonly audit: DecisionAudit;
  private readonly heads: Heads;

  constructor(audit: DecisionAudit, expectHead: string | undefined) {
    this.heads = new Heads(expectHead);
    this.audit = audit;
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
  }

  end(): void {
    const { audit, rewrites } = this;
    audit.trail.end(rewrites.erasing);
    audit.head = this.heads.newest;
    audit.faults.push(...audit.trail.faults, ...audit.signatures.faults, ...rewrites.faults);
    audit.warnings.push(...rewrites.warnings);
    audit.rewritten = { lines: rewrites.rewritten, before: rewrites.before };
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
