import { z } from 'zod';
import { CAPABILITIES } from '../src/actions/allowed.ts';
import { agentFields } from '../src/domain/agents/agent.ts';
import { createAgent } from '../src/engine/agents/save.ts';
import { savedAgentShape } from '../src/engine/base/shown/agent.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { idempotencyKeyField } from '../src/mcp/fields.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

export const createAgentTool = defineTool({
  name: 'create_agent',
  title: 'Create agent',
  description: `Creates an agent, a draft unless enabled is true. It needs a name and a playbook: playbook_template (list_templates), playbook.rules (run without a model), or playbook.playbook_md. Give capabilities (${CAPABILITIES.join(', ')}), or what it proposes is blocked. monitoring.filter says whom it looks at, in MongoDB query syntax. Where it would act unasked, a person has to allow that: change_id waits until then. Try it with trigger_agent and dry_run.`,
  toolset: 'agents',
  scopes: ['agents:write'],
  hints: ADDS,
  input: z.strictObject({ ...agentFields, idempotency_key: idempotencyKeyField }),
  output: { change_id: 'string', agent: { one: savedAgentShape }, warnings: 'array' },
  handler({ idempotency_key: key, ...input }, call) {
    const { by } = call;
    return withConsent(call, { tool: 'create_agent', input, ...(key === undefined ? {} : { key }) }, (house, via) =>
      createAgent(house, by, input, { key, via }),
    );
  },
});
