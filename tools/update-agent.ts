import { z } from 'zod';
import { agentChanges } from '../src/domain/agents/agent.ts';
import { updateAgent } from '../src/engine/agents/save.ts';
import { savedAgentShape } from '../src/engine/base/shown/agent.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

export const updateAgentTool = defineTool({
  name: 'update_agent',
  title: 'Update agent',
  description:
    'Makes a new version of an agent. changes takes fields of create_agent: objects merge one level deep, arrays and filters are replaced whole. clear removes fields by dotted path ("limits.cooldown_days"). restore_version starts from an earlier version. expected_version refuses with CONFLICT if someone was faster. What lets more happen without a person waits whole for one: FORBIDDEN with details.change_id.',
  toolset: 'agents',
  scopes: ['agents:write'],
  hints: CHANGES,
  input: z.strictObject({
    agent_id: agentId,
    changes: agentChanges.optional(),
    clear: z.array(z.string()).max(50).optional(),
    restore_version: z.int().min(1).optional(),
    expected_version: z.int().min(1).optional(),
  }),
  output: { change_id: 'string', agent: { one: savedAgentShape }, warnings: 'array' },
  handler({ agent_id, changes = {}, clear = [], restore_version, expected_version }, call) {
    const { by } = call;
    const update = { changes, clear, restore_version, expected_version };
    return withConsent(call, { tool: 'update_agent', agent_id, update }, (house, via) =>
      updateAgent(house, by, agent_id, { ...update, via }),
    );
  },
});
