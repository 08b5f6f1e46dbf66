import { z } from 'zod';
import { threadShape } from '../src/engine/base/shown/thread.ts';
import { listThreads } from '../src/engine/chat/threads.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';
import { pagedResult, pageFields, pageFrom, pageKeys } from '../src/mcp/pages.ts';

export const listThreadsTool = defineTool({
  name: 'list_threads',
  title: 'List threads',
  description: 'Lists conversations with agents, newest first. After 24 hours without a message, one is abandoned.',
  toolset: 'chat',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ agent_id: agentId.optional(), ...pageFields(100) }),
  output: { threads: { many: threadShape }, ...pageKeys },
  handler: async ({ agent_id, ...page }, { house }) =>
    pagedResult('threads', await listThreads(house, agent_id, pageFrom(page))),
});
