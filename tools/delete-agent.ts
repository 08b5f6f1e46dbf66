import { z } from 'zod';
import { AppError } from '../src/domain/base/errors.ts';
import { deleteAgent, deletionQuestion } from '../src/engine/agents/delete.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const deleteAgentTool = defineTool({
  name: 'delete_agent',
  title: 'Delete agent',
  description:
    'Deletes an agent and its runs for good and cancels its waiting actions; one whose outcome is unknown has to be settled first. An agent that demands proof of its approvals demands it here too: where the client can show a form, the person is asked there. To keep it, use update_agent with status "archived" instead.',
  toolset: 'agents',
  hints: CHANGES,
  input: z.strictObject({ agent_id: agentId }),
  output: { agent_id: 'string', runs_deleted: 'integer', actions_cancelled: 'integer' },
  async handler({ agent_id }, call) {
    const { house, by } = call;
    const question = await deletionQuestion(house, agent_id);
    if (!question) return deleteAgent(house, by, agent_id);
    const { via, decision } = await prove(call, question);
    if (decision === 'reject')
      throw new AppError('FORBIDDEN', 'The person decided against this deletion. Nothing was deleted.');
    return deleteAgent(house, by, agent_id, via);
  },
});
