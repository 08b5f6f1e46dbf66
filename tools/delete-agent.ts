import { z } from 'zod';
import { deleteAgent } from '../src/engine/agents/delete.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

export const deleteAgentTool = defineTool({
  name: 'delete_agent',
  title: 'Delete agent',
  description:
    'Deletes an agent and its runs for good and cancels its waiting actions; one whose outcome is unknown has to be settled first. Where the agent demands proof of its approvals, a person decides by a form, or it waits as details.change_id. To keep it, use update_agent with status "archived" instead.',
  toolset: 'agents',
  scopes: ['agents:write'],
  hints: CHANGES,
  input: z.strictObject({ agent_id: agentId }),
  output: { agent_id: 'string', runs_deleted: 'integer', actions_cancelled: 'integer' },
  handler({ agent_id }, call) {
    const { by } = call;
    return withConsent(call, { tool: 'delete_agent', agent_id }, (house, via) => deleteAgent(house, by, agent_id, via));
  },
});
