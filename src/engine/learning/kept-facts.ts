import type { AgentFacts } from '../../domain/learning/facts.ts';
import type { House } from '../base/house.ts';
import { collectFacts } from './collect.ts';

const MOST_AGENTS = 20;

/**
 * What the figures of an agent rest on, collected once for each commit. It is the same for all who see the agent, and whoever
 * asks has seen it: nothing of another agent is in it.
 */
export async function factsFor(house: House, agentId: string): Promise<AgentFacts> {
  const commits = await house.read((view) => view.commits());
  const kept = house.facts.get(agentId);
  if (kept?.commits === commits) return kept.found;
  const found = collectFacts(house, agentId);
  house.facts.delete(agentId);
  house.facts.set(agentId, { commits, found });
  const [oldest = ''] = house.facts.keys();
  if (house.facts.size > MOST_AGENTS) house.facts.delete(oldest);
  found.catch(() => house.facts.delete(agentId));
  return found;
}
