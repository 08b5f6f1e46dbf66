import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { sameMindSince, type TrustTold, trustOf } from '../../domain/learning/earned.ts';
import type { DecisionFact } from '../../domain/learning/facts.ts';
import type { View } from '../../domain/state/view.ts';
import { grantFor, isStillGranted, unaskedTypes } from '../gate/grant.ts';
import { trustsClient } from '../gate/proof.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How far a type of action is, what is offered for it, and whether a person granted it. */
export type TrustRow = { type: string; n: number; misses: number; needed: number; offer?: string; granted?: true };

/** The types of action that can earn it: all but harmless ones, which need no grant. */
function typesOf(agent: Agent, decisions: readonly DecisionFact[]): string[] {
  return ACTION_TYPES.filter((known) => !known.harmless)
    .filter((known) => isCapable(agent, known) || decisions.some(({ type }) => type === known.type))
    .map(({ type }) => type);
}

function offerFor({ name }: Agent, type: string, { n, misses }: TrustTold, listed: readonly string[]): string {
  const auto_approve = JSON.stringify([...new Set([...listed, type])]);
  return `Of ${n} decisions on ${type}, ${misses} missed: with 95 % certainty at least 95 % would be approved. The person may let "${name}" do it unasked: update_agent {"changes": {"approval": {"auto_approve": ${auto_approve}}}}. One in ten is still asked, and the first rejection ends it.`;
}

/** Trust in each type of action, by what people decided on it. */
export function trustRows(
  view: View,
  { agent, versions, env }: { agent: Agent; versions: readonly Agent[]; env: Env },
  decisions: readonly DecisionFact[],
): TrustRow[] {
  const since = sameMindSince(versions);
  const grant = grantFor(view, agent, env);
  const unasked = grant ? unaskedTypes(agent).filter((type) => isStillGranted(grant, type)) : [];
  return typesOf(agent, decisions).map((type): TrustRow => {
    const told = trustOf(decisions, { type, since, trustsClient: trustsClient(env) });
    const { n, misses, needed } = told;
    const row = { type, n, misses, needed };
    if (unasked.includes(type)) return { ...row, granted: true };
    return told.isEarned && isCapableOf(agent, type)
      ? { ...row, offer: offerFor(agent, type, told, agent.approval.auto_approve) }
      : row;
  });
}

function isCapableOf(agent: Agent, type: string): boolean {
  return ACTION_TYPES.some((known) => known.type === type && isCapable(agent, known));
}
