import {
  alterationOf,
  chunkOf,
  type DecisionEntry,
  type DecisionHead,
  type DecisionKind,
  faultOf,
  isRedacted,
  NO_DECISIONS,
  OF_CHANGES,
} from '../decisions/decision.ts';
import { type Committed, type Decided, type DecidedAction, decisionsIn } from './decided.ts';
import { DecisionRecount, type RecipientOf } from './decision-recount.ts';

/** What a trail has to know beforehand: the contacts that entries name, and how to tell where an action goes. */
export type TrailTerms = { about?: ReadonlySet<string>; recipientOf?: RecipientOf | undefined };

function labelOfDecided(decided: Decided): string {
  const { decision } = decided;
  return 'ref' in decided ? `${decision} ${decided.ref.run_id}/${decided.ref.action_index}` : decision;
}

/** Kinds that are about the home as a whole, or a person: they name no action. */
const OF_HOME: ReadonlySet<string> = new Set<DecisionKind>([
  ...(['paused', 'resumed', 'passkey_added', 'passkey_removed', 'signing_on', 'signing_off'] as const),
]);

function labelOf(entry: DecisionEntry): string {
  if (OF_HOME.has(entry.decision)) return entry.decision;
  return `${entry.decision} ${entry.run_id}/${entry.action_index}`;
}

function isOfEvent(entry: DecisionEntry): boolean {
  return !OF_CHANGES.has(entry.decision);
}

/** Each decision on an action, with its entry. Where one of them is missing, `compare` tells of it. */
function pairsOf(
  decided: readonly Decided[],
  entries: readonly DecisionEntry[],
): (readonly [DecidedAction, DecisionEntry])[] {
  const told = entries.filter(isOfEvent);
  return decided.flatMap((one, index) => {
    const entry = told[index];
    return entry && 'ref' in one && labelOf(entry) === labelOfDecided(one) ? [[one, entry] as const] : [];
  });
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Reads the decision log through all commits, from the first, and collects in `faults` what is wrong with it. */
export class DecisionTrail {
  readonly faults: string[] = [];
  readonly kinds = new Map<string, number>();
  readonly proofs = new Map<string, number>();
  head: DecisionHead = NO_DECISIONS;
  first: string | undefined;
  last: string | undefined;
  /** Recomputes what the entries bind. */
  readonly recount: DecisionRecount;
  /** How many commits decided something before the home kept a decision log. */
  earlier = 0;
  /** By an entry's number: its hash, and the number of the commit that brought it. */
  private readonly hashes: string[] = [''];
  private readonly commits: number[] = [0];
  /** By an entry's number: the commit that redacted the entry. */
  private readonly redactions = new Map<number, number>();
  /** Entries whose part about a contact is missing. */
  private readonly nameless = new Set<number>();

  constructor({ about = new Set(), recipientOf }: TrailTerms = {}) {
    this.recount = new DecisionRecount(about, recipientOf);
  }

  get entries(): number {
    return this.hashes.length - 1;
  }

  get redacted(): number {
    return this.redactions.size;
  }

  holds(hash: string): boolean {
    return this.hashes.includes(hash, 1);
  }

  /** Checks the next commit; `where` names it in faults. */
  take(commit: Committed, where: string): void {
    const entries = commit.events.flatMap((event) => (event.type === 'decisions_recorded' ? event.entries : []));
    const decided = decisionsIn(commit);
    if (this.entries === 0 && entries.length === 0 && decided.length > 0) this.earlier += 1;
    else this.compare(decided.map(labelOfDecided), entries, where);
    this.recount.take(commit, pairsOf(decided, entries), where);
    for (const entry of entries) this.takeEntry(entry, commit.n, where);
    for (const event of commit.events) {
      if (event.type === 'decisions_redacted')
        for (const seq of event.seqs) this.redactions.set(seq, this.redactions.get(seq) ?? commit.n);
    }
  }

  /** Checks what can be known only after the last commit. `erasing`: the contacts that an erasure still has to erase. */
  end(erasing: ReadonlySet<string> = new Set()): void {
    this.recount.end(erasing);
    this.faults.push(...this.recount.faults);
    for (const seq of this.redactions.keys())
      if (seq > this.entries) this.faults.push(`entry ${seq} was redacted, but there is no such entry`);
    for (const seq of this.nameless) {
      if (!this.redactions.has(seq))
        this.faults.push(`entry ${seq} doesn't say whom it was about, although no contact was deleted`);
    }
  }

  /** What is wrong with a copy of one document of the log (`chunkOf`), made as of commit `n`; undefined if nothing. */
  faultOfCopy(chunk: string, n: number, copy: readonly DecisionEntry[]): string | undefined {
    for (const [index, entry] of copy.entries()) {
      const seq = Number(chunk) + index;
      const isKnown = entry.seq === seq && entry.hash === this.hashes[seq] && (this.commits[seq] ?? n + 1) <= n;
      if (!isKnown || chunkOf(seq) !== chunk) return `its entry ${entry.seq} differs from the log`;
      const altered = alterationOf(entry);
      if (altered) return altered;
      if (isRedacted(entry) !== (this.redactions.get(seq) ?? n + 1) <= n)
        return `its entry ${seq} is redacted here or in the log, but not in both`;
    }
    const next = this.commits[Number(chunk) + copy.length];
    const isShort = next !== undefined && next <= n && chunkOf(Number(chunk) + copy.length) === chunk;
    return isShort ? `its entry ${Number(chunk) + copy.length} is missing` : undefined;
  }

  /** What is wrong with a copy of the log's head, made as of commit `n`; undefined if nothing. */
  faultOfHead(n: number, copy: DecisionHead): string | undefined {
    const seq = this.commits.findLastIndex((commit) => commit <= n);
    return copy.seq === seq && copy.hash === this.hashes[seq] ? undefined : `it isn't the head of the log`;
  }

  private compare(wanted: readonly string[], entries: readonly DecisionEntry[], where: string): void {
    const told = entries.filter(isOfEvent).map(labelOf);
    const at = wanted.findIndex((label, index) => label !== told[index]);
    if (at !== -1) this.faults.push(`${where} decides "${wanted[at]}", but its entries say "${told[at] ?? 'nothing'}"`);
    else if (told.length > wanted.length)
      this.faults.push(`${where} has an entry "${told[wanted.length]}" for a decision that isn't in its events`);
  }

  private takeEntry(entry: DecisionEntry, n: number, where: string): void {
    const fault = faultOf(entry, this.head);
    if (fault) this.faults.push(`${where}: ${fault}`);
    this.head = { seq: entry.seq, hash: entry.hash };
    this.hashes.push(entry.hash);
    this.commits.push(n);
    this.first ??= entry.at;
    this.last = entry.at;
    count(this.kinds, entry.decision);
    count(this.proofs, entry.via);
    if (isRedacted(entry)) this.nameless.add(entry.seq);
  }
}
