import type { ActionScene, ActionType } from '../../actions/action.ts';
import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { AppError, notFound } from '../../domain/base/errors.ts';
import type { Reach } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Targets } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { loadContacts } from '../base/load-contacts.ts';
import { ledgerAt, sceneOf } from '../base/scene.ts';
import { consentObjection } from '../gate/consent.ts';
import { overCadence } from '../gate/objections.ts';

/** So many contacts are looked at in a commit without a wait that anybody notices. */
const FEW = 250;

/** The contacts that a caller named, once each; NOT_FOUND for unknown ones, LIMIT_EXCEEDED beyond the agent's cap. */
export function namedTargets(view: View, agent: Agent, ids: readonly string[]): string[] {
  const wanted = [...new Set(ids.map((id) => (view.hasContact(id) ? id : (view.aliasOf(id) ?? id))))];
  const unknown = wanted.filter((id) => !view.hasContact(id));
  if (unknown.length > 0) {
    throw notFound(
      `contact_ids names ${unknown.length} unknown contact(s): ${unknown.slice(0, 5).join(', ')}. No run was made. list_contacts shows the ids.`,
      {
        contact_ids: unknown.slice(0, 20),
      },
    );
  }
  const most = agent.monitoring.max_contacts_per_run;
  if (wanted.length > most) {
    throw new AppError(
      'LIMIT_EXCEEDED',
      `contact_ids names ${wanted.length} contacts, and the agent takes at most ${most} a run (monitoring.max_contacts_per_run). No run was made. Name fewer, or raise it with update_agent.`,
      {
        contact_ids: wanted.length,
        max_contacts_per_run: most,
      },
    );
  }
  return wanted;
}

/** The contacts that the filter of one version of an agent found. */
export type FoundTargets = Targets & Pick<Agent, 'id' | 'version'>;

/**
 * The contacts that an agent's filter finds. They are searched before the commit that makes or starts a run, because a
 * commit can't walk through all contacts. The commit compares id and version: the agent may have changed since.
 */
export async function findAgentTargets({ store }: House, agent: Agent): Promise<FoundTargets> {
  const { id, version, monitoring } = agent;
  const query = { agent_id: id, filter: monitoring.filter, limit: monitoring.max_contacts_per_run };
  return { id, version, ...(await store.find.targets(query)) };
}

/** The action types of an agent that reach somebody outside. */
function reaching(agent: Agent): ActionType[] {
  return ACTION_TYPES.filter((known) => known.outbound && isCapable(agent, known));
}

/**
 * Has the store load what `reachOf` looks at, and `namedTargets` where the caller named the contacts, letting other calls in
 * between: a commit lets none.
 */
export async function loadReach(house: House, agent: Agent, ids: readonly string[], areNamed = false): Promise<void> {
  if (ids.length <= FEW) return;
  if (areNamed) await loadContacts(house, ids, ['key']);
  if (reaching(agent).length > 0) await loadContacts(house, ids, ['fields', 'ledger']);
}

/** Why no action of a type can reach a contact now: no address for it, no consent, or over cadence; else undefined. */
function suppression(view: View, known: ActionType, scene: ActionScene, now: Date): string | undefined {
  if (!known.pin && known.target(scene) === undefined) return 'nowhere to go';
  const against = consentObjection(known, scene);
  if (against) return against.flag;
  return overCadence(scene.agent, ledgerAt(view, scene), now) === undefined ? undefined : 'cadence';
}

/**
 * How many contacts a run is for, and how many of them no action of a type can reach, and why. It is shown before the
 * run starts, and blocks nothing: the gate does that.
 */
export function reachOf(view: View, agent: Agent, { ids, matched }: Targets, now: Date): Reach {
  const types = reaching(agent);
  if (types.length > 0) view.want({ ledger: ids });
  const suppressed: Reach['suppressed'] = [];
  for (const known of types) {
    const reasons = new Map<string, number>();
    for (const id of ids) {
      const scene = sceneOf(view, agent, id);
      const reason = scene && suppression(view, known, scene, now);
      if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    for (const [reason, contacts] of reasons) suppressed.push({ type: known.type, reason, contacts });
  }
  return { matched, targeted: ids.length, suppressed };
}
