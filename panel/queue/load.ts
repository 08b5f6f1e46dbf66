import { announceIt, boundTo, currentItem, type DeskApp, type DeskItem, itemKey } from '../base/desk.ts';
import { failureText, ServerRefused } from '../base/server.ts';
import type { QueueAnswer, QueueRow } from '../base/wire.ts';
import { statusWord } from '../text/words.ts';
import { type ActionItem, isOpenItem, queueItems, shownItems } from './items.ts';

/** The most rows that are asked for one by one, to learn who decided them. */
const MOST_ASKED = 40;

/** What a failure means for the desk; true where it is more than one failed request. */
export function noticeFailure(desk: DeskApp, error: unknown): boolean {
  const code = error instanceof ServerRefused ? error.code : '';
  if (code !== 'OFFLINE' && code !== 'UNAUTHORIZED') return false;
  desk.state.trouble = code === 'OFFLINE' ? 'offline' : 'no key';
  desk.redraw();
  return true;
}

/** Says what failed. */
export function tellFailure(desk: DeskApp, error: unknown): void {
  if (!noticeFailure(desk, error)) announceIt(desk, failureText(error), true);
}

/** Says what failed, that nothing was decided, and what to do. */
export function sayFailure(desk: DeskApp, error: unknown): void {
  if (noticeFailure(desk, error)) return;
  const why = failureText(error);
  announceIt(desk, /^Nothing was/.test(why) ? why : `${why} Nothing was decided.`, true);
}

/** Notes that a person has an item before their eyes, whole and as it is now. */
function noteSeen(desk: DeskApp, item: DeskItem | undefined): void {
  const { state } = desk;
  const isShown = state.isOpen || desk.isWide();
  if (!item || !isShown || !isOpenItem(desk, item) || state.stale.has(item.key)) return;
  if (item.kind === 'change' || item.row.hidden === undefined) state.seen.set(item.key, boundTo(item));
}

/** Asks for all that there is on an action; a row that the list shows in part is whole from then on. */
async function loadStory({ state, ways }: DeskApp, { key, row }: ActionItem): Promise<void> {
  const story = await ways.story(row);
  state.stories.set(key, story);
  // The list may have been loaded meanwhile.
  const item = state.items.find((one) => one.key === key);
  if (item?.kind === 'action' && story.row.digest === item.row.digest) item.row = story.row;
}

/** Asks for the rest of what is selected, where the list shows a part. */
export function loadRest(desk: DeskApp): void {
  const { items, picked } = desk.state;
  for (const item of items)
    if (item.kind === 'action' && picked.has(item.key) && item.row.hidden !== undefined)
      loadStory(desk, item).then(desk.redraw, (error) => tellFailure(desk, error));
}

/** The nonce by which a row is decided: its own, or where the list cuts the row a fresh one, however long it was open. */
export async function nonceOf({ ways }: DeskApp, row: QueueRow): Promise<string> {
  return row.nonce || (await ways.story(row)).row.nonce;
}

/** Puts the focus on an element, once it is drawn. */
export function focusOn(selector: string): void {
  queueMicrotask(() => document.querySelector<HTMLElement>(selector)?.focus());
}

/** Puts the focus where the person goes on: on what is open, or on its row. */
export function focusCurrent({ state, isWide }: DeskApp, isDetail = state.isOpen && !isWide()): void {
  focusOn(isDetail ? '.detail h2' : '.row[aria-current=true]');
}

/** Opens an item: what is known of it is shown at once, and the rest is asked for. */
export async function openItem(desk: DeskApp, key: string): Promise<void> {
  const { state } = desk;
  state.current = key;
  const item = currentItem(desk);
  noteSeen(desk, item);
  desk.redraw();
  if (item?.kind !== 'action' || state.gone.has(key)) return;
  const known = state.stories.get(key);
  if (known?.row.digest === item.row.digest) return;
  try {
    await loadStory(desk, item);
    if (state.current === key) noteSeen(desk, currentItem(desk));
    desk.redraw();
  } catch (error) {
    noticeFailure(desk, error);
  }
}

/** Who decided a row that no longer waits, in words; undefined where it still waits. */
async function howDecided({ ways }: DeskApp, row: QueueRow): Promise<string | undefined> {
  const gone = 'No longer waits';
  const story = await ways.story(row).catch(() => undefined);
  if (!story) return gone;
  const { status, decided_by } = story.row;
  if (status === row.status) return undefined;
  return decided_by === undefined ? `${gone}: ${statusWord(status)}` : `${statusWord(status)} by ${decided_by}`;
}

/** Marks what is gone from the queue since it was last loaded: by whom it was decided. */
async function markGone(desk: DeskApp, before: readonly DeskItem[]): Promise<void> {
  const { state } = desk;
  const here = new Set(state.items.map(({ key }) => key));
  const missing = before.filter(({ key }) => !here.has(key) && !state.sent.has(key) && !state.gone.has(key));
  const fates = await Promise.all(
    missing.map((item, at) =>
      item.kind === 'action' && at < MOST_ASKED ? howDecided(desk, item.row) : 'No longer waits',
    ),
  );
  for (const [at, item] of missing.entries()) {
    const says = fates[at];
    if (says === undefined) continue;
    state.gone.set(item.key, { item, says });
    state.picked.delete(item.key);
  }
  if (state.queue) state.items = queueItems(desk, state.queue);
  desk.redraw();
}

/** Marks what changed since a person looked at it, so that it is read again. */
function markMoved({ state }: DeskApp): void {
  for (const item of state.items) {
    const looked = state.seen.get(item.key);
    if (looked === undefined || looked === boundTo(item) || state.gone.has(item.key)) continue;
    state.stale.add(item.key);
    state.seen.delete(item.key);
  }
}

/** A row of the list; where the list cut it, and it was opened as it is now, whole as it was then. */
function wholeRow({ state }: DeskApp, row: QueueRow): QueueRow {
  const story = row.hidden === undefined ? undefined : state.stories.get(itemKey(row));
  return story?.row.digest === row.digest ? { ...story.row, nonce: '' } : row;
}

function take(desk: DeskApp, queue: QueueAnswer): void {
  const { state } = desk;
  for (const row of queue.actions) state.gone.delete(itemKey(row));
  queue.actions = queue.actions.map((row) => wholeRow(desk, row));
  state.queue = queue;
  state.items = queueItems(desk, queue);
  const keys = new Set(state.items.map(({ key }) => key));
  for (const key of state.picked) if (!keys.has(key)) state.picked.delete(key);
  markMoved(desk);
}

async function loadNow(desk: DeskApp, isFresh: boolean): Promise<void> {
  const { state, ways } = desk;
  const { items: before, query, agent: agent_id, type } = state;
  try {
    const queue = await ways.queue({ agent_id, type, query });
    if (isFresh) state.gone.clear();
    take(desk, queue);
    state.trouble = 'none';
    if (!isFresh) await markGone(desk, before);
    const shown = shownItems(desk);
    if (!shown.some(({ key }) => key === state.current)) state.current = shown[0]?.key ?? '';
    loadRest(desk);
    await openItem(desk, state.current);
  } catch (error) {
    tellFailure(desk, error);
  }
}

/**
 * Loads the queue anew, one time after the other, so that no older answer takes the place of a newer one. `fresh`: for
 * another search or filter, so that what is missing isn't gone.
 */
export function loadQueue(desk: DeskApp, fresh = false): Promise<void> {
  const { loads } = desk.state;
  loads.isFresh ||= fresh;
  loads.queued ??= loads.under.then(() => {
    const { isFresh } = loads;
    Object.assign(loads, { queued: undefined, isFresh: false });
    loads.under = loadNow(desk, isFresh);
    return loads.under;
  });
  return loads.queued;
}
