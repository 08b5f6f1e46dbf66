import {
  hasNews,
  isTimeToTell,
  NOTHING_WAITS,
  type Notices,
  stillTold,
  triedAgainAt,
  type Waits,
} from '../../domain/notices/news.ts';
import { visible } from '../../domain/text/visible.ts';
import type { House } from '../base/house.ts';
import { factsToTell, waitsNow } from './notice-facts.ts';
import { type NoticePlace, noticePlace, postNotice } from './notice-post.ts';
import { keepNotices, recallNotices } from './notice-seat.ts';

const LOOK_MS = 3_000;
/** How often what is kept is written again, so that it isn't swept away as old. */
const KEEP_AGAIN_MS = 3_600_000;
/** Changes lapse by time alone: so old may be what was counted while nothing was committed. */
const COUNTED_MS = 60_000;

/** Tells the person of what waits. `look` may be called at any time, and throws what the store throws. */
export type Notifier = { look: () => Promise<void> };

type Counted = { commits: number; at: number; waits: Waits };

/** Counts what waits, again only after a commit or a while. */
function createCounter(house: House): () => Promise<Waits> {
  let known: Counted | undefined;
  return async () => {
    const now = house.deps.now().getTime();
    const commits = await house.read((view) => view.commits());
    if (known?.commits === commits && Math.abs(now - known.at) < COUNTED_MS) return known.waits;
    known = { commits, at: now, waits: await house.read(waitsNow) };
    return known.waits;
  };
}

/** Sends one notice, and keeps what came of it, unless another process has taken over meanwhile. */
async function tell(house: House, to: NoticePlace, state: Notices): Promise<void> {
  const { deps, store } = house;
  const now = deps.now();
  const tries = (state.trying?.tries ?? 0) + 1;
  const id = state.trying?.id ?? deps.newId('notice');
  // Written before the notice goes: whoever takes over from a process that dies here waits, and uses the same id.
  const trying = { id, tries, not_before: triedAgainAt(tries, now) };
  await keepNotices(store, { ...state, trying }, now);
  const { facts, waits } = await factsToTell(house, to);
  const heartbeat = setInterval(() => void store.renew(), 4_000);
  heartbeat.unref();
  const delivery = await postNotice(deps, to, facts, id).finally(() => clearInterval(heartbeat));
  if ((await recallNotices(store))?.holder !== store.holder) return;
  const { trying: _trying, failed: _failed, ...rest } = state;
  const after = deps.now();
  const at = after.toISOString();
  if (delivery.outcome === 'accepted') return keepNotices(store, { ...rest, told: waits, last_at: at }, after);
  const failed = { at, message: visible(delivery.message) };
  deps.log.warn({ ...failed, tries }, 'a notice of what waits could not be sent; it is tried again');
  await keepNotices(store, { ...rest, trying: { id, tries, not_before: triedAgainAt(tries, after) }, failed }, after);
}

/**
 * Whether this process is the one that tells, of all processes of the home: then the state as it was kept. Of several that
 * want to be, the last one to say so is; it acts from its next look on, when all of them have said it.
 */
async function seated(house: House, { place }: NoticePlace): Promise<Notices | undefined> {
  const { store, deps } = house;
  const kept = await recallNotices(store);
  const isOwn = kept?.holder === store.holder;
  const holder = kept?.holder;
  if (!isOwn && holder !== undefined && (await house.read((view) => view.isAlive(holder)))) return undefined;
  // The lease is how others see that this one lives.
  await store.renew();
  const now = deps.now();
  // Another place was told nothing yet.
  const state = kept?.place === place ? kept : { place, told: NOTHING_WAITS, kept_at: now.toISOString() };
  if (isOwn) return state;
  await keepNotices(store, { ...state, holder: store.holder }, now);
  return undefined;
}

/** Lets another process tell, one that has what this one lacks. */
async function giveUpSeat(house: House): Promise<void> {
  const kept = await recallNotices(house.store);
  if (kept?.holder !== house.store.holder) return;
  const { holder: _holder, ...rest } = kept;
  await keepNotices(house.store, rest, house.deps.now());
}

export function createNotifier({ whole: house }: House): Notifier {
  const { deps, store } = house;
  const count = createCounter(house);
  let lacked: string | undefined;
  let mayHoldSeat = false;

  /** Whether this process can send notices; what it lacks is logged once. */
  async function usable(): Promise<NoticePlace | undefined> {
    const to = noticePlace(deps);
    if (to !== undefined && !('problem' in to)) {
      mayHoldSeat = true;
      return to;
    }
    if (to && to.problem !== lacked) deps.log.info({ problem: to.problem }, 'no notices can be sent by this process');
    lacked = to?.problem;
    if (mayHoldSeat) await giveUpSeat(house);
    mayHoldSeat = false;
    return undefined;
  }

  async function look(): Promise<void> {
    if (house.ending || house.isReadOnly) return;
    const to = await usable();
    if (to === undefined) return;
    const state = await seated(house, to);
    if (!state) return;
    const waits = await count();
    const told = stillTold(state.told, waits);
    const now = deps.now();
    const own = { ...state, holder: store.holder, told };
    if (hasNews(told, waits) && isTimeToTell(state, now)) return tell(house, to, own);
    const isOld = Math.abs(now.getTime() - Date.parse(state.kept_at)) > KEEP_AGAIN_MS;
    if (isOld || JSON.stringify(told) !== JSON.stringify(state.told)) await keepNotices(store, own, now);
  }

  return { look };
}

/** Tells of what waits as long as the process lives, without keeping it alive. Gives the function that stops it. */
export function keepNotifying(house: House): () => void {
  const notifier = createNotifier(house);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async () => {
    const looking = notifier.look().catch((error: unknown) => {
      house.deps.log.warn({ error: String(error) }, 'notices could not be looked at; it is tried again');
    });
    house.attempts.set('notices', looking);
    await looking;
    house.attempts.delete('notices');
    if (stopped) return;
    timer = setTimeout(round, LOOK_MS);
    timer.unref();
  };
  void round();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
