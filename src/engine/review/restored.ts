import type { Agent } from '../../domain/agents/agent.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Event } from '../../domain/state/events.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { Decision, StepBack } from '../../store/store.ts';
import { findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { changeEvents, changing } from '../base/open-changes.ts';
import { sceneOf } from '../base/scene.ts';
import { backToReview } from '../execution/back-to-review.ts';
import { typesToGrant } from '../gate/grant.ts';
import { askingFor } from '../gate/standing.ts';
import { brakeAfterRestoring } from './set-brake.ts';

/** Why the brake is on, and what each open row says, after the state was restored from a backup. */
export const RESTORED = 'restored from an older state';

/** An attempt of which nobody can tell any more whether it happened. `told` is what was known of it. */
function untold(code: string, told: string): Pick<ActionChange, 'to' | 'set'> {
  const message = `${RESTORED}: it may have been attempted, or settled, since. ${told} Check whether it happened, then use settle_action.`;
  return { to: 'unknown', set: { reason: RESTORED, error: { code, message } } };
}

/** What becomes of an open action; undefined where it says already that it was restored, and no decision came since. */
function handedBack(view: View, item: OpenAction, at: string): ActionChange | undefined {
  const action = findAction(view, item);
  const base = changing(view, item, at);
  if (!action) return undefined;
  if (item.status === 'approved') {
    const agent = currentAgent(view, item.agent_id);
    const scene = agent && sceneOf(view, agent, item.contact_id);
    return backToReview(view, base, { scene, action }, RESTORED);
  }
  if (item.status === 'executing')
    return { ...base, ...untold('INTERNAL', `It was under way in that state, since ${action.attempted_at}.`) };
  if (action.reason === RESTORED) return undefined;
  if (item.status === 'pending_approval') return { ...base, to: 'pending_approval', set: { reason: RESTORED } };
  const { code, message } = action.error ?? { code: 'INTERNAL', message: '' };
  return { ...base, ...untold(code, `In that state it was unknown: ${message}`) };
}

/** How many open actions say that they were restored, by whether nobody can tell if they were done. */
export function countRestored(view: View): { waiting: number; unknown: number } {
  const counts = { waiting: 0, unknown: 0 };
  if (view.brake().restored === undefined) return counts;
  for (const item of view.open({ statuses: ['pending_approval', 'unknown'] }))
    if (findAction(view, item)?.reason === RESTORED) counts[item.status === 'unknown' ? 'unknown' : 'waiting'] += 1;
  return counts;
}

/** Agents that act unasked. */
function unasked(view: View): Agent[] {
  return view.find.agents({ status: 'any' }, ALL).rows.flatMap(({ id }) => {
    const agent = view.standing(id)?.grant && currentAgent(view, id);
    return agent ?? [];
  });
}

/** No agent acts unasked until a person says so again: what it proposes may repeat what the state knows nothing of. */
function endedGrants(view: View, moment: Moment): Event[] {
  const agents = unasked(view);
  if (agents.length === 0) return [];
  const asked = agents.filter((agent) => typesToGrant(agent).length > 0);
  return [
    { type: 'grant_ended', agent_ids: agents.map(({ id }) => id) },
    ...asked.map((agent) => askingFor(view, agent, moment)),
  ];
}

/** Whether everything was handed over already, in a commit of the state itself, since it lacks what was lost. */
function isHandedOver(view: View, { lost }: StepBack): boolean {
  const { restored = [] } = view.brake();
  return lost.every((head) => restored.some((id) => !head.restored.includes(id)));
}

/**
 * Hands everything that is open to a person, because the state was restored from a backup: what looks approved may have been
 * done since, and so may what waits. The brake goes on, every row says why, and no agent acts unasked. `back` tells what the state
 * lacks; without it a person says so. It comes to nothing where it was done already, by this process or another.
 */
export function afterRestoring(view: View, moment: Moment, back?: StepBack): Decision<undefined> {
  if (back && isHandedOver(view, back)) return { events: [], value: undefined };
  const { at } = moment;
  const changes = view.open({}).flatMap((item) => handedBack(view, item, at) ?? []);
  const events = [...changeEvents(changes), ...endedGrants(view, moment)];
  const { on, restored = [], reason } = view.brake();
  const isTold = on && restored.length > 0 && reason === RESTORED;
  if (!back && isTold && events.length === 0) return { events: [], value: undefined };
  const brake = brakeAfterRestoring({ at, reason: RESTORED, id: moment.newId('back') });
  return { events: [brake, ...events], value: undefined };
}
