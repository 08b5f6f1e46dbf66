import { z } from 'zod';
import { agentChanges } from '../src/domain/agents/agent.ts';
import { AppError } from '../src/domain/base/errors.ts';
import { looseningQuestion } from '../src/engine/agents/policy-questions.ts';
import { updateAgent } from '../src/engine/agents/save.ts';
import { savedAgentShape } from '../src/engine/base/shown/agent.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const updateAgentTool = defineTool({
  name: 'update_agent',
  title: 'Update agent',
  description:
    'Makes a new version of an agent. changes takes fields of create_agent: objects merge one level deep, arrays and filters are replaced whole. clear removes fields by dotted path ("limits.cooldown_days"). restore_version starts from an earlier version, so every change can be undone. expected_version refuses with CONFLICT if someone was faster.',
  toolset: 'agents',
  hints: CHANGES,
  input: z.strictObject({
    agent_id: agentId,
    changes: agentChanges.optional(),
    clear: z.array(z.string()).max(50).optional(),
    restore_version: z.int().min(1).optional(),
    expected_version: z.int().min(1).optional(),
  }),
  output: { agent: { one: savedAgentShape }, warnings: 'array' },
  async handler({ agent_id, changes = {}, clear = [], restore_version, expected_version }, call) {
    const { house, by } = call;
    const update = { changes, clear, restore_version, expected_version };
    const question = await looseningQuestion(house, agent_id, update);
    if (!question) return updateAgent(house, by, agent_id, update);
    const { via, decision } = await prove(call, question);
    if (decision === 'reject')
      throw new AppError('FORBIDDEN', 'The person decided against this change. Nothing was changed.');
    return updateAgent(house, by, agent_id, { ...update, via });
  },
});
