import { canonical, isObject } from '../../domain/base/json.ts';
import { withoutPerson } from '../../domain/state/erasure.ts';
import type { Event } from '../../domain/state/events.ts';
import { commitHeader, HEAD_LENGTH, isUnchanged, kindsOf, lineDigest, type ReadCommit } from './commit.ts';
import { type Leaf, leavesOf, leavesOfEvent, rootOf, writeEvent } from './leaves.ts';

const ERASED = Buffer.from(',"erased":[');

/** The stand-ins that a rewritten line names; undefined for a line that names none, as the first edition rewrote them. */
export function erasedIn(line: Buffer): string[] | undefined {
  const start = line.subarray(0, HEAD_LENGTH + ERASED.length).indexOf(ERASED);
  if (start === -1) return undefined;
  try {
    const list: unknown = JSON.parse(line.toString('utf8', start + ERASED.length - 1, line.indexOf(']', start) + 1));
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A rewritten line as an audit judges it. `erased` is undefined where the first edition rewrote the line. `hasProof`: what
 * it still says can be held against its old digest, by its root.
 */
export type RewrittenCommit = {
  n: number;
  own: string;
  segment: number;
  where: string;
  hasProof: boolean;
  erased?: readonly string[];
};

/**
 * Kinds of events of which an erasure leaves a sign, as they then name the stand-in, and kinds that it never touches. A
 * line of nothing else that names no stand-in was rewritten without being about the contact.
 */
const TELLING: ReadonlySet<Event['type']> = new Set([
  ...(['actions_changed', 'run_started', 'run_ended', 'contact_deleted', 'decisions_recorded'] as const),
  ...([
    'decisions_redacted',
    'agent_saved',
    'agent_deleted',
    'identity_saved',
    'tick_counted',
    'thread_ended',
  ] as const),
  ...(['history_claimed', 'history_rewritten', 'home_raised', 'brake_set', 'targets_taken'] as const),
]);

/** Whether an event's kind would show the stand-in. KeptBeside an assistant's answer stood the lease of the next contact. */
function isTelling(event: Event): boolean {
  if (event.type !== 'results_recorded') return TELLING.has(event.type);
  return event.results.every((result) => result.evaluation_id === undefined);
}

/** A part of a line as JSON: an item of the list that it names, or, without a name, an event without its lists. */
function partOf(text: string): { list: string; part: unknown } {
  const list = /^\w* /.exec(text)?.[0] ?? '';
  const json: unknown = JSON.parse(text.slice(list.length));
  return { list: list.trim(), part: list === '' && Array.isArray(json) ? Object.fromEntries(json) : json };
}

/** The contact that a part of a line is about, in the places where an erasure puts a stand-in, and in no other. */
function standInOf(text: string): unknown {
  const { list, part } = partOf(text);
  if (list === 'targets') return part;
  if (!isObject(part)) return undefined;
  if (list === 'results' || list === 'changes') return part.contact_id;
  if (list !== '') return undefined;
  if (part.type === 'contact_deleted') return part.contact_id === part.stand_in ? part.stand_in : undefined;
  return part.type === 'thread_talked' && isObject(part.thread) ? part.thread.contact_id : undefined;
}

/** Whether a part of a line is what an erasure puts in the place of what it takes. */
function isLeftover(text: string, erased: readonly string[]): boolean {
  const isRedacted = text.startsWith('entries ') && text.includes('"personal_digest"') && !text.includes('"personal":');
  if (isRedacted) return true;
  const standIn = standInOf(text);
  return erased.some((one) => one === standIn);
}

/** Kinds of events that an erasure takes whole, each of one leaf, and kinds of which it takes items of lists. */
const GOES_WHOLE: ReadonlySet<string> = new Set<Event['type']>(['note_added', 'evaluation_leased']);
const LOSES_ITEMS: ReadonlySet<string> = new Set<Event['type']>([
  ...(['contacts_saved', 'events_recorded', 'run_created', 'thread_talked'] as const),
]);

/** A part of a line that is still there: the kind of its event, and whether it is the event's first leaf. */
type Present = { type: string; isFirst: boolean };

/** The events, by their places among all kinds, that a line may be at after one more leaf: `own`, or one that is gone. */
function placesAfter(at: number, own: Present | undefined, kinds: readonly string[]): number[] {
  const [kind = '', following = ''] = [kinds[at], kinds[at + 1]];
  if (own?.isFirst) return following === own.type ? [at + 1] : [];
  if (own) return kind === own.type ? [at] : [];
  return [...(LOSES_ITEMS.has(kind) ? [at] : []), ...(GOES_WHOLE.has(following) ? [at + 1] : [])];
}

/** Whether an erasure takes what is gone of a line: whole events, and items of lists, each of certain kinds only. */
function takesSuch(commit: ReadCommit['commit'], [, ...leaves]: readonly Leaf[]): boolean {
  const kinds = kindsOf(commit);
  const present = commit.events.flatMap((event) =>
    leavesOfEvent(writeEvent(event)).map((_, index): Present => ({ type: event.type, isFirst: index === 0 })),
  );
  let next = 0;
  // A leaf that is gone tells nothing, so a line may be at more than one place.
  let places = new Set([-1]);
  for (const leaf of leaves) {
    const own = leaf.startsWith('-') ? undefined : present[next++];
    places = new Set([...places].flatMap((at) => placesAfter(at, own, kinds)));
  }
  return places.has(kinds.length - 1);
}

/**
 * Why what a line still says isn't what its old digest stands for. Only leftovers of the erasure need no proof. What
 * stands in a line without a root is held against what was bound when the home was raised (`OldLines`).
 */
function unproven({ commit, root = '', rewriting }: ReadCommit, erased: readonly string[]): string | undefined {
  const { body = '', leaves = [], was } = rewriting ?? {};
  const found = rootOf(leaves, leavesOf(commitHeader(commit), commit.events));
  const isBound = root === '' || (found?.root === root && lineDigest(body, root) === was);
  if (!found || !isBound) return 'the rest of it was altered too';
  if (!leaves[0]?.startsWith('+')) return 'it no longer proves when it was written, and by whom';
  if (leaves.every((leaf) => leaf.startsWith('+'))) return 'it erased nothing';
  if (!takesSuch(commit, leaves)) return 'it took what no erasure takes';
  const stranger = found.unproven.find((text) => !isLeftover(text, erased));
  return stranger === undefined ? undefined : 'it replaced what was about none of the contacts that were erased';
}

/** Why a line of the first edition, which proves nothing, can't have been about one of the contacts. */
function untold({ commit }: ReadCommit, erased: readonly string[]): string | undefined {
  const { events } = commit;
  if (events.length === 0 || !events.every(isTelling)) return undefined;
  const text = JSON.stringify(events);
  return erased.some((standIn) => text.includes(JSON.stringify(standIn)))
    ? undefined
    : 'it is about none of the contacts that were erased';
}

/**
 * Why a line can't be what an erasure of the contacts behind these stand-ins left; undefined where it can. Forgetting
 * the contacts again must leave the line as it is, and what it says beside must be what stood there.
 */
export function unlikeErasure(read: ReadCommit, erased: readonly string[]): string | undefined {
  if (erased.length === 0) return 'it names nobody who was erased';
  const { events } = read.commit;
  for (const standIn of erased) {
    const erasure = { contact_id: standIn, stand_in: standIn, thread_ids: [] };
    const again = events.flatMap((event) => withoutPerson(event, erasure) ?? []);
    if (canonical(again) !== canonical(events)) return `it still says what erasing ${standIn} removes`;
  }
  return read.rewriting?.leaves ? unproven(read, erased) : untold(read, erased);
}

/** The line of a step in the log where an erasure rewrote it and changed what it says. */
export function rewrittenIn(step: ReadCommit & { where: string; segment: number }): RewrittenCommit | undefined {
  const { commit, rewriting, own, root, segment, where } = step;
  if (!rewriting || isUnchanged(step)) return undefined;
  const { erased, leaves } = rewriting;
  return {
    n: commit.n,
    own,
    segment,
    where,
    hasProof: leaves !== undefined && root !== undefined,
    ...(erased ? { erased } : {}),
  };
}
