import { createHash, hash, randomBytes } from 'node:crypto';
import type { Event } from '../../domain/state/events.ts';

/**
 * A commit in leaves, the parts that an erasure keeps, replaces or removes one by one: its fields but the events, then
 * of each event what is left without its lists, and every item of a list. The root is a digest over the salted digests of all leaves. An
 * erasure keeps the digests of the leaves that it takes, so that the root still proves the other ones.
 *
 * How one leaf stands to what the line says now: `+` and its salt proves the next leaf, `!` and its old digest says that
 * the next leaf replaces it, and `-` and its old digest says that it is gone.
 */
export type Leaf = `+${string}` | `!${string}` | `-${string}`;

const SALT_BYTES = 16;
const COMMIT_SALT_BYTES = 12;

export function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'string' && /^[-+!]/.test(value);
}

export function shortDigest(text: string | Buffer): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function leafDigest(salt: string, text: string): string {
  return shortDigest(`${salt} ${text}`);
}

/**
 * An event as JSON, each item of a list made once: the lists with their items, what is left without them, and the whole, in
 * pieces that nobody has put together.
 */
type WrittenEvent = { lists: [name: string, items: string[]][]; rest: string; pieces: string[] };

/** JSON writes an item that is undefined as null. */
function itemOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

/** Writes an event: `pieces` are what JSON.stringify makes of it. Every commit is written by it, so it has to be fast. */
export function writeEvent(event: Event): WrittenEvent {
  const lists: [string, string[]][] = [];
  const rest: [string, unknown][] = [];
  const pieces: string[] = [];
  for (const [name, value] of Object.entries(event)) {
    // JSON leaves such a field out.
    if (value === undefined) continue;
    pieces.push(pieces.length === 0 ? '{' : ',', `${JSON.stringify(name)}:`);
    if (!Array.isArray(value)) {
      rest.push([name, value]);
      pieces.push(JSON.stringify(value));
      continue;
    }
    const items = value.map(itemOf);
    lists.push([name, items]);
    rest.push([name, []]);
    pieces.push('[');
    for (const [index, item] of items.entries()) {
      if (index > 0) pieces.push(',');
      pieces.push(item);
    }
    pieces.push(']');
  }
  pieces.push(pieces.length === 0 ? '{}' : '}');
  return { lists, rest: JSON.stringify(rest), pieces };
}

/** So many bytes are reserved for a text without counting what it takes. */
const LITTLE = 8 << 20;
/** The most bytes that a text takes for each of its characters (UTF-16 code units). */
const BYTES_EACH = 3;

/** The bytes of a text in pieces, in UTF-8. Each piece is encoded by itself: to put them together first takes twice as long. */
export function bytesOfPieces(pieces: readonly string[]): Buffer {
  const most = BYTES_EACH * pieces.reduce((sum, piece) => sum + piece.length, 0);
  const exact = () => pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const bytes = Buffer.allocUnsafe(most <= LITTLE ? most : exact());
  let end = 0;
  for (const piece of pieces) end += bytes.write(piece, end);
  return bytes.subarray(0, end);
}

/** The texts of a commit's leaves, in order. `header` is that of the fields beside the events. */
export function leavesOf(header: string, events: readonly Event[]): string[] {
  return [header, ...events.map(writeEvent).flatMap(leavesOfEvent)];
}

/** The texts of an event's leaves: of what is left without its lists, then of every item. */
export function leavesOfEvent({ lists, rest }: WrittenEvent): string[] {
  return [rest, ...lists.flatMap(([name, items]) => items.map((item) => `${name} ${item}`))];
}

/** Bytes for the salts of the next commits: to ask for a few of them each time takes longer than all else of a salt. */
let salts = Buffer.alloc(0);

/** The salt of a new commit. */
export function freshSalt(): string {
  if (salts.length < COMMIT_SALT_BYTES) salts = randomBytes(256 * COMMIT_SALT_BYTES);
  const salt = salts.toString('base64url', 0, COMMIT_SALT_BYTES);
  salts = salts.subarray(COMMIT_SALT_BYTES);
  return salt;
}

/**
 * A salt for each leaf, made of the commit's in one go. None of them tells another one, so that those of the leaves that
 * stay can stay.
 */
function saltsOf(salt: string, count: number): string[] {
  const bytes = createHash('shake256', { outputLength: SALT_BYTES * count })
    .update(salt)
    .digest();
  return Array.from({ length: count }, (_, index) =>
    bytes.toString('base64url', index * SALT_BYTES, (index + 1) * SALT_BYTES),
  );
}

/**
 * The root over leaves, and the texts among `texts` that no leaf proves. Undefined where leaves and texts don't fit
 * together.
 */
export function rootOf(
  leaves: readonly Leaf[],
  texts: readonly string[],
): { root: string; unproven: string[] } | undefined {
  const unproven: string[] = [];
  const digests: string[] = [];
  let next = 0;
  for (const leaf of leaves) {
    const value = leaf.slice(1);
    const text = leaf.startsWith('-') ? '' : texts[next++];
    if (text === undefined) return undefined;
    if (leaf.startsWith('!')) unproven.push(text);
    digests.push(leaf.startsWith('+') ? leafDigest(value, text) : value);
  }
  return next === texts.length ? { root: shortDigest(digests.join(' ')), unproven } : undefined;
}

/** The root of a commit that nobody rewrote. Every commit is written with it, so it has to be fast. */
export function freshRoot(salt: string, texts: readonly string[]): string {
  const salts = saltsOf(salt, texts.length);
  return shortDigest(texts.map((text, index) => leafDigest(salts[index] ?? '', text)).join(' '));
}

/** What becomes of the leaves of one list: an erasure either replaces items in their places, or removes items. */
function fates(before: readonly string[], after: readonly string[]): ('+' | '!' | '-')[] {
  let next = 0;
  return before.map((text, index) => {
    const isSame = text === after[next];
    if (!isSame && before.length - index > after.length - next) return '-';
    next += 1;
    return isSame ? '+' : '!';
  });
}

function fatesOfEvent(before: Event, after: Event | undefined): ('+' | '!' | '-')[] {
  const was = writeEvent(before);
  const is = after && writeEvent(after);
  if (!is) return leavesOfEvent(was).map(() => '-');
  const lists = new Map(is.lists);
  return [
    was.rest === is.rest ? '+' : '!',
    ...was.lists.flatMap(([name, items]) => fates(items, lists.get(name) ?? [])),
  ];
}

/** What an erasure makes of an event; undefined where nothing of it is left. */
export type EventChange = { before: Event; after: Event | undefined };

/** The leaves of a commit after an erasure. `known` are those of an erasure before, `salt` is that of a fresh commit. */
export function leavesAfter(
  changes: readonly EventChange[],
  { known, salt }: { known?: readonly Leaf[]; salt: string },
): Leaf[] {
  // An erasure keeps the header.
  const texts = ['', ...changes.flatMap(({ before }) => leavesOfEvent(writeEvent(before)))];
  const fate = ['+', ...changes.flatMap(({ before, after }) => fatesOfEvent(before, after))];
  let next = 0;
  const leaves = known ?? saltsOf(salt, texts.length).map((own): Leaf => `+${own}`);
  return leaves.map((leaf): Leaf => {
    if (leaf.startsWith('-')) return leaf;
    const [becomes, text = ''] = [fate[next], texts[next]];
    next += 1;
    if (becomes === '+' || becomes === undefined) return leaf;
    const digest = leaf.startsWith('!') ? leaf.slice(1) : leafDigest(leaf.slice(1), text);
    return becomes === '-' ? `-${digest}` : `!${digest}`;
  });
}
