import type { ActionScene } from '../../actions/action.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { View } from '../../domain/state/view.ts';

/** An agent, one contact and the sender's identity, as they are now; undefined where the contact was deleted. */
export function sceneOf(view: View, agent: Agent, contactId: string): ActionScene | undefined {
  const contact = view.contact(contactId);
  if (!contact) return undefined;
  return { agent, contact, identity: agent.identity_id ? view.identity(agent.identity_id) : undefined };
}
