import { announceIt, boundTo, canDecide, type DeskApp, type DeskItem, refOfRow } from '../base/desk.ts';
import { signWith } from '../base/passkeys.ts';
import type { DecisionAnswer, KeptEdit } from '../base/wire.ts';
import { countedActions, countedAs } from '../text/words.ts';
import { type ActionItem, isOpenItem, itemName, shownItems } from './items.ts';
import { focusCurrent, loadQueue, nonceOf, openItem, sayFailure } from './load.ts';

const UNDO_MS = 5_000;

export type Word = 'approve' | 'reject' | 'decline';

const DONE: Record<Word, string> = { approve: 'Approved', reject: 'Rejected', decline: 'Declined' };

/** What a decision on a row is sent as: the row, or its edit checked again, so that its nonce is young. */
async function rowToSend(desk: DeskApp, { key, row }: ActionItem, word: Word) {
  const { state, ways } = desk;
  const kept = word === 'approve' && state.edits.get(key);
  const ref = refOfRow(row);
  if (!kept) return { ...ref, digest: row.digest, nonce: await nonceOf(desk, row) };
  const checked = await ways.post<KeptEdit>('edit', { ref, params: kept.params });
  const { digest, nonce } = checked;
  if (digest !== kept.digest) {
    state.edits.set(key, { ...kept, ...checked });
    throw new Error('It changed since your edit: read it again.');
  }
  return { ...ref, digest, nonce, params: kept.params };
}

/** The person's signature over a decision, where they have a passkey and want it; throws where they cancel. */
export async function signatureFor(
  { state, ways }: DeskApp,
  body: Record<string, unknown>,
  isSigned = true,
): Promise<{ assertion?: unknown }> {
  if (!isSigned || !state.me?.passkeys.length) return {};
  const { options } = await ways.post<{ options: PublicKeyCredentialRequestOptionsJSON }>('prompt', body);
  return { assertion: await signWith(options) };
}

function reasonsOf({ skipped = [] }: DecisionAnswer): string {
  const reasons = new Set(skipped.map(({ reason }) => reason));
  return [...reasons].join(' ');
}

/** What came of a decision, in words; throws where nothing was decided. */
function told(says: string, outcome: DecisionAnswer): string {
  const skipped = outcome.skipped?.length ?? 0;
  if (skipped === 0) return `${says}. Decided.`;
  const why = reasonsOf(outcome);
  // By now the next one is open: so it says which one it was.
  if (outcome.decided === 0) throw new Error(`${says.replace(/^[^:]+/, 'Still waits')}. ${why}`);
  return `${says}, but for ${countedAs(skipped, 'action')} left undecided: ${why}`;
}

/** Goes on to the next item that waits after those that are decided. */
function goOn(desk: DeskApp, keys: readonly string[]): void {
  const { state } = desk;
  const all = state.items;
  const at = Math.max(0, ...keys.map((key) => all.findIndex((item) => item.key === key)));
  const waits = (item: DeskItem) => !keys.includes(item.key) && isOpenItem(desk, item);
  const next = all.slice(at).find(waits) ?? all.find(waits) ?? shownItems(desk)[0];
  state.isOpen = state.isOpen && next !== undefined;
  void openItem(desk, next?.key ?? '');
  focusCurrent(desk);
}

async function deliverHeld(desk: DeskApp, id: number): Promise<void> {
  const { state } = desk;
  const out = state.outgoing.find((one) => one.id === id);
  if (!out) return;
  try {
    const says = await out.send();
    for (const key of out.keys) {
      state.sent.add(key);
      state.edits.delete(key);
    }
    announceIt(desk, says);
  } catch (error) {
    sayFailure(desk, error);
  }
  await loadQueue(desk);
  state.outgoing = state.outgoing.filter((one) => one !== out);
  desk.redraw();
}

/** Takes a decision: it is sent in five seconds, unless it is undone or the page is left. */
export function hold(desk: DeskApp, keys: string[], says: string, send: () => Promise<string>): void {
  const { state } = desk;
  const id = (state.outgoing.at(-1)?.id ?? 0) + 1;
  const timer = setTimeout(() => void deliverHeld(desk, id), UNDO_MS);
  state.outgoing.push({ id, keys, says, due: Date.now() + UNDO_MS, timer, send });
  for (const key of keys) state.picked.delete(key);
  state.isBulk = false;
  state.asking = undefined;
  announceIt(desk, `${says}, counts in 5 seconds. Press z to undo.`);
  goOn(desk, keys);
}

/** Takes the last decision back. */
export function undo(desk: DeskApp): void {
  const { state } = desk;
  const out = state.outgoing.pop();
  if (!out) return;
  clearTimeout(out.timer);
  announceIt(desk, `${out.says.replace(/^[^:]+/, 'Undone')}. Nothing was decided.`, false, true);
  void openItem(desk, out.keys[0] ?? state.current);
}

/** Drops all that isn't sent: whoever leaves the page decides nothing. */
export function dropOutgoing({ state }: DeskApp): void {
  for (const { timer } of state.outgoing) clearTimeout(timer);
  state.outgoing = [];
}

/** Whether a person looked at an item as it is now. */
export function isSeen({ state }: DeskApp, item: DeskItem): boolean {
  return state.seen.get(item.key) === boundTo(item) && !state.stale.has(item.key);
}

async function decideOnRows(desk: DeskApp, items: ActionItem[], word: Word, how: DecidingHow): Promise<void> {
  const { ways } = desk;
  const rows = await Promise.all(items.map((item) => rowToSend(desk, item, word)));
  const prompt = { decision: word, rows: rows.map(({ nonce: _, ...row }) => row) };
  const signature = await signatureFor(desk, prompt, word === 'approve' && how.isSigned);
  const [only] = items;
  const whom = items.length === 1 && only ? ` to ${itemName(only)}` : '';
  const says = `${DONE[word]}: ${countedActions(items.map(({ row }) => row.type)).replace(/^1 /, '')}${whom}`;
  const reason = how.reason ? { reason: how.reason } : {};
  const keys = items.map(({ key }) => key);
  hold(desk, keys, says, async () =>
    told(says, await ways.post<DecisionAnswer>('decide', { decision: word, rows, ...reason, ...signature })),
  );
}

async function decideOnChange(
  desk: DeskApp,
  item: DeskItem & { kind: 'change' },
  word: Word,
  how: DecidingHow,
): Promise<void> {
  const { change_id, binding, nonce } = item.change;
  const decision = word === 'reject' ? 'decline' : word;
  const signature = await signatureFor(desk, { decision, change_id }, decision === 'approve' && how.isSigned);
  const body = { change_id, binding, nonce, decision, ...signature };
  hold(desk, [item.key], `${DONE[decision]}: a change`, async () => {
    const { told: says } = await desk.ways.post<DecisionAnswer>('change', body);
    return says ?? `${DONE[decision]}. Decided.`;
  });
}

/** Says why nothing was decided: the signature was cancelled, or the server refused. */
export function sayUndecided(desk: DeskApp, error: unknown): void {
  if (error instanceof DOMException) announceIt(desk, 'The signature was cancelled. Nothing was decided.', true);
  else sayFailure(desk, error);
}

export type DecidingHow = { isSigned: boolean; reason?: string };

function isAction(item: DeskItem): item is ActionItem {
  return item.kind === 'action';
}

/** Decides on items, where that can be done now: each of them seen as it is. */
export async function decide(desk: DeskApp, items: DeskItem[], word: Word, how: DecidingHow): Promise<void> {
  const { state } = desk;
  // No tool decides a change, so a panel doesn't.
  const mayBe = ({ kind }: DeskItem) => kind === 'action' || desk.ways.kind === 'page';
  const wanted = items.filter((item) => mayBe(item) && isOpenItem(desk, item));
  if (!canDecide(desk) || state.isBusy || wanted.length === 0) return;
  const unread = wanted.find((item) => word === 'approve' && !isSeen(desk, item));
  if (unread) return announceIt(desk, 'It changed. Read it again before you approve it.', true);
  state.isBusy = true;
  desk.redraw();
  try {
    const [only] = wanted;
    if (only?.kind === 'change') await decideOnChange(desk, only, word, how);
    else await decideOnRows(desk, wanted.filter(isAction), word, how);
  } catch (error) {
    sayUndecided(desk, error);
  }
  state.isBusy = false;
  desk.redraw();
}
