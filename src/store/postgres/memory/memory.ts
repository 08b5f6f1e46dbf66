import type { Event } from '../../../domain/state/events.ts';
import type { View } from '../../../domain/state/view.ts';
import { twice } from '../../rehearsal.ts';
import { damagedCommit } from './commit-lines.ts';
import { type AnyFamily, type Core, coreIn, type RowFamilies, rowsIn } from './families.ts';
import { Attention } from './family.ts';
import { type Queries, queriesIn } from './queries.ts';
import { databaseView } from './reads.ts';
import { RowChanges } from './row-changes.ts';
import { ShownToTeams } from './shown-to-teams.ts';
import { sweepsOf, touchesOf } from './touches.ts';

/** Where the log ends, as memory knows it, and what else the head says. */
export type LogHead = { n: number; sha: string; epoch: number; unsealed: number };
/** What a look came to: a value, what it threw, or that it asked for what isn't in memory. */
export type Looked<T> = { value: T } | { error: unknown } | 'missed';

/** Whether an event changes which contacts there are, or what is in them. */
const isOfContacts = ({ type }: Event) => type === 'contacts_saved' || type === 'contact_deleted';

/** How much may stay in memory (`PostgresTuning`). */
type ReleaseTerms = { memoryBytes: number; looksInUse: number };

/** A part of what documents that weren't used for long may stay, once there is too much in memory. */
const STAYS = 0.75;

/**
 * What a process holds of a home: the few small documents whole, and rows that looks asked for, all as of one commit; and a draft of what its next
 * commits make of them.
 */
export class Memory {
  head: LogHead = { n: 0, sha: '', epoch: 0, unsealed: 0 };
  /** How often memory began anew. What was drafted or asked for before that says nothing of it. */
  begun = 0;
  /** Who holds a lease, and whose still runs. */
  holders: ReadonlySet<string> = new Set();
  alive: ReadonlySet<string> = new Set();
  readonly attention = new Attention();
  readonly core: Core = coreIn(this.attention);
  readonly rows: RowFamilies = rowsIn(this.attention);
  readonly queries: Queries = queriesIn(this.attention);
  readonly shown = new ShownToTeams(this.attention);
  /** The commits that the draft has, beyond those of the head. */
  private drafted = 0;
  private draftsContacts = false;
  changes = new RowChanges();
  private readonly view: View;
  private readonly runsTwice: boolean;
  private readonly families: ReadonlyMap<string, AnyFamily>;
  /** The families of which the draft has something: few of them, mostly. */
  private readonly touched = new Set<AnyFamily>();

  constructor(holder: string, runsTwice: boolean) {
    this.runsTwice = runsTwice;
    const all: AnyFamily[] = [...Object.values(this.core), ...Object.values(this.rows)];
    this.families = new Map(all.map((family) => [family.name, family]));
    this.view = databaseView(this, {
      commits: () => this.head.n + (this.attention.isDrafting ? this.drafted : 0),
      isAlive: (other) => other === holder || this.alive.has(other),
      hasLeft: (other) => !this.holders.has(other),
    });
  }

  /** Looks at what is in memory; `isDrafting`: with what the draft has made of it. */
  look<T>(look: (view: View) => T, isDrafting = false): Looked<T> {
    const { attention, view } = this;
    attention.missed.clear();
    attention.isDrafting = isDrafting;
    attention.tick += 1;
    let outcome: Looked<T>;
    try {
      const value = look(view);
      outcome = { value: this.runsTwice && !attention.hasMissed ? twice(() => look(view)) : value };
    } catch (error) {
      outcome = { error };
    } finally {
      attention.isDrafting = false;
    }
    return attention.hasMissed ? 'missed' : outcome;
  }

  /** Folds the events of the next commit, which the database has, into what is in memory. */
  take(n: number, prev: string, sha: string, events: readonly Event[]): void {
    if (n !== this.head.n + 1 || prev !== this.head.sha) throw damagedCommit(this.head.n + 1);
    for (const event of events) {
      for (const { family, id, event: part } of touchesOf(event)) this.families.get(family)?.fold(id, part, n);
      for (const { family, event: part, isOf } of sweepsOf(event)) {
        const swept = this.families.get(family);
        for (const id of swept?.ids() ?? []) if (isOf(id)) swept?.fold(id, part, n);
      }
    }
    this.head = { ...this.head, n, sha };
    this.forgetAnswers(events.some(isOfContacts));
    this.shown.forget(events);
  }

  /**
   * Folds the events of commit `n` into the draft. False where documents are missing that it needs: they are noted as
   * missed, and the draft is of no use.
   */
  draft(n: number, events: readonly Event[]): boolean {
    this.attention.missed.clear();
    this.attention.isDrafting = true;
    try {
      for (const event of events) this.draftEvent(n, event);
    } finally {
      this.attention.isDrafting = false;
    }
    if (this.attention.hasMissed) return false;
    this.attention.hasDraft = true;
    this.changes.take(n, events);
    this.shown.draft(events);
    this.draftsContacts ||= events.some(isOfContacts);
    this.drafted += 1;
    return true;
  }

  private draftEvent(n: number, event: Event): void {
    for (const { family: name, id, event: part, needs } of touchesOf(event)) {
      const family = this.families.get(name);
      if (needs === 'old' && !family?.has(id)) this.attention.miss(name, id);
      else this.touching(family)?.foldDraft(id, part, { n, fresh: needs === 'new' });
    }
    for (const { family, event: part, isOf } of sweepsOf(event))
      this.touching(this.families.get(family))?.sweepDraft(isOf, part, n);
  }

  private touching(family: AnyFamily | undefined): AnyFamily | undefined {
    if (family) this.touched.add(family);
    return family;
  }

  /** What the draft has made is so: its commits were kept. */
  keepDraft(head: LogHead): void {
    for (const family of this.touched) family.keepDraft();
    this.shown.keepDraft();
    this.head = head;
    this.forgetAnswers(this.draftsContacts);
    this.endDraft();
  }

  dropDraft(): void {
    for (const family of this.touched) family.dropDraft();
    this.shown.dropDraft();
    this.endDraft();
  }

  private endDraft(): void {
    if (this.touched.size > 0) this.touched.clear();
    this.drafted = 0;
    this.draftsContacts = false;
    if (this.attention.hasDraft) this.changes = new RowChanges();
    this.attention.hasDraft = false;
  }

  /** Begins with what the table `documents` has, or with nothing. */
  begin(head: LogHead, documents: Readonly<Record<string, object>>): void {
    this.begun += 1;
    for (const family of this.families.values()) family.clear();
    this.endDraft();
    this.forgetAnswers(true);
    this.shown.dropDraft();
    this.shown.clear();
    this.head = head;
    const core: AnyFamily[] = Object.values(this.core);
    for (const family of core) family.put('', documents[family.name], 0);
  }

  /** What is held whole, to be kept in the table `documents`. */
  dump(): Record<string, object> {
    const core: AnyFamily[] = Object.values(this.core);
    return Object.fromEntries(core.map((family) => [family.name, family.dump() ?? {}]));
  }

  /** Drops rows that weren't used for long, where there is too much in memory, but none that one of the last so many looks asked for. */
  release({ memoryBytes: most, looksInUse }: ReleaseTerms): void {
    this.shown.release();
    const families: AnyFamily[] = Object.values(this.rows);
    let weight = families.reduce((sum, family) => sum + family.weight, 0);
    if (weight <= most) return;
    const uses = families.flatMap((family) => [...family.uses()].map((use) => ({ family, ...use })));
    uses.sort((one, other) => one.usedAt - other.usedAt);
    for (const { family, id, usedAt, weight: own } of uses) {
      if (weight <= most * STAYS || usedAt > this.attention.tick - looksInUse) return;
      family.drop(id);
      weight -= own;
    }
  }

  private forgetAnswers(areContactsOthers: boolean): void {
    const { traces, ...ofContacts } = this.queries;
    traces.clear();
    if (areContactsOthers) for (const answers of Object.values(ofContacts)) answers.clear();
  }
}
