import { z } from 'zod';
import { getAgent, recentAgents } from '../src/engine/agents/read.ts';
import { agentShape } from '../src/engine/base/shown/agent.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';

export const getAgentTool = defineTool({
  name: 'get_agent',
  title: 'Get agent',
  description:
    'Reads one agent whole: playbook, capabilities, monitoring, the provider in effect, its versions, when its schedule fires next, and warnings about settings that will not work as expected. version reads an earlier version.',
  toolset: 'agents',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ agent_id: agentId, version: z.int().min(1).optional() }),
  output: { agent: { one: agentShape }, warnings: 'array' },
  resources: [
    {
      name: 'agent',
      title: 'Agent',
      uri: 'countersign://agents/{agent_id}',
      description: 'One agent, as get_agent gives it',
      list: recentAgents,
    },
  ],
  handler: ({ agent_id, version }, { house }) => getAgent(house, agent_id, version),
});
