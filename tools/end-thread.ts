import { z } from 'zod';
import { threadShape } from '../src/engine/base/shown/thread.ts';
import { endThread } from '../src/engine/chat/threads.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { threadId } from '../src/mcp/fields.ts';

export const endThreadTool = defineTool({
  name: 'end_thread',
  title: 'End thread',
  description:
    'Ends a conversation: nothing more is said in it. What was proposed in it goes on waiting for a decision.',
  toolset: 'chat',
  scopes: ['agents:trigger'],
  hints: { ...CHANGES, destructive: false },
  input: z.strictObject({
    thread_id: threadId,
    outcome: z.enum(['completed', 'abandoned']),
    task_completed: z.boolean().optional(),
    sentiment: z.number().min(-1).max(1).optional(),
  }),
  output: { thread: { one: threadShape } },
  handler: async (args, { house, by }) => ({ thread: await endThread(house, by, args) }),
});
