import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY, isObject } from '../base/json.ts';
import type { ContactEvent } from '../contacts/contact.ts';
import type { FlagSaid } from './flag-steps.ts';
import { contextTraits, Paths, setWithin } from './nested-flags.ts';
import { excerpt, halvedProblem, type RawRow, WHOSE_KEYS } from './raw-row.ts';
import { isoTime } from './time.ts';
import { addressesOf, checkNested, isBlank, Problem, readEmail, readId, readText } from './values.ts';
import { addressRank } from './words/column-names.ts';
import { type ConsentName, consentName } from './words/consent-names.ts';

/**
 * What a row says of an event: its contact, by `id`, `email` or both; the event; and the time where the row has one.
 */
export type EventRow = {
  id: string | undefined;
  email: string | undefined;
  event: Omit<ContactEvent, 'contact_id' | 'timestamp'>;
  timestamp: string | undefined;
  /** What the event's call says of its user, beside the event. */
  traits: Record<string, unknown> | undefined;
};

const KEYS = {
  id: WHOSE_KEYS,
  email: ['email'],
  type: ['type'],
  name: ['name', 'event'],
  properties: ['properties'],
  timestamp: ['timestamp'],
  message_id: ['messageId', 'message_id'],
} as const;
const NOTHING: readonly FlagSaid[] = [];
const EARLIEST = '1990';
const MOST_AHEAD_MS = 24 * 3_600_000;
/** Types of events that tell what somebody looked at: a page about unsubscribing is no objection. */
const VISITS: ReadonlySet<string> = new Set(['page', 'screen']);
/** How events tell a bounce that may pass. */
const SOFT = /"(?:[a-z_ ]*type|classification|category|class|severity)":\s*"[^"]*(?:soft|transient|temporary)/i;
/** A call that came to an objection is no objection to calls. */
const CALL = /\b(?:calls?|called|phone)\b/gi;
const MOST_NAMES = 10_000;
const KNOWN: ReadonlySet<string> = new Set(Object.values(KEYS).flat());

/**
 * Reads an event's row; returns the first problem where there is one, such as a time that can't be. Keys that events
 * don't have go to `ignore`.
 */
export function readEvent(row: RawRow, ignore: (key: string) => void, now: Date): EventRow | Problem {
  for (const key of Object.keys(row.cells)) {
    if (key === FORBIDDEN_KEY) throw invalid(`An event may not have a key ${FORBIDDEN_KEY}: rename it.`);
    if (!KNOWN.has(key)) ignore(key);
  }
  const halved = halvedProblem(row);
  if (halved !== undefined) return new Problem(halved);
  const id = read(row, KEYS.id, readId);
  if (id instanceof Problem) return id;
  const email = read(row, KEYS.email, readEmail);
  if (email instanceof Problem) return email;
  if (id === undefined && email === undefined) return new Problem('is an event without contact_id, userId or email');
  const event = readFields(row);
  if (event instanceof Problem) return event;
  const timestamp = read(row, KEYS.timestamp, (cell, key) => readTime(cell, key, now));
  return timestamp instanceof Problem ? timestamp : { id, email, event, timestamp, traits: row.traits };
}

/** Whom an event is about, as far as that can be read. */
export function whomOfEvent(row: RawRow): Pick<EventRow, 'id' | 'email'> {
  const textOf = (value: string | Problem | undefined) => (value instanceof Problem ? undefined : value);
  return { id: textOf(read(row, KEYS.id, readId)), email: textOf(read(row, KEYS.email, readEmail)) };
}

/** What can be read of an event that has an error; undefined where even its type and name can't. */
export function readFaultyEvent(row: RawRow): EventRow | undefined {
  const { properties, ...cells } = row.cells;
  const event = readFields({ ...row, cells });
  if (event instanceof Problem) return undefined;
  const told = { ...event, properties: isObject(properties) ? properties : {} };
  return { ...whomOfEvent(row), event: told, timestamp: undefined, traits: row.traits };
}

/** The addresses that an event gives beside its contact: an objection counts for them, too. */
export function addressesIn({ cells, address }: RawRow): string[] {
  const { context, properties, traits } = cells;
  const around = [properties, traits, ...(isObject(context) ? [context.traits] : [])];
  const given = around.flatMap((part) =>
    isObject(part) ? Object.entries(part).flatMap(([key, value]) => (isAddressKey(key) ? [value] : [])) : [],
  );
  return [cells.email, address, ...given].flatMap(addressesOf);
}

function isAddressKey(key: string): boolean {
  return /^recipient$/i.test(key) || addressRank(key) === 0;
}

function readFields(row: RawRow): EventRow['event'] | Problem {
  const type = read(row, KEYS.type, readId);
  if (type instanceof Problem) return type;
  if (type === undefined) return new Problem('is an event without a type, such as "page" or "track"');
  const name = read(row, KEYS.name, readText);
  if (name instanceof Problem) return name;
  const properties = read(row, KEYS.properties, readProperties);
  if (properties instanceof Problem) return properties;
  const messageId = read(row, KEYS.message_id, readId);
  if (messageId instanceof Problem) return messageId;
  return {
    type,
    ...(name === undefined ? {} : { name }),
    properties: properties ?? {},
    ...(messageId === undefined ? {} : { message_id: messageId }),
  };
}

/** Reads the first of `keys` whose cell isn't blank; undefined where all are blank. */
function read<T>(row: RawRow, keys: readonly string[], reader: (cell: unknown, key: string) => T): T | undefined {
  for (const key of keys) {
    const cell = Object.hasOwn(row.cells, key) ? row.cells[key] : undefined;
    if (!isBlank(cell, false)) return reader(cell, key);
  }
  return undefined;
}

function readProperties(cell: unknown, key: string): Record<string, unknown> | Problem {
  if (!isObject(cell)) return new Problem(`${key} must be an object`);
  return checkNested(cell, key) ?? cell;
}

/** The time of an event: not before 1990, and at most 24 hours ahead, for clocks and zones that are wrong. */
function readTime(cell: unknown, key: string, now: Date): string | Problem {
  const time = isoTime(cell);
  if (time === undefined)
    return new Problem(
      `${key} ${excerpt(cell)} isn't an ISO 8601 time, such as "2026-01-31T09:30:00Z", nor seconds or milliseconds since 1970`,
    );
  if (time < EARLIEST) return new Problem(`${key} ${excerpt(cell)} is ${time}, before 1990: correct it`);
  if (Date.parse(time) > now.getTime() + MOST_AHEAD_MS)
    return new Problem(`${key} ${excerpt(cell)} is ${time}, more than 24 hours from now: correct it`);
  return time;
}

/**
 * Reads what events say of consent by their names and properties, each name once: an import may hold a million events of
 * few names.
 */
export class EventWords {
  readonly #names = new Map<string, ConsentName | undefined>();
  readonly #paths = new Paths();
  readonly #traitPaths = contextTraits();

  /** The objection or bounce that an event tells, such as Segment's "Unsubscribed" and "Email Marked as Spam". */
  saidBy(row: EventRow): readonly FlagSaid[] {
    const said = this.#saidByEvent(row);
    const beside = row.traits ? setWithin(this.#traitPaths, row.traits) : NOTHING;
    return beside.length === 0 ? said : [...said, ...beside];
  }

  #saidByEvent({ event, timestamp }: EventRow): readonly FlagSaid[] {
    const { type, name, properties } = event;
    if (VISITS.has(type.toLowerCase())) return NOTHING;
    const meaning = this.#meaningOf(name) ?? this.#meaningOf(type) ?? this.#meaningOf(name && `${type} ${name}`);
    const column = `event ${excerpt(name ?? type)}`;
    if (meaning !== 'out' && meaning !== 'bounced') return this.#saidInProperties(name ?? type, column, properties);
    if (meaning === 'bounced' && SOFT.test(JSON.stringify(properties))) return NOTHING;
    const flag = meaning === 'out' ? 'do_not_email' : 'bounced';
    return [{ flag, what: 'set', column, value: timestamp ?? 'no time', isGuess: true }];
  }

  /** What the properties say, such as `Subscription Changed {"status": "unsubscribed"}`. */
  #saidInProperties(name: string, column: string, properties: Record<string, unknown>): readonly FlagSaid[] {
    for (const _ in properties) {
      const at = this.#paths.at(name, name.replace(CALL, ' '), column);
      return setWithin(at, properties);
    }
    return NOTHING;
  }

  #meaningOf(name: string | undefined): ConsentName | undefined {
    if (name === undefined) return undefined;
    const known = this.#names.get(name);
    if (known !== undefined || this.#names.has(name)) return known;
    // A click on the link to unsubscribe is an objection, while a column with that link is none.
    const meaning = consentName(name.replace(/\blinks?\b/gi, ' '));
    if (this.#names.size < MOST_NAMES) this.#names.set(name, meaning);
    return meaning;
  }
}
