import { digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { BLOCKING_FLAGS, type Contact, OWN_FIELDS, TEXT_FIELDS } from '../contacts/contact.ts';
import { isFigure } from './figure.ts';

type Fields = Record<string, unknown>;

/**
 * What an evaluation saw of its contact, kept with the result so that it can be told later what moved since. A copy,
 * because the log can't be read at an earlier commit cheaply.
 */
export type Seen = {
  /** When the contact was looked at: rules' windows ended then. */
  at: string;
  /** The contact's fields without id and own times. A value beyond 500 characters is `{characters, digest}`. */
  fields: Fields;
  /** Only the fields by which a contact is recognised were kept: nothing was proposed. */
  brief?: true;
  /** A wide contact: one digest over the fields that found no room, numbers and times left out. */
  rest?: string;
  /** Keys of events that were known, and could be taken for news: answers of 7 days, and what lay in the future. */
  events?: string[];
  /** How many messages all runs had sent to the contact. */
  sent?: number;
};

/** Something that moved since an action was proposed (contract, section 3, `changed_since`). */
export type MovedItem = { what: string; before?: unknown; after?: unknown; at?: string };

/** What an action shows that was proposed by an edition that kept nothing of what its evaluation saw. */
const NOT_KEPT = 'proposed before freshness was kept';

export const notKept: MovedItem = { what: NOT_KEPT };

export function isNotKept({ what }: MovedItem): boolean {
  return what === NOT_KEPT;
}

/** A value with more characters than this, as JSON, is kept and shown as its length and digest. */
const LONGEST_VALUE = 500;
/** How many characters of values and names are kept of a contact, beside those that are always kept. */
const ROOM = 6_000;
const BRIEF = ['email', 'firstname', 'lastname', 'company', 'lifecycle_stage'] as const;
/** Fields that are kept however wide a contact is, and that are never a mere number or time. */
const ALWAYS: ReadonlySet<string> = new Set([...TEXT_FIELDS, 'lifecycle_stage', ...BLOCKING_FLAGS]);
/** What the product notes beside a contact's fields. The flags themselves are seen; where and when they were set isn't. */
const OWN: ReadonlySet<string> = new Set(['id', ...OWN_FIELDS]);
/** Names of what moves beside fields: a field that is called so stands as `contact.<field>`. */
const NO_FIELDS: ReadonlySet<string> = new Set([
  ...['replied', 'unsubscribed', 'bounced', 'complained', 'booked'],
  ...['message sent', 'rule no longer holds', 'other fields', NOT_KEPT],
]);
/** What moved among the fields of a wide contact that found no room. */
const OTHERS = 'other fields';

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Whether only a number or a time moved, in a field that isn't text by its meaning. */
function isFigureMove(name: string, before: unknown, after: unknown): boolean {
  if (ALWAYS.has(name)) return false;
  return (isNone(before) || isFigure(before)) && (isNone(after) || isFigure(after));
}

/** A value as it is kept and shown. */
function kept(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || isNone(value)) return value;
  const characters = typeof value === 'string' ? value.length : canonical(value).length;
  return characters > LONGEST_VALUE ? { characters, digest: digest(value) } : value;
}

function sizeOf(name: string, value: unknown): number {
  if (typeof value === 'string') return name.length + Math.min(value.length, LONGEST_VALUE);
  return typeof value === 'object' ? name.length + Math.min(canonical(value).length, LONGEST_VALUE) : name.length + 8;
}

function fieldsOf(contact: Contact): [name: string, value: unknown][] {
  return Object.entries(contact).filter(([name, value]) => !OWN.has(name) && !isNone(value));
}

/** One digest over the fields that aren't kept, without numbers and times. */
function restOf(entries: readonly (readonly [string, unknown])[], fields: Fields): string {
  const left = entries.filter(([name, value]) => !Object.hasOwn(fields, name) && !isFigure(value));
  return digest(Object.fromEntries(left));
}

/** All fields of a contact as they are kept; undefined where they have no room. Every evaluation asks, so it has to be fast. */
function allFields(contact: Contact): Fields | undefined {
  const fields: Fields = {};
  let size = 0;
  for (const name of Object.keys(contact)) {
    const value = contact[name];
    if (OWN.has(name) || isNone(value)) continue;
    size += sizeOf(name, value);
    if (size > ROOM) return undefined;
    fields[name] = kept(value);
  }
  return fields;
}

/**
 * The fields of a contact as they are kept with a result. Of a contact with many or long fields those come first by
 * which it is recognised and those that `isNamed` finds, then texts, then numbers and times, as far as there is room.
 */
export function keptFields(contact: Contact, isNamed: (field: string) => boolean): Pick<Seen, 'fields' | 'rest'> {
  const whole = allFields(contact);
  if (whole) return { fields: whole };
  const entries = fieldsOf(contact);
  const rank = ([name, value]: readonly [string, unknown]) => {
    if (ALWAYS.has(name) || isNamed(name)) return 0;
    return isFigure(value) ? 2 : 1;
  };
  const fields: Fields = {};
  let room = ROOM;
  for (const place of [0, 1, 2]) {
    for (const entry of entries.filter((each) => rank(each) === place)) {
      const [name, value] = entry;
      room -= sizeOf(name, value);
      if (place === 0 || room >= 0) fields[name] = kept(value);
    }
  }
  return { fields, rest: restOf(entries, fields) };
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === after || (isNone(before) && isNone(after))) return true;
  if (typeof after === 'number' || typeof after === 'boolean') return false;
  return canonical(before) === canonical(kept(after));
}

function moved(name: string, before: unknown, after: unknown, at: string): MovedItem {
  const what = NO_FIELDS.has(name) ? `contact.${name}` : name;
  return { what, ...(isNone(before) ? {} : { before }), ...(isNone(after) ? {} : { after: kept(after) }), at };
}

/** The names of the fields that differ, among those that were seen and those that came since. */
function differing({ fields, brief, rest }: Seen, contact: Contact, isNamed: (field: string) => boolean): string[] {
  const names: string[] = [];
  if (brief) return BRIEF.filter((name) => !isSame(fields[name], contact[name]));
  for (const name of Object.keys(fields)) if (!isSame(fields[name], contact[name])) names.push(name);
  for (const name of Object.keys(contact)) {
    if (OWN.has(name) || Object.hasOwn(fields, name) || isNone(contact[name])) continue;
    // Of a wide contact only some fields were kept: what isn't among them needn't be new.
    if (rest === undefined || ALWAYS.has(name) || isNamed(name)) names.push(name);
  }
  return names;
}

/** Fields that moved: those that matter, and numbers and times that nothing names. */
export type MovedFields = { changed: MovedItem[]; also: MovedItem[] };

/**
 * What somebody's words speak of. `isNamed`: the fields that `keptFields` kept however wide the contact was;
 * `isSpokenOf`: those whose numbers and times matter to a reader of the action.
 */
export type Wording = {
  isNamed: (field: string) => boolean;
  isSpokenOf: (field: string, before: unknown) => boolean;
};

/** What moved in a contact's fields since an evaluation saw them. */
export function movedFields(seen: Seen, contact: Contact, wording: Wording): MovedFields {
  const changed: MovedItem[] = [];
  const also: MovedItem[] = [];
  for (const name of differing(seen, contact, wording.isNamed)) {
    const before = seen.fields[name];
    const after = contact[name];
    const isAside = isFigureMove(name, before, after) && !wording.isSpokenOf(name, before);
    (isAside ? also : changed).push(moved(name, before, after, contact.updated_at));
  }
  const rest = seen.rest === undefined ? undefined : restOf(fieldsOf(contact), seen.fields);
  if (rest !== seen.rest)
    changed.push({ what: OTHERS, before: { digest: seen.rest }, after: { digest: rest }, at: contact.updated_at });
  return { changed, also };
}

/** What is kept of a result without proposals, of what the evaluation saw. */
export function briefOf({ at, fields }: Seen): Seen {
  const given = BRIEF.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]] as const);
  return { at, fields: Object.fromEntries(given), brief: true };
}

/**
 * A contact as its evaluation saw it, in the fields that tell who it is and in those that differ by now; `now` has
 * these as they are, null for one that is gone.
 */
export function thenAndNow(seen: Seen, contact: Contact): { then: Fields; now: Fields } {
  const then: Fields = { ...briefOf(seen).fields };
  const now: Fields = {};
  for (const name of differing(seen, contact, () => false)) {
    const before = seen.fields[name];
    if (!isNone(before)) then[name] = before;
    now[name] = kept(contact[name] ?? null);
  }
  return { then, now };
}
