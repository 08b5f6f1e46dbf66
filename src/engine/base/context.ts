import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Rejection, UnifiedProfile } from '../../domain/contacts/contact.ts';
import { recentActions, rejectionsOf, unifiedProfile } from '../../domain/contacts/profile.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import { knownAlong, shownEntries } from '../../domain/visibility/hidden-entries.ts';
import type { EvaluationContext } from '../../evaluators/evaluator.ts';
import { ledgerAt, sceneOf } from './scene.ts';

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));

/**
 * All that an evaluator may know about a contact; undefined where the contact was deleted. What other agents did stands in
 * full where everybody who sees this agent sees them too.
 */
export function contextOf(view: View, agent: Agent, contactId: string, now: Date): EvaluationContext | undefined {
  const scene = sceneOf(view, agent, contactId);
  if (!scene) return undefined;
  const activity = view.activity(contactId);
  const known = knownAlong(view, agent.id);
  const entries = shownEntries(wholeOf(view).ledger(contactId), known);
  let profile: UnifiedProfile | undefined;
  let rejections: readonly Rejection[] | undefined;
  return {
    agent,
    contact: scene.contact,
    identity: scene.identity,
    events: activity.events,
    recent_actions: recentActions(entries),
    // Made when they are first asked for: most rules never name them.
    get rejections() {
      rejections ??= rejectionsOf(shownEntries(ledgerAt(view, scene), known));
      return rejections;
    },
    get unified_profile() {
      profile ??= unifiedProfile(scene.contact, { activity, actions: entries, outbound: OUTBOUND, now });
      return profile;
    },
    now,
  };
}
