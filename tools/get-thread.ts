import { z } from 'zod';
import { threadReadingShape } from '../src/engine/base/shown/thread.ts';
import { getThread } from '../src/engine/chat/threads.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { threadId } from '../src/mcp/fields.ts';

export const getThreadTool = defineTool({
  name: 'get_thread',
  title: 'Get thread',
  description: 'Reads a conversation with an agent: its messages, oldest first, whom it is about, and how it stands.',
  toolset: 'chat',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ thread_id: threadId }),
  output: { thread: { one: threadReadingShape } },
  resources: [
    {
      name: 'thread',
      title: 'Thread',
      uri: 'countersign://threads/{thread_id}',
      description: 'One conversation, as get_thread gives it',
    },
  ],
  handler: ({ thread_id }, { house }) => getThread(house, thread_id),
});
