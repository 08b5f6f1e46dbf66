import { isObject } from '../../../domain/base/json.ts';
import type { Event } from '../../../domain/state/events.ts';
import type { Stored } from '../../documents/stored.ts';
import { roughWeight } from './rough-weight.ts';

/** A document in memory: its state, about how many bytes of JSON it has, and when it was last asked for. */
type Held<S> = { state: S; weight: number; usedAt: number };

/** What the documents of all kinds share: whether a draft is looked at, and what was asked for and isn't in memory. */
export class Attention {
  /** The state that is looked at has what decisions of the draft have done. */
  isDrafting = false;
  /** The draft has something that isn't in the database. */
  hasDraft = false;
  /** By family, the documents that a look asked for in vain. */
  readonly missed = new Map<string, Set<string>>();
  /** Counts looks, so that what nobody needed for long can go. */
  tick = 0;

  miss(family: string, id: string): void {
    const ids = this.missed.get(family);
    if (ids) ids.add(id);
    else this.missed.set(family, new Set([id]));
  }

  get hasDrafted(): boolean {
    return this.isDrafting && this.hasDraft;
  }

  get hasMissed(): boolean {
    return this.missed.size > 0;
  }
}

/** About what a document weighs beside its body. */
const OVERHEAD = 200;

function ownMap(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  return value instanceof Set ? new Set(value) : value;
}

/**
 * A state of its own, which \`fold\` may change while the other one stays as it is. It shares the records, and lists beside maps, which are
 * replaced and never altered.
 */
function stateLike<S>(state: S): S;
function stateLike(state: unknown): unknown {
  const own = Array.isArray(state) ? [...state] : ownMap(state);
  if (own !== state || !isObject(state)) return own;
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, ownMap(value)]));
}

/**
 * The documents of one kind that are in memory, as of the commit that memory has come to; and, beside, what a draft has made of them. A draft is dropped
 * as a whole where its commits aren't kept.
 */
export class DocumentFamily<S, D extends object> {
  readonly name: string;
  /** About how many bytes of JSON the documents have. */
  weight = 0;
  private readonly kind: Stored<S, D, Event>;
  private readonly attention: Attention;
  private readonly held = new Map<string, Held<S>>();
  private readonly drafted = new Map<string, { state: S; added: number }>();
  /** What the draft changes and isn't in memory, by id or by a rule. A look may have it read until the draft is kept. */
  private readonly passed = new Set<string>();
  private readonly swept: ((id: string) => boolean)[] = [];

  constructor(name: string, kind: Stored<S, D, Event>, attention: Attention) {
    this.name = name;
    this.kind = kind;
    this.attention = attention;
  }

  /** A document; an empty one where it isn't in memory, which is then noted as missed. */
  get(id = ''): S {
    const drafted = this.attention.isDrafting ? this.drafted.get(id) : undefined;
    if (drafted !== undefined) return drafted.state;
    const held = this.held.get(id);
    if (held) {
      held.usedAt = this.attention.tick;
      return held.state;
    }
    this.attention.miss(this.name, id);
    return this.kind.empty();
  }

  has(id: string): boolean {
    return this.held.has(id) || (this.attention.isDrafting && this.drafted.has(id));
  }

  /** The ids of the documents in memory. */
  ids(): string[] {
    return [...new Set([...this.held.keys(), ...(this.attention.isDrafting ? this.drafted.keys() : [])])];
  }

  /** Folds an event of a commit into a document that is in memory. */
  fold(id: string, event: Event, n: number): void {
    const held = this.held.get(id);
    if (!held) return;
    this.kind.fold(held.state, event, id, n);
    const added = roughWeight(event);
    held.weight += added;
    this.weight += added;
  }

  /** Folds an event into the draft of a document; `fresh`: one that isn't in memory begins empty. */
  foldDraft(id: string, event: Event, { n, fresh }: { n: number; fresh: boolean }): void {
    const { state, added } = this.drafted.get(id) ?? { state: this.copyOf(id, fresh), added: 0 };
    if (state === undefined) return void this.passed.add(id);
    this.kind.fold(state, event, id, n);
    this.drafted.set(id, { state, added: added + roughWeight(event) });
  }

  /** Folds an event into the draft of each document in memory that a rule names. */
  sweepDraft(isOf: (id: string) => boolean, event: Event, n: number): void {
    for (const id of this.ids()) if (isOf(id)) this.foldDraft(id, event, { n, fresh: false });
    this.swept.push(isOf);
  }

  private copyOf(id: string, fresh: boolean): S | undefined {
    const held = this.held.get(id);
    if (held) return stateLike(held.state);
    return fresh ? this.kind.empty() : undefined;
  }

  /** A document as it is without the draft; undefined where it isn't in memory. */
  heldOf(id: string): S | undefined {
    return this.held.get(id)?.state;
  }

  /** What a draft has made of a document; undefined where it made nothing of it. */
  draftOf(id: string): S | undefined {
    return this.drafted.get(id)?.state;
  }

  /** Takes in a document as the database has it; without data, there is none. */
  put(id: string, data: D | undefined, weight: number): void {
    this.drop(id);
    const state = data === undefined ? this.kind.empty() : this.kind.load(data);
    this.held.set(id, { state, weight: weight + OVERHEAD, usedAt: this.attention.tick });
    this.weight += weight + OVERHEAD;
  }

  dump(id = ''): D | undefined {
    const held = this.held.get(id);
    return held && this.kind.dump(held.state);
  }

  /** What was drafted is so from now on. */
  keepDraft(): void {
    // What was read since the draft was made is as of before it: nobody has folded the draft's events into that.
    for (const id of this.passed) if (!this.drafted.has(id)) this.drop(id);
    if (this.swept.length > 0)
      for (const id of this.held.keys())
        if (!this.drafted.has(id) && this.swept.some((isOf) => isOf(id))) this.drop(id);
    for (const [id, { state, added }] of this.drafted) {
      const more = this.held.has(id) ? added : added + OVERHEAD;
      const weight = (this.held.get(id)?.weight ?? 0) + more;
      this.held.set(id, { state, weight, usedAt: this.attention.tick });
      this.weight += more;
    }
    this.dropDraft();
  }

  dropDraft(): void {
    this.drafted.clear();
    this.passed.clear();
    this.swept.length = 0;
  }

  /** Drops a document from memory. */
  drop(id: string): void {
    this.weight -= this.held.get(id)?.weight ?? 0;
    this.held.delete(id);
  }

  clear(): void {
    this.held.clear();
    this.dropDraft();
    this.weight = 0;
  }

  /** When each document was last asked for. */
  *uses(): Generator<{ id: string; usedAt: number; weight: number }> {
    for (const [id, { usedAt, weight }] of this.held) yield { id, usedAt, weight };
  }
}
