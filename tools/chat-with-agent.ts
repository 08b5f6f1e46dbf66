import { z } from 'zod';
import { usageShape } from '../src/engine/base/shown/fields.ts';
import { chat } from '../src/engine/chat/chat.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';

export const chatWithAgentTool = defineTool({
  name: 'chat_with_agent',
  title: 'Chat with agent',
  description:
    'Says one message to an agent with a model provider and gives its response (with output_schema, the checked output). thread_id goes on with a conversation; a new UUID begins one of that id. The agent can read its contacts; what it proposes for the contact of the thread waits for a decision. Steps come as progress.',
  toolset: 'chat',
  hints: { ...ACTS, destructive: false },
  input: z.strictObject({
    agent_id: agentId,
    message: z.string().min(1).max(100_000),
    thread_id: z.string().min(1).max(100).optional(),
    callback_url: z.string().max(2000).optional(),
  }),
  output: {
    response: 'string',
    thread_id: 'string',
    iteration_id: 'string',
    execution_time_ms: 'integer',
    usage: { one: usageShape },
  },
  handler: (args, { house, by, signal, onMessage }) => chat(house, by, args, { signal, onMessage }),
});
