import type { TakenTarget } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { partakersOf } from './sharing.ts';

/**
 * What a process wants of a shared run. `size`: so many contacts at most. `limit`: so many may be under way in all
 * processes together. `held`: those that it has taken since it began or came back. What it took before that is free for it.
 */
export type Wish = { size: number; limit: number | undefined; held: ReadonlySet<string> };
/** What it gets: contacts, and those that are given up, because each process that took them hung or died. */
export type TargetShare = { ids: string[]; takes: number; givenUp: string[] };

/** After so many processes that took a contact alone, or with few others, and hung or died, the contact is given up. */
const MOST_TAKES = 3;
/** What processes died over is taken in ever smaller parts, so that in the end only the contact is given up that is to blame. */
const SMALLER = 16;
/** So few contacts aren't parted any more: each part is a commit of its own. */
const LEAST = 50;

export const CONTACT_GIVEN_UP = {
  code: 'LIMIT_EXCEEDED',
  message:
    'Three processes in turn evaluated this contact, and each hung or died. Look at its fields and events, and at rules, patterns and templates that are slow on them.',
};

/** What is looked at. */
type RunView = Pick<View, 'run' | 'results' | 'isAlive' | 'hasLeft'>;
/** A wish, and the living processes that take part. */
type Terms = { wish: Wish; living: readonly string[] };
/** A contact that some process has. */
type Open = TakenTarget & { id: string };

/** How many of the contacts that may be under way at once are this process's: the living ones have equal parts. */
function partOf(limit: number, self: string, living: readonly string[]): number {
  const place = living.indexOf(self);
  return Math.floor(limit / living.length) + (place < limit % living.length ? 1 : 0);
}

/** The processes that live among those that take part, with this one. */
function livingOf(view: RunView, self: string, runId: string): string[] {
  const run = view.run(runId);
  const all = [...(run ? partakersOf(run) : []), self];
  return [...new Set(all)].filter((one) => one === self || view.isAlive(one));
}

/** How many more contacts a process may have under way; `open` are those that some process has. */
function roomFor(view: RunView, self: string, open: readonly Open[], { wish, living }: Terms): number {
  const { size, limit, held } = wish;
  if (limit === undefined) return size;
  const mine = open.filter(({ id, holder }) => holder === self && held.has(id)).length;
  const others = open.filter(({ holder }) => holder !== self && view.isAlive(holder)).length;
  return Math.min(size, partOf(limit, self, living) - mine, limit - mine - others);
}

/** How many processes hung or died over a contact, whoever took it last included. One that ended in order doesn't count. */
function diedOver(view: RunView, self: string, taken: TakenTarget | undefined): number {
  if (!taken) return 0;
  const { holder, takes = 1 } = taken;
  return holder === self || view.hasLeft(holder) ? takes - 1 : takes;
}

/** The contacts of a shared run that a process takes. `left`: those that have no result, with what this commit writes. */
export function shareOf(
  view: RunView,
  self: string,
  { run_id, left }: { run_id: string; left: readonly string[] },
  wish: Wish,
): TargetShare {
  const { taken } = view.results(run_id);
  const isFree = (id: string) => {
    const holder = taken.get(id)?.holder;
    return holder === undefined || (holder === self ? !wish.held.has(id) : !view.isAlive(holder));
  };
  const open = left.flatMap((id) => {
    const one = taken.get(id);
    return one ? [{ id, ...one }] : [];
  });
  const living = livingOf(view, self, run_id);
  const room = roomFor(view, self, open, { wish, living });
  const free = left.filter(isFree).map((id) => ({ id, died: diedOver(view, self, taken.get(id)) }));
  const givenUp = free.filter(({ died }) => died >= MOST_TAKES).map(({ id }) => id);
  // What nobody died over comes first.
  const died = Math.min(MOST_TAKES, ...free.map((one) => one.died));
  const some = free.filter((one) => one.died === died && one.died < MOST_TAKES);
  const fair = wish.limit === undefined ? Math.max(LEAST, Math.ceil(some.length / (2 * living.length))) : room;
  const size = Math.floor(Math.min(room, fair) / SMALLER ** died) || 1;
  return { ids: room < 1 ? [] : some.slice(0, size).map(({ id }) => id), takes: died + 1, givenUp };
}
