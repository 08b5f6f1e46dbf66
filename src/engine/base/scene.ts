import type { ActionScene } from '../../actions/action.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { View } from '../../domain/state/view.ts';

/** An agent, one of its contacts and who writes to it, as they stand now; undefined where the contact was deleted. */
export function sceneOf(view: View, agent: Agent, contactId: string): ActionScene | undefined {
  const contact = view.contact(contactId);
  if (!contact) return undefined;
  return { agent, contact, identity: agent.identity_id ? view.identity(agent.identity_id) : undefined };
}
