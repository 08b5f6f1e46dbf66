import { setImmediate as turn } from 'node:timers/promises';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../../engine/base/house.ts';
import { findAgent } from '../../engine/base/lookup.ts';
import { recoverAttempts } from '../../engine/execution/recover-attempts.ts';
import { comparerOf } from '../../engine/gate/comparer.ts';
import { expireBeforeReading } from '../../engine/review/expiry.ts';
import { locateShown } from '../../engine/review/locate.ts';
import { type RowToDecide, rowToDecide, shortRow } from './row-to-decide.ts';
import { foundBy } from './search.ts';

/** Rows that are looked at before other calls get their turn. */
const AT_ONCE = 40;

export type DeskFilter = { agent_id?: string | undefined; type?: string | undefined; query?: string | undefined };
export type QueuePage = DeskFilter & { limit: number; offset: number };

/** How many wait of one agent and kind. */
export type GroupCount = { agent_id: string; agent_name: string; type: string; count: number };

export type DeskQueue = {
  rows: RowToDecide[];
  total: number;
  total_waiting: number;
  unknown: number;
  groups: GroupCount[];
};

/** What waits for a person, as whoever looks sees it, in the order in which it came. */
export function openRows(view: View): readonly OpenAction[] {
  return view.open({ statuses: ['pending_approval', 'unknown'] });
}

/** Rows by their agent and kind, the group with the oldest row first. */
function byGroup(all: readonly OpenAction[]): Map<string, OpenAction[]> {
  const groups = new Map<string, OpenAction[]>();
  for (const item of all) {
    const key = `${item.agent_id} ${item.type}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Unknown outcomes first, then the groups, that with the oldest row first; in each the oldest first. */
function inOrder(all: readonly OpenAction[]): OpenAction[] {
  const unknown = all.filter(({ status }) => status === 'unknown');
  const others = all.filter(({ status }) => status !== 'unknown');
  return [...unknown, ...[...byGroup(others).values()].flat()];
}

function waitingGroups(view: View, all: readonly OpenAction[]): GroupCount[] {
  return [...byGroup(all).values()].flatMap((rows) => {
    const [first] = rows;
    if (!first) return [];
    const { agent_id, type } = first;
    return [{ agent_id, agent_name: view.agent(agent_id)?.name ?? agent_id, type, count: rows.length }];
  });
}

/** The rows of a page, looked at in turns with other calls. One that was decided meanwhile is left out. */
async function rowsOf(house: House, page: readonly OpenAction[]): Promise<RowToDecide[]> {
  const rows: RowToDecide[] = [];
  for (let from = 0; from < page.length; from += AT_ONCE) {
    const slice = page.slice(from, from + AT_ONCE);
    const some = await house.read((view, moment) => {
      const ids = slice.map(({ contact_id }) => contact_id);
      view.want({ activity: ids, ledger: ids, results: [...new Set(slice.map(({ run_id }) => run_id))] });
      const comparer = comparerOf(view);
      return slice.flatMap((item) => {
        const found = locateShown(view, item, comparer);
        return found?.action.status === item.status ? [shortRow(rowToDecide(view, found, moment))] : [];
      });
    });
    rows.push(...some);
    if (from + AT_ONCE < page.length) await turn();
  }
  return rows;
}

/** One page of what waits for a person, with all that a person decides by, and how many wait of each agent and kind. */
export async function queuePage(
  house: House,
  { agent_id, type, query = '', limit, offset }: QueuePage,
): Promise<DeskQueue> {
  await expireBeforeReading(house);
  await recoverAttempts(house);
  const { all, agentId } = await house.read((view) => ({
    all: openRows(view),
    agentId: agent_id === undefined ? undefined : findAgent(view, agent_id).id,
  }));
  const found = query.trim() === '' ? all : await foundBy(house, all, query);
  const wanted = found.filter(
    (item) => (agentId === undefined || item.agent_id === agentId) && (type === undefined || item.type === type),
  );
  return {
    rows: await rowsOf(house, inOrder(wanted).slice(offset, offset + limit)),
    total: wanted.length,
    total_waiting: all.length,
    unknown: all.filter(({ status }) => status === 'unknown').length,
    groups: await house.read((view) => waitingGroups(view, found)),
  };
}
