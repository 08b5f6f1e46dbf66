import { z } from 'zod';
import { CAPABILITIES } from '../src/actions/allowed.ts';
import { agentFields } from '../src/domain/agents/agent.ts';
import { AppError } from '../src/domain/base/errors.ts';
import { creationQuestion } from '../src/engine/agents/policy-questions.ts';
import { createAgent } from '../src/engine/agents/save.ts';
import { savedAgentShape } from '../src/engine/base/shown/agent.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { idempotencyKeyField } from '../src/mcp/fields.ts';
import { prove } from '../src/mcp/forms/prove.ts';

export const createAgentTool = defineTool({
  name: 'create_agent',
  title: 'Create agent',
  description: `Creates an agent, a draft unless enabled is true. It needs a name and a playbook: playbook_template (list_templates), playbook.rules (run without a model), or playbook.playbook_md. Give capabilities (${CAPABILITIES.join(', ')}), or what it proposes is blocked. monitoring.filter says whom it looks at, in MongoDB query syntax. Gives back warnings, and the agent without the playbook's text; try it with trigger_agent and dry_run.`,
  toolset: 'agents',
  hints: ADDS,
  input: z.strictObject({ ...agentFields, idempotency_key: idempotencyKeyField }),
  output: { agent: { one: savedAgentShape }, warnings: 'array' },
  async handler({ idempotency_key, ...fields }, call) {
    const { house, by } = call;
    const question = await creationQuestion(house, fields, idempotency_key);
    if (!question) return createAgent(house, by, fields, { key: idempotency_key });
    const { via, decision } = await prove(call, question);
    if (decision === 'reject')
      throw new AppError('FORBIDDEN', 'The person decided against this agent. No agent was made.');
    return createAgent(house, by, fields, { key: idempotency_key, via });
  },
});
