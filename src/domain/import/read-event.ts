import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY, isObject } from '../base/json.ts';
import type { ContactEvent } from '../contacts/contact.ts';
import { excerpt, type RawRow } from './raw-row.ts';
import { isoTime } from './time.ts';
import { checkNested, isBlank, Problem, readEmail, readId, readText } from './values.ts';

/**
 * What a row says of an event: its contact, by `id`, `email` or both; the event; and the time where the row has one.
 */
export type EventRow = {
  id: string | undefined;
  email: string | undefined;
  event: Omit<ContactEvent, 'contact_id' | 'timestamp'>;
  timestamp: string | undefined;
};

const KEYS = {
  id: ['contact_id', 'userId', 'anonymousId'],
  email: ['email'],
  type: ['type'],
  name: ['name', 'event'],
  properties: ['properties'],
  timestamp: ['timestamp'],
  message_id: ['messageId', 'message_id'],
} as const;
const KNOWN: ReadonlySet<string> = new Set(Object.values(KEYS).flat());

/** Reads an event's row; returns the first problem where there is one. Keys that events don't have go to `ignored`. */
export function readEvent(row: RawRow, ignored: Set<string>): EventRow | Problem {
  for (const key of Object.keys(row.cells)) {
    if (key === FORBIDDEN_KEY) throw invalid(`An event may not have a key ${FORBIDDEN_KEY}: rename it.`);
    if (!KNOWN.has(key)) ignored.add(key);
  }
  const id = read(row, KEYS.id, readId);
  if (id instanceof Problem) return id;
  const email = read(row, KEYS.email, readEmail);
  if (email instanceof Problem) return email;
  if (id === undefined && email === undefined) return new Problem('is an event without contact_id, userId or email');
  const event = readFields(row);
  if (event instanceof Problem) return event;
  const timestamp = read(row, KEYS.timestamp, readTime);
  return timestamp instanceof Problem ? timestamp : { id, email, event, timestamp };
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

function readTime(cell: unknown, key: string): string | Problem {
  const time = isoTime(cell);
  return time ?? new Problem(`${key} ${excerpt(cell)} isn't an ISO 8601 time, such as "2026-01-31T09:30:00Z"`);
}
