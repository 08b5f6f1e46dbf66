import { describe, expect, it } from 'vitest';
import { aNote, chatScene, inTurn, propose } from '../support/chat.ts';

describe.each(['openai_compatible', 'anthropic'])('a conversation, %s', (provider) => {
  it('goes on in its thread, reads its contacts, and proposes for the one it is about', async () => {
    const { model, on, say, agent_id } = await chatScene({
      script: {
        reply: inTurn(
          { text: '', calls: [{ name: 'find_contacts', input: { query: 'ann' } }] },
          { text: 'Reading.', calls: [{ name: 'get_contact', input: { contact_id: 'c1' } }] },
          propose({ reasoning: 'She asked.', proposed_actions: [aNote('Call Ann'), { type: 'sms', params: {} }] }),
          { text: 'I proposed a note.' },
          { text: 'You are welcome.' },
        ),
      },
      provider,
      env: { ANTHROPIC_API_KEY: 'sk-a' },
    });
    const first = await say('Do something for Ann.');
    expect(first).toMatchObject({
      response: 'I proposed a note.',
      thread_id: expect.stringMatching(/^th_/),
      iteration_id: expect.any(String),
      execution_time_ms: expect.any(Number),
      usage: { input_tokens: 4000, output_tokens: 400, cost_usd: 0.0044 },
    });
    const found = model.asked[1]?.said ?? '';
    expect(found).toContain('ann@example.com');
    expect(found).not.toContain('eve@example.com');
    expect(model.asked[3]?.said).toContain('no action of type');

    const { actions } = await on.call('list_pending_actions');
    expect(actions).toMatchObject([
      { contact_id: 'c1', type: 'note', params: { body: 'Call Ann' }, source: 'chat', reasoning: 'She asked.' },
    ]);
    const { run } = await on.call('get_run', { run_id: actions[0].run_id });
    expect(run).toMatchObject({ trigger: 'chat', status: 'completed', agent_id });
    const { run_id, contact_id, action_index } = actions[0];
    expect(await on.refusal('approve_action', await on.shown({ run_id, contact_id, action_index }))).toMatchObject({
      code: 'FORBIDDEN',
      details: { needed: 'elicited' },
    });

    expect(await say('Thanks!', { thread_id: first.thread_id })).toMatchObject({ response: 'You are welcome.' });
    expect(model.asked[4]?.said).toContain('Do something for Ann.');
    const { threads } = await on.call('list_threads', { agent_id });
    expect(threads).toMatchObject([
      { thread_id: first.thread_id, agent_id, contact_id: 'c1', status: 'open', messages: 10 },
    ]);
    const { thread } = await on.call('get_thread', { thread_id: first.thread_id });
    expect(thread.messages.map((each: { role: string }) => each.role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
      'user',
      'assistant',
    ]);
    expect(Object.keys(thread.messages[0]).sort()).toEqual(['agent_iteration_id', 'at', 'content', 'id', 'role']);
    expect(await on.resource(`countersign://threads/${first.thread_id}`)).toMatchObject({ thread });

    const ended = await on.call('end_thread', {
      thread_id: first.thread_id,
      outcome: 'completed',
      task_completed: true,
    });
    expect(ended.thread).toMatchObject({ status: 'completed', task_completed: true });
    expect(
      await on.refusal('chat_with_agent', { agent_id, message: 'More', thread_id: first.thread_id }),
    ).toMatchObject({
      code: 'CONFLICT',
      details: { status: 'completed' },
    });
  });
});
