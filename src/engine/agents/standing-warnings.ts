import type { Agent } from '../../domain/agents/agent.ts';
import type { Grant } from '../../domain/state/kept-change.ts';
import type { View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import type { UnaskedAsShown } from '../base/shown/change.ts';
import { earnedTypes, grantFor, isStillGranted, neededForChange, typesToGrant, unaskedTypes } from '../gate/grant.ts';
import { beyondForms } from '../gate/proof.ts';
import { waysInWords } from '../gate/ways.ts';

/** The change that asks for an agent's permission to act unasked, as the agent is; undefined where none waits. */
export function waitingGrant(view: View, agentId: string): string | undefined {
  return view
    .changes()
    .findLast(({ call }) => call.tool === 'grant' && call.grants.some(({ agent_id }) => agent_id === agentId))?.id;
}

/** What an agent may do unasked, as it is shown: by its settings, and whether a person granted that. */
export function unaskedOf(view: View, agent: Agent, { env }: Pick<Moment, 'env'>): UnaskedAsShown {
  const types = unaskedTypes(agent);
  const grant = grantFor(view, agent, env);
  const isGranted = typesToGrant(agent).length === 0 ? types.length > 0 : grant !== undefined;
  const how = isGranted && grant ? { granted_at: grant.at, granted_via: grant.via } : {};
  const earned = grant ? earnedTypes(grant).filter((type) => types.includes(type)) : [];
  const allowed = grant ? types.filter((type) => isStillGranted(grant, type)) : types;
  return { types: allowed, granted: isGranted, ...how, earned };
}

/** What a permission in force lets happen, and what a rejection ended of it. */
function grantedWarnings(grant: Grant, types: readonly string[]): string[] {
  const [kept, earned] = [types.filter((type) => isStillGranted(grant, type)), earnedTypes(grant)];
  const lost = types.filter((type) => !isStillGranted(grant, type));
  const sampled = earned.length > 0 ? ` One in ten of ${earned.join(', ')} is still asked, as it was earned.` : '';
  return [
    ...(kept.length > 0
      ? [`The agent does this without asking, as a person allowed it to: ${kept.join(', ')}.${sampled}`]
      : []),
    ...(lost.length > 0
      ? [
          `A person rejected one that the agent had earned to do without asking, so every one is asked again: ${lost.join(', ')}. get_agent_insights says when it is offered anew.`,
        ]
      : []),
  ];
}

/** Sentences about what an agent may do unasked. `before` is the version that this one replaces. */
export function standingWarnings(
  view: View,
  agent: Agent,
  terms: Pick<Moment, 'env' | 'reviewCommand' | 'deskWay'>,
  before?: Agent,
): string[] {
  const { env } = terms;
  const types = typesToGrant(agent);
  const grant = grantFor(view, agent, env);
  if (grant) return grantedWarnings(grant, types);
  const hadGrant = before && view.standing(agent.id)?.last !== undefined && typesToGrant(before).length > 0;
  const ended = hadGrant
    ? 'What the agent may do without asking was allowed for the agent as it was before, so that permission has ended. '
    : '';
  if (types.length === 0) return ended === '' ? [] : [ended.trim()];
  const change = waitingGrant(view, agent.id);
  const how =
    change === undefined
      ? 'update_agent that names approval.require_approval or approval.auto_approve as they are asks a person for that'
      : `change ${change} asks a person for that: list_pending_actions shows it under changes, and the person can decide it: ${waysInWords(terms, beyondForms(neededForChange(view, [agent], env), true), { at: { change_id: change } })}`;
  return [
    `${ended}The agent would do this without asking, and no person has allowed that yet: ${types.join(', ')}. Until then it waits for a person like everything else; ${how}.`,
  ];
}
