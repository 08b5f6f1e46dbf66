import { z } from 'zod';
import { FORMAT_NAMES, formatNamed } from '../src/domain/dialects/mapping/formats.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';

export const exportAgentTool = defineTool({
  name: 'export_agent',
  title: 'Export agent',
  description:
    "Gives an agent in JSON, whole for another home (countersign), or as another product's API takes it; not_carried names what that can't say, and why. decisions true (countersign alone) adds what people decided as a test set, without contacts' names or texts. Never a key. import_agent takes it.",
  toolset: 'transfer',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({
    agent_id: agentId,
    format: z.enum(FORMAT_NAMES),
    decisions: z.boolean().optional(),
  }),
  output: { format: 'string', payload: 'object', not_carried: 'array' },
  async handler({ agent_id, format, decisions = false }, { house }) {
    // Loaded now, and not at the start: few processes move an agent.
    const { exportAgent } = await import('../src/engine/transfer/export-agent.ts');
    return exportAgent(house, { agent_id, format: formatNamed(format), decisions });
  },
});
