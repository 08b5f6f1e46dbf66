import { isObject } from '../base/json.ts';
import { cellSays, type FlagSaid, type FlagStep, guessedFlag } from './flag-steps.ts';
import { isOtherChannel } from './words/consent-names.ts';

const DEEPEST = 8;
const MOST_KEYS = 200;
const MOST_REMEMBERED = 1_000;
const LONGEST_LABEL = 80;
const LONGEST_TREE = 10_000;
/** Keys whose texts name what the object beside them is about: `{"channel": "email", "status": "unsubscribed"}`. */
const LABELS: ReadonlySet<string> = new Set(
  'name label title key field property channel type category topic purpose list slug'.split(' '),
);
/** Keys that hold what such an object says. */
const VALUES =
  /^(?:is|has)?(?:value|values|status|state|enabled|checked|selected|answer|choice|allowed|active|given|granted|consent|subscri\w*|unsub\w*|opt(?:ed)?_?(?:in|out))$/i;
/** Keys that tell of such an object when and whence it came. */
const ABOUT =
  /^(?:id|_id|ip|by|date|time|timestamp|source|method|version|code|message|reason|description|.*(?:_at|At|_on|_by|By|_id|Id|[dD]ate|[tT]ime|[sS]ource))$/;
/** Lists in which an object is named by what it says: a tag called "Unsubscribed". */
const TAGS = /(?:tag|label|segment|group)s?$/i;

/**
 * A place in nested values, and what its name says: the words of the path joined. Paths are remembered, because rows
 * have the same keys.
 */
export class Paths {
  readonly #words: string;
  readonly #shown: string;
  readonly #own: string;
  readonly #children = new Map<string, Paths>();
  #step: FlagStep | null | undefined;

  /** `words`: of the whole path; `shown`: as a flag's source names it; `own`: of its last part alone. */
  constructor(words = '', shown = words, own = words) {
    this.#words = words;
    this.#shown = shown;
    this.#own = own;
  }

  /** The place of a key below this one. `shown` is how the source names the key. */
  at(key: string, words = key, shown = key): Paths {
    const known = this.#children.get(key);
    if (known) return known;
    const child = new Paths(`${this.#words} ${words}`.trim(), this.#shown ? `${this.#shown}.${shown}` : shown, words);
    if (this.#children.size < MOST_REMEMBERED) this.#children.set(key, child);
    return child;
  }

  /** The place of the object that labels name. Its values' own words are the labels'. */
  labelled(labels: string): Paths {
    return labels === '' ? this : this.at(`[${labels}]`, labels, `[${labels}]`);
  }

  get isTagList(): boolean {
    return TAGS.test(this.#own);
  }

  /** How values are read here; undefined where the path says nothing, or is about another channel. */
  get step(): FlagStep | undefined {
    // Null is known too: most paths say nothing, and are asked of each row.
    if (this.#step === undefined) this.#step = this.#guess() ?? null;
    return this.#step ?? undefined;
  }

  #guess(): FlagStep | undefined {
    const joined = guessedFlag(this.#words, false);
    const own = isOtherChannel(this.#words) ? undefined : guessedFlag(this.#own, false);
    const step = own?.how === 'own' ? own : (joined ?? own);
    return step && { ...step, column: this.#shown };
  }

  /** The place of a value: one under a key that only says "value" is named by what the key belongs to. */
  valueAt(key: string): Paths {
    const known = this.#children.get(key);
    if (known) return known;
    if (!/^values?$/i.test(key)) return this.at(key);
    const child = new Paths(this.#words, `${this.#shown}.${key}`, this.#own);
    this.#children.set(key, child);
    return child;
  }
}

/** Whether a cell holds values with names of their own. */
export function isTree(cell: unknown): boolean {
  return typeof cell === 'object' && cell !== null && (!Array.isArray(cell) || cell.some(isObject));
}

/** What nested values say by the words of their paths. */
export function saidWithin(at: Paths, value: unknown, depth = 0): FlagSaid[] {
  if (depth > DEEPEST) return [];
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return value.slice(0, MOST_KEYS).flatMap((item) => saidWithin(at, item, depth + 1));
  }
  if (isObject(value)) return saidByKeys(at, value, depth);
  const said = at.step && cellSays(at.step, value);
  return said ? [said] : [];
}

/** What values beside a row say, as far as it sets a flag: they clear none. */
export function setWithin(at: Paths, values: Record<string, unknown>): readonly FlagSaid[] {
  return saidWithin(at, values).filter(({ what }) => what !== 'clear');
}

/** The place of what a call's context says of the user. */
export function contextTraits(): Paths {
  return new Paths('', 'context.traits');
}

function saidByKeys(at: Paths, value: Record<string, unknown>, depth: number): FlagSaid[] {
  const entries = Object.entries(value).slice(0, MOST_KEYS);
  if (!entries.some(([key]) => VALUES.test(key)))
    return entries.flatMap(([key, cell]) => saidWithin(at.valueAt(key), cell, depth + 1));
  const labels: string[] = [];
  for (const [key, cell] of entries)
    if (LABELS.has(key) && typeof cell === 'string') labels.push(cell.slice(0, LONGEST_LABEL));
  const named = at.labelled(labels.join(' '));
  return entries.flatMap(([key, cell]) => {
    if (LABELS.has(key)) return at.isTagList ? saidWithin(at.at(key), cell, depth + 1) : [];
    return ABOUT.test(key) ? [] : saidWithin(named.valueAt(key), cell, depth + 1);
  });
}

/** Whether nested values are read by their paths, or are about another channel: else their column's own step reads them. */
export function isSaidWithin(at: Paths, value: unknown): boolean {
  return saidWithin(at, value).length > 0 || isOtherChannel(JSON.stringify(value).slice(0, LONGEST_TREE));
}
