import { currentItem, type DeskApp, type DeskItem, QUIET_MS } from '../base/desk.ts';
import { decide, undo } from './decide.ts';
import { beginEdit, dropDraft } from './edit.ts';
import { type ActionItem, canPick, isOpenItem, shownItems } from './items.ts';
import { focusCurrent, focusOn, loadRest, openItem } from './load.ts';

/** All keys of the queue, in words; each has a button too. */
export const DESK_KEYS: readonly [key: string, does: string][] = [
  ['j', 'next'],
  ['k', 'previous'],
  ['Enter', 'open and close'],
  ['a', 'approve and go on'],
  ['e', 'edit: Ctrl+Enter keeps, Esc drops'],
  ['r', 'reject with a reason'],
  ['v', 'send back: how it should be'],
  ['h', 'put last'],
  ['x', 'select for one decision'],
  ['z', 'undo within 5 s'],
  ['/', 'search'],
  ['?', 'keys'],
];

/** Moves by one item, and the focus with it. */
export function move(desk: DeskApp, by: number): void {
  const items = shownItems(desk);
  const at = items.findIndex(({ key }) => key === desk.state.current);
  const item = items[Math.min(items.length - 1, Math.max(0, at + by))];
  if (!item) return;
  void openItem(desk, item.key);
  focusCurrent(desk);
}

/** Opens the detail on a small screen, or closes it. */
export function toggleOpen(desk: DeskApp, isOpen: boolean): void {
  const { state } = desk;
  state.isOpen = isOpen;
  void openItem(desk, state.current);
  focusCurrent(desk, isOpen);
}

export function pickItem(desk: DeskApp, item: DeskItem): void {
  const { picked } = desk.state;
  if (!canPick(desk, item)) return;
  if (!picked.delete(item.key)) picked.add(item.key);
  loadRest(desk);
  desk.state.isBulk = desk.state.isBulk && picked.size > 0;
  desk.redraw();
}

export function pickedItems({ state }: DeskApp): ActionItem[] {
  return state.items.filter((item): item is ActionItem => item.kind === 'action' && state.picked.has(item.key));
}

/** Approves what is open. Where some are selected, these are shown first, and a second time approves them. */
export function approveOpen(desk: DeskApp, isSigned: boolean): void {
  const { state } = desk;
  const item = currentItem(desk);
  if (state.picked.size > 0 && !state.isBulk) {
    state.isBulk = true;
    state.isOpen = true;
    desk.redraw();
  } else if (state.isBulk) void decide(desk, pickedItems(desk), 'approve', { isSigned });
  else if (item && !(item.kind === 'action' && item.row.status === 'unknown'))
    void decide(desk, [item], 'approve', { isSigned });
}

export function begin(desk: DeskApp, kind: 'reject' | 'revise'): void {
  const { state } = desk;
  const item = currentItem(desk);
  if (!item || !isOpenItem(desk, item)) return;
  if (item.kind === 'change' && kind === 'reject') return void decide(desk, [item], 'reject', { isSigned: false });
  if (item.kind === 'change' || item.row.status === 'unknown') return;
  if (kind === 'revise' && state.stories.get(item.key)?.may_revise === false) return;
  state.asking = { key: state.isBulk ? 'bulk' : item.key, kind, text: '' };
  state.draft = undefined;
  desk.redraw();
}

/** Puts an item last, until the page is loaded again. */
export function putLast(desk: DeskApp): void {
  const { state } = desk;
  const item = currentItem(desk);
  const at = state.items.findIndex(({ key }) => key === state.current);
  const next = state.items.slice(at + 1).find((other) => isOpenItem(desk, other));
  if (!item || !next) return;
  state.last = [...state.last.filter((key) => key !== item.key), item.key];
  state.items = [...state.items.filter((other) => other !== item), item];
  void openItem(desk, next.key);
}

function closeWhatIsOpen(desk: DeskApp): void {
  const { state } = desk;
  if (state.draft) dropDraft(desk, currentItem(desk));
  else if (state.asking) state.asking = undefined;
  else if (state.isBulk) state.isBulk = false;
  else if (state.isOpen) toggleOpen(desk, false);
  desk.redraw();
}

function withAction(desk: DeskApp, act: (item: ActionItem) => void): void {
  const item = currentItem(desk);
  if (item?.kind === 'action' && isOpenItem(desk, item)) act(item);
}

/** What a key does; undefined where it does nothing here. */
function actOf(desk: DeskApp, key: string): (() => void) | undefined {
  const { state } = desk;
  const acts: Record<string, () => void> = {
    j: () => move(desk, 1),
    k: () => move(desk, -1),
    ArrowDown: () => move(desk, 1),
    ArrowUp: () => move(desk, -1),
    Enter: () => toggleOpen(desk, !state.isOpen),
    a: () => approveOpen(desk, true),
    e: () => withAction(desk, (item) => beginEdit(desk, item)),
    r: () => begin(desk, 'reject'),
    v: () => begin(desk, 'revise'),
    x: () => withAction(desk, (item) => pickItem(desk, item)),
    h: () => putLast(desk),
    z: () => undo(desk),
    '/': () => focusOn('search input'),
    '?': () => {
      state.dialog = 'keys';
      desk.redraw();
    },
    Escape: () => closeWhatIsOpen(desk),
  };
  return acts[key];
}

/** Keys count where nobody types, and where no button or link takes them itself. */
export function onKey(desk: DeskApp, event: KeyboardEvent): void {
  const { target } = event;
  const { state } = desk;
  const is = (selector: string) => target instanceof Element && target.matches(selector);
  const isField = is('input:not([type=checkbox]), textarea, select');
  const isOwn = event.key === 'Enter' && is('button:not(.row), a, summary, input');
  if (event.ctrlKey || event.metaKey || event.altKey || state.dialog !== '' || isOwn) return;
  if (isField && event.key !== 'Escape') return;
  if (state.screen !== 'queue') return;
  // A key that is held decides once; those that move (j, k, the arrows) go on.
  if (event.repeat && !/^[jkA]/.test(event.key)) return;
  const act = actOf(desk, event.key);
  if (Date.now() < state.quietAt) {
    state.quietAt = Date.now() + QUIET_MS;
    return;
  }
  if (!act) return;
  event.preventDefault();
  act();
}
