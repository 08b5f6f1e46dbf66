import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { UnifiedProfile } from '../../domain/contacts/contact.ts';
import { recentActions, rejectionsOf, unifiedProfile } from '../../domain/contacts/profile.ts';
import type { View } from '../../domain/state/view.ts';
import type { EvaluationContext, Rejection } from '../../evaluators/evaluator.ts';
import { ledgerAt, sceneOf } from './scene.ts';

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));

/** All that an evaluator may know about a contact; undefined where the contact was deleted. */
export function contextOf(view: View, agent: Agent, contactId: string, now: Date): EvaluationContext | undefined {
  const scene = sceneOf(view, agent, contactId);
  if (!scene) return undefined;
  const activity = view.activity(contactId);
  const entries = view.ledger(contactId);
  let profile: UnifiedProfile | undefined;
  let rejections: readonly Rejection[] | undefined;
  return {
    ...scene,
    events: activity.events,
    recent_actions: recentActions(entries),
    // Made when they are first asked for: most rules never name them.
    get rejections() {
      rejections ??= rejectionsOf(ledgerAt(view, scene));
      return rejections;
    },
    get unified_profile() {
      profile ??= unifiedProfile(scene.contact, { activity, actions: entries, outbound: OUTBOUND, now });
      return profile;
    },
    now,
  };
}
