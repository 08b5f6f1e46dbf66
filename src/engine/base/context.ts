import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { recentActions, rejectionsOf, unifiedProfile } from '../../domain/contacts/profile.ts';
import type { View } from '../../domain/state/view.ts';
import type { EvaluationContext } from '../../evaluators/evaluator.ts';
import { ledgerAt, sceneOf } from './scene.ts';

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));

/** All that an evaluator may know about a contact; undefined where the contact was deleted. */
export function contextOf(view: View, agent: Agent, contactId: string, now: Date): EvaluationContext | undefined {
  const scene = sceneOf(view, agent, contactId);
  if (!scene) return undefined;
  const activity = view.activity(contactId);
  const entries = view.ledger(contactId);
  return {
    ...scene,
    events: activity.events,
    recent_actions: recentActions(entries),
    rejections: rejectionsOf(ledgerAt(view, scene)),
    unified_profile: unifiedProfile(scene.contact, { activity, actions: entries, outbound: OUTBOUND, now }),
    now,
  };
}
