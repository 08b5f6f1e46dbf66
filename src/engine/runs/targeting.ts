import type { ActionType } from '../../actions/action.ts';
import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { AppError, notFound } from '../../domain/base/errors.ts';
import { compileFilter } from '../../domain/filter/filter.ts';
import type { Reach } from '../../domain/runs/run.ts';
import { contactOf, type View } from '../../domain/state/state.ts';
import { sceneOf } from '../base/scene.ts';
import { overCadence } from '../gate/objections.ts';

/** The contacts a caller named, once each; refuses unknown ones and more than the agent takes. */
export function namedTargets(view: View, agent: Agent, ids: readonly string[]): string[] {
  const book = view.contacts();
  const { byId } = book;
  const wanted = [...new Set(ids.map((id) => contactOf(book, id)?.id ?? id))];
  const unknown = wanted.filter((id) => !byId.has(id));
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

/** The contacts the agent's filter finds: never evaluated ones first, then those evaluated longest ago. */
export function filterTargets(view: View, agent: Agent): string[] {
  return matching(view, agent).slice(0, agent.monitoring.max_contacts_per_run);
}

function matching(view: View, agent: Agent): string[] {
  const matches = compileFilter(agent.monitoring.filter, 'monitoring.filter');
  const { evaluated } = view.agent(agent.id);
  const found: { id: string; at: string }[] = [];
  for (const contact of view.contacts().byId.values()) {
    if (matches(contact)) found.push({ id: contact.id, at: evaluated.get(contact.id) ?? '' });
  }
  if (evaluated.size > 0) found.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return found.map((item) => item.id);
}

/** What keeps an action of this type from a contact whatever is proposed: no way to go, no consent, over cadence. */
function suppression(view: View, agent: Agent, known: ActionType, contactId: string, now: Date): string | undefined {
  const scene = sceneOf(view, agent, contactId);
  if (!scene) return undefined;
  if (!known.pin && known.target(scene) === undefined) return 'nowhere to go';
  const flag = known.consent.find((name) => scene.contact[name]);
  if (flag) return flag;
  return overCadence(agent, view.ledger(contactId), now) === undefined ? undefined : 'cadence';
}

/** Whom a run is about to look at, said before it starts: nothing is blocked by it, the gate does that. */
export function reachOf(view: View, agent: Agent, named: readonly string[] | undefined, now: Date): Reach {
  const matched = named ?? matching(view, agent);
  const targeted = matched.slice(0, agent.monitoring.max_contacts_per_run);
  const suppressed: Reach['suppressed'] = [];
  for (const known of ACTION_TYPES) {
    if (!known.outbound || !isCapable(agent, known)) continue;
    const reasons = new Map<string, number>();
    for (const id of targeted) {
      const reason = suppression(view, agent, known, id, now);
      if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    for (const [reason, contacts] of reasons) suppressed.push({ type: known.type, reason, contacts });
  }
  return { matched: matched.length, targeted: targeted.length, suppressed };
}
