import { createHash, hash } from 'node:crypto';
import type { Event } from '../../../domain/state/events.ts';

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

export function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'string' && /^[-+!]/.test(value);
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function leafDigest(salt: string, text: string): string {
  return digestOf(`${salt} ${text}`);
}

/** The lists of an event, each with its name, and the event without their items. */
function listsOf(event: Event): { lists: [name: string, items: unknown[]][]; rest: string } {
  const lists: [string, unknown[]][] = [];
  const rest = Object.entries(event).flatMap(([name, value]) => {
    // JSON leaves such a field out.
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [[name, value]];
    lists.push([name, value]);
    return [[name, []]];
  });
  return { lists, rest: JSON.stringify(rest) };
}

/** The texts of a commit's leaves, in order. `header` is that of the fields beside the events. */
export function leavesOf(header: string, events: readonly Event[]): string[] {
  return [header, ...events.flatMap(leavesOfEvent)];
}

/** The texts of an event's leaves: of what is left without its lists, then of every item. */
export function leavesOfEvent(event: Event): string[] {
  const { lists, rest } = listsOf(event);
  return [rest, ...lists.flatMap(([name, items]) => items.map((item) => `${name} ${JSON.stringify(item)}`))];
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
  return next === texts.length ? { root: digestOf(digests.join(' ')), unproven } : undefined;
}

/** The root of a commit that nobody rewrote. Every commit is written with it, so it has to be fast. */
export function freshRoot(salt: string, header: string, events: readonly Event[]): string {
  const texts = leavesOf(header, events);
  const salts = saltsOf(salt, texts.length);
  return digestOf(texts.map((text, index) => leafDigest(salts[index] ?? '', text)).join(' '));
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
  const was = listsOf(before);
  const is = after && listsOf(after);
  if (!is) return leavesOfEvent(before).map(() => '-');
  const lists = new Map(is.lists);
  return [
    was.rest === is.rest ? '+' : '!',
    ...was.lists.flatMap(([name, items]) => {
      const texts = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item));
      return fates(texts(items), texts(lists.get(name) ?? []));
    }),
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
  const texts = ['', ...changes.flatMap(({ before }) => leavesOfEvent(before))];
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
