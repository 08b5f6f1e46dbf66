import { announceIt, canDecide, type DeskApp, type DeskItem, refOfRow } from '../base/desk.ts';
import type { KeptEdit } from '../base/wire.ts';
import { asText } from '../text/words.ts';
import type { ActionItem } from './items.ts';
import { sayFailure } from './load.ts';

type Params = Record<string, unknown>;

/** What would be done now: the params as proposed, as edited before, or as edited here. */
export function wouldBeParams({ state }: DeskApp, { key, row }: ActionItem): Params {
  return state.edits.get(key)?.params ?? row.edited_params ?? row.params;
}

/** Begins an edit: each param as a text. */
export function beginEdit(desk: DeskApp, item: ActionItem): void {
  const { state } = desk;
  // What the list cut isn't what would be edited.
  if (!canDecide(desk) || item.row.status === 'unknown' || item.row.hidden !== undefined) return;
  const params = wouldBeParams(desk, item);
  const fields = Object.entries(params).map(([name, value]) => [name, asText(value)]);
  state.draft = { key: item.key, fields: Object.fromEntries(fields) };
  state.asking = undefined;
  desk.redraw();
}

/** The params that a draft stands for: what was no text is JSON again. */
function paramsOfDraft(before: Params, fields: Record<string, string>): Params {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]): [string, unknown] => [
      name,
      typeof before[name] === 'string' ? text : JSON.parse(text),
    ]),
  );
}

function isChanged(desk: DeskApp, item: ActionItem): boolean {
  const before = wouldBeParams(desk, item);
  return Object.entries(desk.state.draft?.fields ?? {}).some(([name, text]) => asText(before[name]) !== text);
}

/** Ends an edit without keeping it; asks first where something would be lost. */
export function dropDraft(desk: DeskApp, item: DeskItem | undefined, isSure = false): void {
  const { state } = desk;
  const wouldLose = item?.kind === 'action' && isChanged(desk, item);
  if (wouldLose && !isSure) state.dialog = 'discard';
  else {
    state.dialog = '';
    state.draft = undefined;
  }
  desk.redraw();
}

/** Keeps an edit, where the server finds that it fits. It is decided on later. */
export async function saveEdit(desk: DeskApp, item: ActionItem): Promise<void> {
  const { state, ways } = desk;
  const { draft } = state;
  if (!draft) return;
  if (!isChanged(desk, item)) return dropDraft(desk, item);
  const { row } = item;
  try {
    const params = paramsOfDraft(row.params, draft.fields);
    const kept = await ways.post<KeptEdit>('edit', { ref: refOfRow(row), params });
    state.edits.set(item.key, { ...kept, params });
    state.draft = undefined;
    announceIt(desk, 'Edit kept.');
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    if (isJson || error instanceof Error) draft.problem = isJson ? 'This is no JSON.' : error.message;
    sayFailure(desk, error);
  }
}

/** Goes back to what the agent proposed. */
export function forgetEdit(desk: DeskApp, key: string): void {
  desk.state.edits.delete(key);
  announceIt(desk, 'As it was proposed.');
}
