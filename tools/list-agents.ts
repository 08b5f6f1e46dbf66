import { z } from 'zod';
import { AGENT_STATUSES, ARCHITECTURES, VISIBILITIES } from '../src/domain/agents/agent.ts';
import { listAgents } from '../src/engine/agents/read.ts';
import { agentRowShape } from '../src/engine/base/shown/agent.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

export const listAgentsTool = defineTool({
  name: 'list_agents',
  title: 'List agents',
  description:
    'Lists agents, newest first, with how many actions wait for a decision and the last run of each. Archived ones only with status "archived". get_agent reads one whole.',
  toolset: 'agents',
  scopes: ['agents:read'],
  hints: READS,
  tellsWaiting: 'all',
  input: z.strictObject({
    status: z.enum(AGENT_STATUSES).optional(),
    enabled: z.boolean().optional(),
    playbook_template: z.string().optional(),
    tags: z.array(z.string()).optional().describe('All must be there'),
    architecture: z.enum(ARCHITECTURES).optional(),
    visibility: z.enum(VISIBILITIES).optional(),
    query: z.string().optional().describe('Part of name or description'),
    ...pageFields(100),
  }),
  output: { agents: { many: agentRowShape }, ...pageKeys },
  async handler({ limit, offset, ...filter }, { house }) {
    return pagedResult('agents', await listAgents(house, filter, pageFrom({ limit, offset })));
  },
});
