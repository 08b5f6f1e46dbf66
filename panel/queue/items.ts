import { type DeskApp, type DeskItem, itemKey } from '../base/desk.ts';
import type { QueueAnswer, QueueRow } from '../base/wire.ts';
import { asText, inOneLine, personName } from '../text/words.ts';

export type ActionItem = DeskItem & { kind: 'action' };

type Place = { key: string; title: string; kind: string; urgent?: boolean };
export type Section = Place & { items: DeskItem[]; total: number };

export function contactNamed(row: QueueRow): string {
  return personName(row.contact, row.contact_id);
}

/** What an item is about, on one line: its subject, its headline, or the beginning of what it says. */
export function itemAbout(item: DeskItem, { state }: DeskApp): string {
  if (item.kind === 'change') return inOneLine(item.change.what.join('; '));
  const { row } = item;
  const params = state.edits.get(item.key)?.params ?? row.edited_params ?? row.params;
  const said = params.subject ?? row.answers?.subject ?? row.headline ?? params.message ?? params.body;
  return inOneLine(typeof said === 'string' ? said : asText(params).replace(/[{}"[\]]/g, '')).slice(0, 200);
}

export function itemName(item: DeskItem): string {
  return item.kind === 'action' ? contactNamed(item.row) : 'Change';
}

export function sinceOf(item: DeskItem): string {
  return item.kind === 'action' ? item.row.proposed_at : item.change.asked_at;
}

/** Where an item stands in the list: unknown outcomes first, then agent and kind, then changes, then what was put last. */
function placeOf(item: DeskItem, { state }: DeskApp): Place {
  if (state.last.includes(item.key)) return { key: '3', title: 'Put last', kind: '' };
  if (item.kind === 'change') return { key: '2', title: 'Changes that wait', kind: '' };
  const { agent_id, agent_name, type, status } = item.row;
  if (status === 'unknown') return { key: '0', title: 'Outcome not known', kind: '', urgent: true };
  return { key: `1 ${agent_id} ${type}`, title: inOneLine(agent_name), kind: type };
}

/** The items of a list in its sections. */
export function listSections(desk: DeskApp, items: readonly DeskItem[]): Section[] {
  const sections = new Map<string, Section>();
  for (const item of items) {
    const place = placeOf(item, desk);
    const section = sections.get(place.key) ?? { ...place, items: [], total: 0 };
    section.items.push(item);
    sections.set(place.key, section);
  }
  for (const section of sections.values()) {
    const group = desk.state.queue?.groups.find(({ agent_id, type }) => `1 ${agent_id} ${type}` === section.key);
    section.total = Math.max(section.items.length, group?.count ?? 0);
  }
  return [...sections.values()];
}

/** The items of a queue in the order of the list, with those that somebody else decided where they stood. */
export function queueItems(desk: DeskApp, queue: QueueAnswer): DeskItem[] {
  const waiting: DeskItem[] = [
    ...queue.actions.map((row) => ({ key: itemKey(row), kind: 'action' as const, row })),
    ...queue.changes.map((change) => ({ key: `change ${change.change_id}`, kind: 'change' as const, change })),
  ];
  const keys = new Set(waiting.map(({ key }) => key));
  const gone = [...desk.state.gone.values()].map(({ item }) => item);
  const all = [...waiting, ...gone.filter(({ key }) => !keys.has(key))];
  const places = new Map<string, string>();
  // The group with the oldest row comes first.
  for (const item of [...all].sort((a, b) => (sinceOf(a) < sinceOf(b) ? -1 : 1))) {
    const { key } = placeOf(item, desk);
    if (!places.has(key)) places.set(key, `${key[0]}${sinceOf(item)}${key}`);
  }
  const { last } = desk.state;
  const order = (item: DeskItem) =>
    [places.get(placeOf(item, desk).key), 1_000 + last.indexOf(item.key), sinceOf(item)].join();
  const keyed = all.map((item) => ({ item, at: order(item) }));
  return keyed.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).map(({ item }) => item);
}

/** The items that keys move through: all that aren't on their way. */
export function shownItems({ state }: DeskApp): DeskItem[] {
  const away = new Set(state.outgoing.flatMap(({ keys }) => keys));
  return state.items.filter(({ key }) => !away.has(key));
}

/** Whether an item still waits for a decision of this person. */
export function isOpenItem({ state }: DeskApp, item: DeskItem): boolean {
  return !state.gone.has(item.key) && !state.outgoing.some(({ keys }) => keys.includes(item.key));
}

/** Whether an item can be decided together with others. */
export function canPick(desk: DeskApp, item: DeskItem): item is ActionItem {
  return item.kind === 'action' && item.row.status !== 'unknown' && isOpenItem(desk, item);
}
