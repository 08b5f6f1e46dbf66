import { z } from 'zod';
import { FORMAT_NAMES } from '../src/domain/dialects/mapping/formats.ts';
import { createAgent } from '../src/engine/agents/save.ts';
import { savedAgentShape } from '../src/engine/base/shown/agent.ts';
import { ADDS, defineTool } from '../src/mcp/define-tool.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

export const importAgentTool = defineTool({
  name: 'import_agent',
  title: 'Import agent',
  description:
    "Makes a draft of an agent from elsewhere. payload is its JSON as it came, from export_agent or an API of Pathbound, Make, Converra or TalkifAI. Says what was carried, kept (export_agent gives it back) and not_carried, with why. A permission to act unasked doesn't move.",
  toolset: 'transfer',
  scopes: ['agents:write'],
  hints: ADDS,
  input: z.strictObject({
    payload: z.record(z.string(), z.unknown()),
    format: z.enum(['auto', ...FORMAT_NAMES]).optional(),
  }),
  output: {
    change_id: 'string',
    agent: { one: savedAgentShape },
    format: 'string',
    carried: 'array',
    kept: 'array',
    not_carried: 'array',
    warnings: 'array',
  },
  async handler({ payload, format = 'auto' }, call) {
    // Loaded now, and not at the start: few processes move an agent.
    const { importError, readForImport } = await import('../src/engine/transfer/import-agent.ts');
    const { by } = call;
    const { input, from, warnings, ...told } = await readForImport(call.house, { payload, format });
    try {
      const saved = await withConsent(call, { tool: 'create_agent', input, ...from }, (house, via) =>
        createAgent(house, by, input, { via, ...from }),
      );
      return { ...saved, warnings: [...warnings, ...saved.warnings], ...told };
    } catch (error) {
      throw importError(error, told.format);
    }
  },
});
