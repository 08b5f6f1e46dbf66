import type { Agent } from '../agents/agent.ts';
import { isObject } from '../base/json.ts';
import type { ContactEvent, RecentAction } from '../contacts/contact.ts';
import type { BodyFields } from './mapping/dialect.ts';
import { holdsKey } from './mapping/secrets.ts';

/** What an agent's filter and rules look at: fields of contacts and events, and the texts and numbers that they name. */
export type Reads = {
  contact: ReadField[];
  events: ReadField[];
  actions: boolean;
  literals: ReadonlySet<string | number>;
};

/** A field that filter or rules look at. `isOrdered`: it is compared by order, as what counts or dates is. */
type ReadField = { path: string; isOrdered: boolean };

/** A contact as an evaluation saw it, and when that was. */
export type SeenContact = {
  contact: Readonly<Record<string, unknown>>;
  events: readonly ContactEvent[];
  actions: readonly RecentAction[];
  at: string;
};

/** A decision of a person, with as much of its contact as filter and rules read. */
export type TestCase = {
  decision: 'approved' | 'edited' | 'rejected';
  type: string;
  rule?: string;
  version: number;
  at: string;
  contact: BodyFields;
  events: BodyFields[];
  recent_actions: BodyFields[];
};

/** Fields that say who or where somebody is, in one spelling: they are left out whatever a filter does with them. */
const PERSONAL =
  /^(id|guid|uuid|dob|tel|cell|gsm|lat|lng|lon|long|geo)$|ids?$|mail|name|phone|mobile|telefon|whatsapp|fax|address|street|zip|postal|postcode|latitude|longitude|coordinate|birth|company|employer|url|uri|link|website|domain|avatar|photo|ssn|iban|passport|account/;
const TIME = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/;
/** How services name kinds of events: `page`, `track`, `auto_replied`. */
const KIND = /^[a-z][a-z_]{0,29}$/;
const MOST_EVENTS = 50;
const MOST_LITERAL = 60;
const BY_ORDER: ReadonlySet<string> = new Set(['$gt', '$gte', '$lt', '$lte']);

function isPersonal(path: string): boolean {
  return path.split('.').some((part) => PERSONAL.test(part.toLowerCase().replaceAll(/[^a-z]/g, '')));
}

/** What filters were found to look at, while they are gone through. */
type Found = { fields: Set<string>; ordered: Set<string>; literals: Set<string | number> };

/** Goes through a filter: which fields it compares, which of them by order, and with which texts and numbers. */
function readFilter(filter: unknown, found: Found, field?: string): void {
  if (typeof filter === 'string' || typeof filter === 'number') found.literals.add(filter);
  if (Array.isArray(filter)) for (const item of filter) readFilter(item, found, field);
  if (!isObject(filter)) return;
  for (const [name, value] of Object.entries(filter)) {
    if (name === '$options') continue;
    // Below a field, a name without $ is inside of its value.
    const current = field ?? (name.startsWith('$') ? undefined : name);
    if (field === undefined && current !== undefined) found.fields.add(current);
    if (current !== undefined && BY_ORDER.has(name)) found.ordered.add(current);
    readFilter(value, found, current);
  }
}

export function readsOf({ monitoring, playbook }: Pick<Agent, 'monitoring' | 'playbook'>): Reads {
  const literals = new Set<string | number>();
  const nothing = (): Found => ({ fields: new Set(), ordered: new Set(), literals });
  const [contact, events] = [nothing(), nothing()];
  readFilter(monitoring.filter, contact);
  let actions = false;
  for (const { when } of playbook.rules) {
    readFilter(when?.contact, contact);
    for (const { match } of when?.events ?? []) readFilter(match, events);
    for (const { match } of when?.recent_actions ?? []) readFilter(match, nothing());
    actions ||= (when?.recent_actions ?? []).length > 0;
  }
  const readable = ({ fields, ordered }: Found): ReadField[] =>
    [...fields].filter((path) => !isPersonal(path)).map((path) => ({ path, isOrdered: ordered.has(path) }));
  return { contact: readable(contact), events: readable(events), actions, literals };
}

/** A value at a path: a name with dots is tried as it stands, then as a path, as filters do. */
function valueReadAt(record: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  let current: unknown = record;
  for (const part of path.split('.')) {
    if (!isObject(current) || !Object.hasOwn(current, part)) return undefined;
    current = current[part];
  }
  return current;
}

/**
 * Whether a value can be given out: a truth; a number or a time that is compared by order or named; or a text that the
 * filter or a rule itself names. Any other text may be somebody's name, or what somebody wrote, and a number that is only
 * asked for may be somebody's phone.
 */
function isGiven(value: unknown, isOrdered: boolean, literals: Reads['literals']): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return isOrdered || literals.has(value);
  if (typeof value !== 'string') return false;
  if (TIME.test(value)) return isOrdered || literals.has(value);
  const isText = value.length > MOST_LITERAL || /[@\n]|:\/\/|www\.|(\d[\s().-]*){7}/.test(value) || holdsKey(value);
  return !isText && literals.has(value);
}

function picked(
  record: Readonly<Record<string, unknown>>,
  fields: readonly ReadField[],
  { literals }: Reads,
): BodyFields {
  const given: BodyFields = {};
  for (const { path, isOrdered } of fields) {
    const value = valueReadAt(record, path);
    if (value !== undefined && isGiven(value, isOrdered, literals)) given[path] = value;
  }
  return given;
}

function pickedEvent(event: ContactEvent, reads: Reads): BodyFields {
  const fields = reads.events.flatMap(({ path, isOrdered }) =>
    path.startsWith('properties.') ? [{ path: path.slice('properties.'.length), isOrdered }] : [],
  );
  const properties = picked(event.properties, fields, reads);
  const { name, type, timestamp } = event;
  return {
    ...(KIND.test(type) ? { type } : {}),
    ...(name !== undefined && isGiven(name, false, reads.literals) ? { name } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    timestamp,
  };
}

/**
 * Of a contact, only what filter and rules read: no id, name, address, phone or URL, and no text but what they name
 * themselves (contract-http, section 4).
 */
export function picturedFor(
  reads: Reads,
  { contact, events, actions }: SeenContact,
): Pick<TestCase, 'contact' | 'events' | 'recent_actions'> {
  return {
    contact: picked(contact, reads.contact, reads),
    events: reads.events.length > 0 ? events.slice(-MOST_EVENTS).map((event) => pickedEvent(event, reads)) : [],
    recent_actions: reads.actions
      ? actions.slice(0, MOST_EVENTS).map(({ type, status, at }) => ({ type, status, at }))
      : [],
  };
}
