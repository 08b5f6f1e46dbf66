import { isObject } from '../../domain/base/json.ts';
import type { Event, RewrittenLine } from '../../domain/state/events.ts';
import { erasuresKind } from '../../domain/state/fold-erasures.ts';
import type { LogStep, RewrittenStep } from './log-step.ts';
import { type BoundSegment, OldLines } from './old-lines.ts';
import { type RewrittenCommit, rewrittenIn, unlikeErasure } from './rewritten-line.ts';

/** An erasure in the log: the commit that names the stand-ins, and whether it names the lines. */
type NamedErasure = { n: number; standIns: readonly string[]; lines: RewrittenLine[] | undefined };

/** The most lines that a fault names. */
const MOST_NAMED = 20;

function of(n: number): string {
  return `commit ${n}`;
}

/**
 * Checks that only erasures have rewritten lines, and only lines about the contacts that they erased. Each erasure names
 * its stand-ins and lines in its own commit. Erasures of the first edition named segments alone, by their digests: their
 * lines can't be checked one by one, and are counted apart.
 */
export class Rewrites {
  /** How many lines the first edition rewrote. */
  before = 0;
  private readonly erasures = erasuresKind.empty();
  private readonly segments: RewrittenStep[] = [];
  private readonly lines: RewrittenCommit[] = [];
  private readonly found: string[] = [];
  /** By its number, each named line's newest digest and stand-ins. */
  private readonly named = new Map<number, RewrittenLine>();
  /** Each stand-in's deletion: the number of its commit. */
  private readonly deletions = new Map<string, number>();
  private readonly erased = new Set<string>();
  /** The lines that the first edition had rewritten when the home was raised; undefined before. */
  private raised: { n: number; lines: ReadonlyMap<number, string> } | undefined;
  private isOfSecondFormat = false;
  private readonly old = new OldLines();
  /** The commits of erasures of the first edition. */
  private readonly withoutLines: number[] = [];

  take(step: LogStep): void {
    if ('rewritten' in step) this.segments.push(step.rewritten);
    if (!('commit' in step)) return;
    this.old.take(step);
    const line = rewrittenIn(step);
    if (step.root !== undefined) this.isOfSecondFormat = true;
    if (line) {
      this.lines.push(line);
      const unlike = line.erased && unlikeErasure(step, line.erased);
      if (unlike) this.found.push(`${line.where} was altered: it says that an erasure rewrote it, but ${unlike}`);
    }
    const isRewritten = line !== undefined;
    for (const event of step.commit.events)
      if (isObject(event)) this.takeEvent(event, { ...step.commit, isRewritten }, step.where);
  }

  /** The contacts that an erasure still has to erase. */
  get erasing(): ReadonlySet<string> {
    return new Set([...this.erasures.pending.values()].flatMap(({ contact_id, stand_in }) => [contact_id, stand_in]));
  }

  /** How many lines erasures have rewritten, whoever did. */
  get rewritten(): number {
    return this.lines.length;
  }

  /** Erasures after commit `n` that name no lines: a head of that commit says nothing of what they rewrote. */
  unprovenSince(n: number): number[] {
    const unfinished = this.isOfSecondFormat || this.lines.length === 0 ? [] : [...this.erasures.pending.keys()];
    const deletions = unfinished.flatMap((standIn) => this.deletions.get(standIn) ?? []);
    return [...this.withoutLines, ...deletions].filter((commit) => commit > n);
  }

  get faults(): string[] {
    const before = this.lines.filter((line) => !line.erased);
    const faulty = this.lines.flatMap((line) => {
      const fault = line.erased ? this.faultOf(line, line.erased) : this.faultOfBefore(line);
      return fault === undefined ? [] : [`${line.where} was altered: ${fault}`];
    });
    this.before = before.length;
    return [...this.found, ...faulty];
  }

  get warnings(): string[] {
    const { size } = this.erasures.pending;
    const whom = size === 1 ? 'a deleted contact' : `${size} deleted contacts`;
    return size === 0 ? [] : [`earlier commits still name ${whom}; a running Countersign goes on to erase that`];
  }

  /** The first commit from which on each has a root, so that what an erasure leaves of it proves itself. */
  private get rootedFrom(): number {
    const isOfThisEdition = this.isOfSecondFormat || this.lines.some(({ erased }) => erased !== undefined);
    return this.raised?.n ?? (isOfThisEdition ? 1 : Number.POSITIVE_INFINITY);
  }

  private takeEvent(event: Event, { n, isRewritten }: { n: number; isRewritten: boolean }, where: string): void {
    if (event.type === 'contact_deleted' && event.stand_in !== undefined) this.deletions.set(event.stand_in, n);
    if (event.type === 'decisions_recorded' && event.entries.some(({ binds }) => binds !== undefined))
      this.isOfSecondFormat = true;
    if (event.type === 'home_raised') {
      if (this.isOfSecondFormat) this.found.push(`${where} raises a home that had the newer format already`);
      // An erasure has nothing to do there, and what raises the home says what proof the lines before it need.
      if (isRewritten) this.found.push(`${where} raises the home, and was rewritten`);
      this.isOfSecondFormat = true;
      this.raised = { n, lines: new Map(event.lines.map(([line, own]) => [line, own])) };
    }
    if (event.type === 'old_lines_bound') this.takeBound(event.segments, where);
    if (event.type === 'history_rewritten')
      this.takeErasure({ n, standIns: event.stand_ins, lines: event.lines }, where);
    erasuresKind.fold(this.erasures, event, '');
  }

  /** Holds what the old lines say now against what they said when they were bound. */
  private takeBound(segments: readonly BoundSegment[], where: string): void {
    const said = new Map(this.old.segments);
    const rewritten = this.lines.map(({ n, segment }) => ({ n, segment }));
    for (const [first, digest] of segments) {
      if (said.get(first) === digest) continue;
      const suspects = rewritten.filter(({ segment }) => segment === first).map(({ n }) => n);
      const marked =
        suspects.length === 0
          ? ''
          : ` (said to be rewritten there: ${suspects.slice(0, MOST_NAMED).map(of).join(', ')})`;
      this.found.push(
        `the lines from ${of(first)} on, written before the home was raised, were altered: they no longer add up to what ${where} binds${marked}`,
      );
    }
    if (segments.length !== said.size)
      this.found.push(`${where} doesn't bind all lines from before the home was raised`);
  }

  private takeErasure({ n, standIns, lines }: NamedErasure, where: string): void {
    const unknown = standIns.find((standIn) => !this.deletions.has(standIn));
    if (unknown !== undefined) this.found.push(`${where} erases ${unknown}, but no contact of that name was deleted`);
    for (const standIn of standIns) this.erased.add(standIn);
    if (!lines) {
      this.withoutLines.push(n);
      if (this.isOfSecondFormat) this.found.push(`${where} erases without naming the lines that it rewrote`);
      return;
    }
    this.isOfSecondFormat = true;
    for (const line of lines) this.named.set(line[0], line);
  }

  /** What is wrong with a line that this edition rewrote. */
  private faultOf({ n, own, hasProof }: RewrittenCommit, erased: readonly string[]): string | undefined {
    const stranger = erased.find((standIn) => !((this.deletions.get(standIn) ?? 0) >= n));
    if (stranger !== undefined) return `it was rewritten to erase ${stranger}, who wasn't deleted after ${of(n)}`;
    if (!hasProof && n >= this.rootedFrom) return "it was rewritten, and doesn't prove what it says beside";
    const [, ownThen, namedThen = []] = this.named.get(n) ?? [];
    if (ownThen === own && [...namedThen].join() === erased.join()) return undefined;
    // An unfinished erasure has rewritten lines, but its commit, which names them, isn't in the log yet.
    if (erased.some((standIn) => this.erasures.pending.has(standIn))) return undefined;
    return 'it was rewritten, but no erasure names it so';
  }

  /** What is wrong with a line that names no stand-ins, and so would be the first edition's. */
  private faultOfBefore({ n, own, segment }: RewrittenCommit): string | undefined {
    const { raised } = this;
    const pending = [...this.erasures.pending.keys()];
    if (raised) {
      // The first edition may have been in the middle of an erasure when the home was raised.
      const isUnfinished =
        n < raised.n && pending.some((standIn) => (this.deletions.get(standIn) ?? raised.n) < raised.n);
      if (raised.lines.get(n) === own || isUnfinished) return undefined;
      return 'it was rewritten without naming whom that erased, and not by the first edition';
    }
    if (this.isOfSecondFormat) return 'it was rewritten, but not to erase a contact: it names nobody';
    const { sha256 } = this.segments.find(({ first }) => first === segment) ?? {};
    if (pending.length > 0 || this.erasures.segments.get(segment) === sha256) return undefined;
    return 'it was rewritten, but not to erase a contact';
  }
}
