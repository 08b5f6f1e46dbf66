import { JsonCursor } from './json-cursor.ts';

/**
 * What a part of a line is: a contact's row (`c`), another id of it (`a`), an event (`e`), a note (`n`), what came of
 * it in a run (`r`), a change of one of its actions (`s`), an entry of the decision log about it (`l`), or its deletion
 * (`d`).
 */
export type MentionKind = 'c' | 'a' | 'e' | 'n' | 'r' | 's' | 'l' | 'd';

/** A part of a line that is about one contact: its kind, its bytes, and the hash of the contact's id. */
export type Mention = { kind: MentionKind; from: number; to: number; hash: number };
/** What an event of results, which begins at an offset, says beside them. It is about nobody. */
export type ResultsHead = {
  from: number;
  event: { run_id: string; agent_id: string; dry_run: boolean; at: string };
};

/** The kind of what stands in a field or in each item of a list, and the way to the id in it; none in a pair of ids. */
type Shape = { kind: MentionKind; id: readonly string[] };

const ITEMS: ReadonlyMap<string, Shape> = new Map([
  ['contacts_saved.contacts', { kind: 'c', id: ['id'] }],
  ['contacts_saved.aliases', { kind: 'a', id: [] }],
  ['events_recorded.events', { kind: 'e', id: ['contact_id'] }],
  ['results_recorded.results', { kind: 'r', id: ['contact_id'] }],
  ['actions_changed.changes', { kind: 's', id: ['contact_id'] }],
  ['decisions_recorded.entries', { kind: 'l', id: ['personal', 'contact_id'] }],
]);
const FIELDS: ReadonlyMap<string, Shape> = new Map([['note_added.note', { kind: 'n', id: ['contact_id'] }]]);
const DELETION: Shape = { kind: 'd', id: ['contact_id'] };

/**
 * A short hash of an id as JSON writes it, quotes included: 25 bits. Others may have the same, so who reads a mention
 * looks at the id that stands there.
 */
export function idHash(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return ((hash >>> 16) ^ hash ^ (hash << 9)) >>> 7;
}

/** The hash of the value that begins at the cursor, which goes on behind it. */
function hashHere(bytes: Buffer, cursor: JsonCursor): number {
  const from = cursor.at;
  cursor.skip();
  return idHash(bytes, from, cursor.at);
}

/**
 * The hash of the id in the value at the cursor, which goes on behind it; undefined where it has none. `depth` is how
 * much of the way has been gone.
 */
function hashInside(bytes: Buffer, cursor: JsonCursor, way: readonly string[], depth = 0): number | undefined {
  if (!cursor.enter()) {
    cursor.skip();
    return undefined;
  }
  const wanted = way[depth];
  if (wanted === undefined) {
    if (!cursor.item()) return undefined;
  } else {
    let name = cursor.field();
    for (; name !== undefined && name !== wanted; name = cursor.field()) cursor.skip();
    if (name === undefined) return undefined;
  }
  const hash = depth < way.length - 1 ? hashInside(bytes, cursor, way, depth + 1) : hashHere(bytes, cursor);
  cursor.leave();
  return hash;
}

/** The mention that the value at the cursor is, if any; the cursor goes on behind it. */
function mentionHere(bytes: Buffer, cursor: JsonCursor, { kind, id }: Shape): Mention[] {
  const from = cursor.at;
  const hash = hashInside(bytes, cursor, id);
  return hash === undefined ? [] : [{ kind, from, to: cursor.at, hash }];
}

function* mentionsInList(bytes: Buffer, cursor: JsonCursor, shape: Shape): Generator<Mention> {
  if (!cursor.enter()) return cursor.skip();
  while (cursor.item()) yield* mentionHere(bytes, cursor, shape);
}

/** The kind of the event that begins at the cursor, which stays there. */
function typeHere(bytes: Buffer, { at }: JsonCursor): string {
  const cursor = new JsonCursor(bytes, at);
  // It is the first field of what the product writes.
  for (let name = cursor.enter() ? cursor.field() : undefined; name !== undefined; name = cursor.field()) {
    const from = cursor.at;
    cursor.skip();
    if (name === 'type') return bytes.toString('latin1', from + 1, cursor.at - 1);
  }
  return '';
}

/** What an event of results that begins at an offset says beside them. */
function resultsHead(bytes: Buffer, from: number): ResultsHead {
  const cursor = new JsonCursor(bytes, from);
  cursor.enter();
  const rest = JSON.parse('{}');
  for (let name = cursor.field(); name !== undefined; name = cursor.field()) {
    const start = cursor.at;
    cursor.skip();
    if (name !== 'results') rest[name] = JSON.parse(bytes.toString('utf8', start, cursor.at));
  }
  const { run_id, agent_id, dry_run, at } = rest;
  return { from, event: { run_id, agent_id, dry_run, at } };
}

function* mentionsInEvent(bytes: Buffer, cursor: JsonCursor): Generator<Mention | ResultsHead> {
  const type = typeHere(bytes, cursor);
  if (type === 'contact_deleted') return yield* mentionHere(bytes, cursor, DELETION);
  if (type === 'results_recorded') yield resultsHead(bytes, cursor.at);
  if (!cursor.enter()) return cursor.skip();
  for (let name = cursor.field(); name !== undefined; name = cursor.field()) {
    const [ofItems, ofField] = [ITEMS.get(`${type}.${name}`), FIELDS.get(`${type}.${name}`)];
    if (ofItems) yield* mentionsInList(bytes, cursor, ofItems);
    else if (ofField) yield* mentionHere(bytes, cursor, ofField);
    else cursor.skip();
  }
}

/**
 * What a line, which begins at an offset, says of contacts, and the heads of its events of results. Throws SyntaxError
 * where the line isn't what a store writes.
 */
export function* mentionsIn(bytes: Buffer, from: number): Generator<Mention | ResultsHead> {
  const cursor = new JsonCursor(bytes, from);
  cursor.enter();
  for (let name = cursor.field(); name !== undefined; name = cursor.field()) {
    if (name !== 'events' || !cursor.enter()) cursor.skip();
    else while (cursor.item()) yield* mentionsInEvent(bytes, cursor);
  }
}
