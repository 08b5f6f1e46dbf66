import { z } from 'zod';
import { invalid } from '../src/domain/base/errors.ts';
import { chatUsageShape } from '../src/engine/base/shown/fields.ts';
import { chat } from '../src/engine/chat/chat.ts';
import { ACTS, defineTool } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';

export const chatWithAgentTool = defineTool({
  name: 'chat_with_agent',
  title: 'Chat with agent',
  description:
    'Says one message to an agent with a model provider and gives its response (with output_schema, the checked output). audio_path, a recording in place of message, is answered by an audio file. thread_id goes on with a conversation; a new UUID begins one of that id. The agent can read its contacts; what it proposes for the contact of the thread waits for a decision. Steps come as progress.',
  toolset: 'chat',
  scopes: ['agents:trigger'],
  hints: { ...ACTS, destructive: false },
  input: z.strictObject({
    agent_id: agentId,
    message: z.string().min(1).max(100_000).optional(),
    audio_path: z.string().min(1).max(4096).optional(),
    thread_id: z.string().min(1).max(100).optional(),
    callback_url: z.string().max(2000).optional(),
  }),
  output: {
    response: 'string',
    thread_id: 'string',
    iteration_id: 'string',
    execution_time_ms: 'integer',
    usage: { one: chatUsageShape },
    transcript: 'string',
    audio: 'object',
  },
  async handler({ message, audio_path, ...args }, { house, by, signal, onMessage, onStep }) {
    if (message !== undefined && audio_path === undefined)
      return chat(house, by, { ...args, message }, { signal, onMessage });
    if (message === undefined && audio_path !== undefined) {
      const { chatByAudio } = await import('../src/engine/chat/audio.ts');
      return chatByAudio(house, by, { ...args, audio_path }, { signal, onMessage, onStep });
    }
    throw invalid(
      'Give exactly one of message (what to say to the agent) and audio_path (a recording of it). Nothing was said to the agent.',
      { message: 'exactly one of message and audio_path' },
    );
  },
});
