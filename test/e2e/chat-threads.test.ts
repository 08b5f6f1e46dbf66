import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chatScene } from '../support/chat.ts';

const scene = () => chatScene({ script: { reply: ({ n }) => ({ text: `reply ${n}` }) } });

describe('a thread that the client numbers', () => {
  it('begins with an unknown UUID, has it as its id, and goes on by it in any case', async () => {
    const { model, on, say, agent_id } = await scene();
    const thread_id = randomUUID();
    expect(await say('First.', { thread_id })).toMatchObject({ response: 'reply 0', thread_id });
    const upper = thread_id.toUpperCase();
    expect(await say('Second.', { thread_id: upper })).toMatchObject({ response: 'reply 1', thread_id });
    expect(model.asked[1]?.said).toContain('First.');
    const { threads } = await on.call('list_threads', { agent_id });
    expect(threads).toMatchObject([{ thread_id, agent_id, status: 'open', messages: 4 }]);
    const { thread } = await on.call('get_thread', { thread_id: upper });
    expect(thread).toMatchObject({ thread_id, messages: [{ content: 'First.' }, {}, { content: 'Second.' }, {}] });
    await on.call('end_thread', { thread_id: upper, outcome: 'completed' });
    expect(await on.refusal('chat_with_agent', { agent_id, message: 'Third.', thread_id })).toMatchObject({
      code: 'CONFLICT',
      details: { status: 'completed' },
    });
  });

  it('is one thread where two calls begin it at once', async () => {
    const { on, say } = await scene();
    const thread_id = randomUUID();
    await Promise.all([say('One.', { thread_id }), say('Two.', { thread_id })]);
    const { thread } = await on.call('get_thread', { thread_id });
    expect(thread.messages.map(({ role }: { role: string }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
  });

  it('is one agent’s: another agent is told whose it is', async () => {
    const { on, say, agent_id, model } = await scene();
    const thread_id = randomUUID();
    await say('Mine.', { thread_id });
    const { agent } = await on.call('create_agent', {
      name: 'Other',
      playbook: { playbook_md: 'Be brief.' },
      llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url },
    });
    const error = await on.refusal('chat_with_agent', { agent_id: agent.id, message: 'Yours?', thread_id });
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { thread_id: 'another agent' } });
    expect(error.message).toContain(agent_id);
    expect(model.asked).toHaveLength(1);
  });

  it('does not begin with an id of any other kind', async () => {
    const { on, agent_id, model } = await scene();
    const uuid = randomUUID();
    const others = [
      'th_nothing',
      'my-thread',
      `{${uuid}}`,
      `urn:uuid:${uuid}`,
      uuid.slice(1),
      uuid.replaceAll('-', ''),
      `${uuid}/..`,
    ];
    for (const thread_id of others)
      expect(await on.refusal('chat_with_agent', { agent_id, message: 'Hi', thread_id })).toMatchObject({
        code: 'NOT_FOUND',
      });
    expect(model.asked).toEqual([]);
    expect((await on.call('list_threads')).total).toBe(0);
  });
});
