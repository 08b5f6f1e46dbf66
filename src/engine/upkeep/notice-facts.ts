import type { Waits } from '../../domain/notices/news.ts';
import type { NoticeFacts, NoticeRow, WaitingKind } from '../../domain/notices/notice.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { liveChanges } from '../changes/live.ts';
import { recipientOf } from '../gate/digest.ts';
import { locateShown } from '../review/locate.ts';
import { nounOf } from '../review/questions.ts';

const MOST_ROWS = 10;

/** What waits for a person in the whole home, in numbers. */
export function waitsNow(view: View, moment: Pick<Moment, 'at'>): Waits {
  const pending: Record<string, number> = {};
  const unknown: Record<string, number> = {};
  for (const [run, waiting] of view.waiting()) {
    if (waiting.pending_approval > 0) pending[run] = waiting.pending_approval;
    if (waiting.unknown.length > 0) unknown[run] = waiting.unknown.length;
  }
  const { on, since = moment.at } = view.brake();
  const changes = liveChanges(view, moment).map(({ id }) => id);
  return { pending, unknown, changes, ...(on ? { braked_since: since } : {}) };
}

function waitingKinds(view: View, open: readonly OpenAction[]): WaitingKind[] {
  const kinds = new Map<string, WaitingKind>();
  for (const { agent_id, type } of open) {
    const key = JSON.stringify([agent_id, type]);
    const agent_name = view.agent(agent_id)?.name ?? 'a deleted agent';
    const kind = kinds.get(key) ?? { agent_id, agent_name, type, noun: nounOf(type), count: 0 };
    kinds.set(key, { ...kind, count: kind.count + 1 });
  }
  return [...kinds.values()];
}

/** Where an action goes and what it is about. */
function rowOf(view: View, item: OpenAction): NoticeRow[] {
  const found = locateShown(view, item);
  if (!found) return [];
  const { agent, action, ref } = found;
  const scene = sceneOf(view, agent, ref.contact_id);
  const to = scene && recipientOf(action.type, scene, action.pinned_tool);
  const { subject } = effectiveParams(action);
  return [
    {
      agent_name: agent.name,
      type: action.type,
      ...(to === undefined ? {} : { to }),
      ...(typeof subject === 'string' ? { subject } : {}),
    },
  ];
}

/** What a notice tells now, and the numbers that it has told of then. `details`: the newest actions, each in one line. */
export function factsToTell(
  house: House,
  { details }: { details: boolean },
): Promise<{ facts: NoticeFacts; waits: Waits }> {
  const url = house.deps.servedAt();
  return house.read((view, moment) => {
    const waits = waitsNow(view, moment);
    const { changes, unknown, braked_since } = waits;
    const open = view.open({ statuses: ['pending_approval'] });
    const facts: NoticeFacts = {
      at: moment.at,
      kinds: waitingKinds(view, open),
      unknown: Object.values(unknown).reduce((sum, count) => sum + count, 0),
      changes: changes.length,
      ...(braked_since === undefined ? {} : { braked_since }),
      ...(url === undefined ? {} : { url }),
      ...(details ? { rows: open.slice(-MOST_ROWS).flatMap((item) => rowOf(view, item)) } : {}),
    };
    return { facts, waits };
  });
}
