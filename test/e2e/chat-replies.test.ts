import http from 'node:http';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aNote, chatScene, inTurn, propose } from '../support/chat.ts';
import type { Script } from '../support/model-server.ts';
import { testTools } from '../support/tool-server.ts';

describe('chat_with_agent', () => {
  it('tells each step before the reply as progress, in the shape of an event stream', async () => {
    const { on, agent_id } = await chatScene({
      script: { reply: inTurn({ text: '', calls: [{ name: 'find_contacts', input: {} }] }, { text: 'Two.' }) },
    });
    const steps: { progress: number; message?: string | undefined }[] = [];
    const result = await on.raw('chat_with_agent', { agent_id, message: 'How many?' }, (step) => steps.push(step));
    const messages = steps.map(({ message }) => JSON.parse(message ?? ''));
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    for (const message of messages) {
      expect(Object.keys(message).sort()).toEqual(['agent_iteration_id', 'content', 'id', 'role']);
      expect(message.agent_iteration_id).toBe(result.structuredContent.iteration_id);
    }
    expect(result.structuredContent.response).toBe('Two.');
    expect(steps.map(({ progress }) => progress)).toEqual([1, 2, 3]);
  });

  it('checks the output, has it mended once, and then gives up in words', async () => {
    const output_schema = { type: 'object', properties: { score: { type: 'integer' } }, required: ['score'] };
    const replies = ['not JSON', '{"score": 7}', '{"score": "high"}', '{"score": "higher"}'];
    const { on, agent_id, say } = await chatScene({
      script: { reply: ({ n }) => ({ text: replies[n] ?? '' }) },
      agent: { output_schema },
    });
    expect(await say('Score Ann.')).toMatchObject({ output: { score: 7 }, response: '{"score": 7}' });
    expect(await on.refusal('chat_with_agent', { agent_id, message: 'Again.' })).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('score'),
    });
    expect((await on.call('list_threads')).total).toBe(1);
    expect(
      await on.refusal('update_agent', { agent_id, changes: { output_schema: { type: 'no such type' } } }),
    ).toMatchObject({ code: 'VALIDATION_ERROR', details: { output_schema: expect.any(String) } });
  });

  it('takes no answer or call that is beyond measure, and says so to the model first', async () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const nested: object = JSON.parse(`{"reasoning":"x","proposed_actions":${deep(3_000)}}`);
    const { model, say } = await chatScene({
      script: { reply: inTurn(propose(nested), { text: 'y'.repeat(1_000_000) }, { text: 'Short.' }) },
    });
    expect((await say('Note something about ann@example.com.')).response).toBe('Short.');
    expect(model.asked[1]?.said).toContain('nested deeper than 64 levels');
    expect(model.asked[2]?.said).toContain('longer than 100000 characters');
    expect(model.asked[2]?.said.length).toBeLessThan(200_000);
    const scored = await chatScene({
      script: { reply: inTurn({ text: `{"score":${deep(100)}}` }, { text: '{"score":7}' }) },
      agent: { output_schema: { type: 'object' } },
    });
    expect((await scored.say('Score Ann.')).output).toEqual({ score: 7 });
  });

  it('calls the tools that both the agent and the person name, and no others', async () => {
    const tools = testTools();
    const script: Script = {
      reply: inTurn(
        { text: '', calls: [{ name: 'crm_send', input: { to: 'ann@example.com', text: 'hello' } }] },
        { text: '', calls: [{ name: 'crm_send', input: { nothing: true } }] },
        { text: '', calls: [{ name: 'crm_other', input: {} }] },
        { text: 'Sent.' },
      ),
    };
    const agent = { custom_functions: ['crm/send', 'crm/other'], enabled_functions: ['find_contacts', 'dance'] };
    const config = { mcpServers: { crm: tools.entry() }, chatTools: ['crm/send'] };
    const { model, say, warnings } = await chatScene({ script, agent, config });
    expect(warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('"crm/other"'), expect.stringContaining('"dance"')]),
    );
    expect(await say('Send Ann a hello.')).toMatchObject({ response: 'Sent.' });
    expect(tools.calls().map(({ name, args }) => [name, args])).toEqual([
      ['send', { to: 'ann@example.com', text: 'hello' }],
    ]);
    const offered = model.asked[0]?.body.tools.map((tool: { function: { name: string } }) => tool.function.name);
    expect(offered).toEqual(['find_contacts', 'crm_send']);
    expect(model.asked[2]?.said).toContain('required');
    expect(model.asked[3]?.said).toContain('no function');
  });

  it('is for agents with a model: others name the providers that chat', async () => {
    const { on } = await chatScene({});
    for (const playbook of [{ playbook_md: 'x' }, { rules: [{ name: 'all', propose: [] }] }]) {
      const { agent } = await on.call('create_agent', { name: `No model ${JSON.stringify(playbook)}`, playbook });
      expect(await on.refusal('chat_with_agent', { agent_id: agent.id, message: 'Hello' })).toMatchObject({
        code: 'VALIDATION_ERROR',
        message: expect.stringContaining('anthropic, openai, google, openai_compatible'),
      });
    }
  });

  it('is stopped by cancelling the call, and keeps nothing of it', async () => {
    const { model, on, agent_id } = await chatScene({ script: { reply: () => ({ misbehave: 'hang' }) } });
    const stop = new AbortController();
    const call = on.raw('chat_with_agent', { agent_id, message: 'Think.' }, undefined, stop.signal);
    await expect.poll(() => model.asked.length).toBe(1);
    stop.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => model.abandoned()).toBe(1);
    expect((await on.call('list_threads')).total).toBe(0);
  });

  it('is about the contact that the person names, and about no other', async () => {
    const { model, on, say, agent_id } = await chatScene({
      script: {
        reply: inTurn(
          propose({ contact_id: 'c1', reasoning: 'r', proposed_actions: [aNote('one')] }),
          propose({ contact_id: 'x9', reasoning: 'r', proposed_actions: [aNote('two')] }),
          propose({ reasoning: 'r', proposed_actions: [aNote('three')] }),
          { text: 'ok' },
          { text: JSON.stringify({ reasoning: 'As in a run.', proposed_actions: [aNote('four')] }) },
        ),
      },
    });
    const { thread_id } = await say('What about bob@example.com?');
    expect(model.asked[1]?.said).toContain('about the contact');
    expect(model.asked[2]?.said).toContain('monitoring.filter');
    expect(await say('And now?', { thread_id })).toMatchObject({ response: 'As in a run.' });
    const { actions } = await on.call('list_pending_actions', { agent_id });
    expect(
      actions.map((each: { contact_id: string; params: { body: string } }) => [each.contact_id, each.params.body]),
    ).toEqual([
      ['c2', 'three'],
      ['c2', 'four'],
    ]);
  });

  it('forgets what was said about a contact that is deleted', async () => {
    const { on, say } = await chatScene({ script: { reply: () => ({ text: 'Bob likes tea.' }) } });
    const { thread_id } = await say('Tell me about bob@example.com');
    await on.call('delete_contact', { contact_id: 'c2' });
    const { thread } = await on.call('get_thread', { thread_id });
    expect(thread).toMatchObject({ status: 'abandoned', messages: [] });
    expect(thread).not.toHaveProperty('contact_id');
  });

  it('posts the result to the callback, signed, once, and to no other origin', async () => {
    const posts: { headers: http.IncomingHttpHeaders; body: string }[] = [];
    const sink = http.createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(Buffer.from(piece));
      posts.push({ headers: request.headers, body: Buffer.concat(pieces).toString('utf8') });
      response.writeHead(posts.length === 1 ? 503 : 200).end();
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => sink.close(() => resolve())));
    const address = sink.address();
    const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
    const { on, agent_id, say } = await chatScene({
      hosts: host,
      env: { COUNTERSIGN_HOOK: secret },
      agent: { connections: { callback_url: `http://${host}/done`, secret_env: 'COUNTERSIGN_HOOK' } },
    });
    const elsewhere = { agent_id, message: 'Hi', callback_url: 'http://127.0.0.1:1/done' };
    expect(await on.refusal('chat_with_agent', elsewhere)).toMatchObject({ code: 'VALIDATION_ERROR' });
    const result = await say('Hi', { callback_url: `http://${host}/other` });
    await expect.poll(() => posts.length).toBe(2);
    const [first, second] = posts;
    expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
    // What an action posts has another id, which is signed with the body: neither can pass for the other.
    expect(first?.headers['webhook-id']).toMatch(/^chat_[0-9a-f]{32}$/);
    const headers = Object.fromEntries(
      Object.entries(second?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(new Webhook(secret).verify(second?.body ?? '', headers)).toEqual(result);
  });
});
