import type { Agent } from '../../domain/agents/agent.ts';
import type { Author } from '../../domain/base/author.ts';
import { chunkOf, nextChunk } from '../../domain/decisions/decision.ts';
import { sameMindSince, trustOf } from '../../domain/learning/earned.ts';
import { type DecisionFact, firstDraft } from '../../domain/learning/facts.ts';
import { LogReader } from '../../domain/learning/population.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { type GrantTerms, typesToGrant } from '../gate/grant.ts';
import { type ProofLevel, trustsClient } from '../gate/proof.ts';
import { editOf } from './run-reader.ts';

/** What people first said of an agent's actions since a version, of some types, with how far their edits go. */
function decisionsSince(view: View, agentId: string, types: readonly string[], since: number): DecisionFact[] {
  const reader = new LogReader();
  const { seq: newest } = view.decisionHead();
  for (let first = 1; first <= newest; first = nextChunk(first))
    for (const entry of view.decisions(chunkOf(first))) if (entry.agent_id === agentId) reader.take(entry);
  const counted = reader.told(agentId).firsts.filter(({ type, version }) => types.includes(type) && version >= since);
  return counted.map((first): DecisionFact => {
    const { run_id, contact_id = '', action_index, decision, edited } = first;
    if (decision === 'rejected') return first;
    const actions = view.results(run_id).results.get(contact_id)?.proposed_actions ?? [];
    const action = actions.find((each) => each.action_index === action_index);
    if (!action) return first;
    const draft = firstDraft(action, actions);
    return edited || draft !== action ? { ...first, edited: true, ...editOf(draft, action) } : first;
  });
}

/** The types among those that an agent would do unasked which are offered to it, by what people decided on them. */
function earnedTypesOf(looker: View, agent: Agent, { env }: Pick<Moment, 'env'>): string[] {
  const types = typesToGrant(agent);
  const view = wholeOf(looker);
  const before = view.agentFile(agent.id).versions;
  if (types.length === 0 || before.length === 0) return [];
  const versions = before.some(({ version }) => version === agent.version) ? before : [...before, agent];
  const since = sameMindSince(versions);
  const decisions = decisionsSince(view, agent.id, types, since);
  return types.filter((type) => trustOf(decisions, { type, since, trustsClient: trustsClient(env) }).isEarned);
}

/** How a person lets agents act unasked in a commit, with what each of them has earned by then. */
export function grantTerms(view: View, moment: Moment, { by, via }: { by: Author; via: ProofLevel }): GrantTerms {
  const { at, newSalt } = moment;
  return { at, by, via, newSalt, earnedBy: (agent) => earnedTypesOf(view, agent, moment) };
}
