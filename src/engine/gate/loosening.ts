import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { canonical } from '../../domain/base/json.ts';
import type { ActionSource } from '../../domain/runs/run.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import { LEVELS, type ProofLevel } from './proof.ts';

function added(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((item) => !before.includes(item));
}

function rank(level: ProofLevel | undefined): number {
  return LEVELS.indexOf(level ?? 'client');
}

/** What each proof takes, in words for the person who decides. */
const TAKES: Readonly<Record<ProofLevel, string>> = {
  client: 'a plain call of the assistant',
  elicited: 'your answer to a form',
  human: 'your word in a terminal',
};

/** The settings that decide where an agent's actions and its contacts' data go. */
function destinations(agent: Agent): string {
  return canonical([agent.connections, agent.identity_id ?? null, agent.llm_config.base_url ?? null]);
}

/** The agent's actions that wait for a person, or are approved and wait for their execution. */
export function waiting(view: View, agentId: string) {
  return view.open({ agent_id: agentId, statuses: ['pending_approval', 'approved'] });
}

/**
 * What a change of an agent allows without a person, and the agent didn't allow before: clauses for the person who
 * decides on the change (contract, section 3).
 */
export function loosenings(view: View, before: Agent, after: Agent): string[] {
  const found: string[] = [];
  const { approval: was } = before;
  const { approval: is } = after;
  if (was.require_approval && !is.require_approval)
    found.push('everything it proposes would happen without being asked');
  const unasked = added(was.auto_approve, is.auto_approve);
  if (unasked.length > 0) found.push(`these would happen without being asked: ${unasked.join(', ')}`);
  if (rank(is.min_proof) < rank(was.min_proof))
    found.push(
      `an approval would take ${TAKES[is.min_proof ?? 'client']}, until now ${TAKES[was.min_proof ?? 'client']}`,
    );
  const runsUnasked = !is.require_approval || is.auto_approve.length > 0;
  const able = added(before.capabilities, after.capabilities);
  if (runsUnasked && able.length > 0)
    found.push(`it could use ${able.join(', ')}, and some of what it proposes happens without being asked`);
  if (destinations(before) !== destinations(after) && waiting(view, before.id).length > 0)
    found.push('the URL or identity of actions that wait would change');
  return found;
}

/** Who proposes an agent's waiting or next actions, where that is a model that could also call update_agent. */
export function sourceOf(view: View, agent: Agent): ActionSource | undefined {
  if (effectiveProvider(agent) === 'assistant') return 'assistant';
  for (const open of waiting(view, agent.id)) {
    const source = findAction(view, open)?.source;
    if (source) return source;
  }
  return undefined;
}

type Sender = Pick<Identity, 'email' | 'smtp_url_env'>;

/** Agents whose waiting actions would come from another address or server once an identity is replaced. */
export function agentsWithNewSender(
  view: View,
  before: Identity,
  after: { [K in keyof Sender]?: Sender[K] | undefined },
): Agent[] {
  if (before.email === after.email && before.smtp_url_env === after.smtp_url_env) return [];
  return view
    .agentsOf(before.id)
    .flatMap(({ id }) => (waiting(view, id).length > 0 ? (currentAgent(view, id) ?? []) : []));
}

/** The same agent, but asking a person for every action: what a new agent is compared with. */
export function askingAlways(agent: Agent): Agent {
  return { ...agent, approval: { ...agent.approval, require_approval: true, auto_approve: [] } };
}
