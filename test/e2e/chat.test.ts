import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aModelServer } from '../support/fixtures.ts';
import type { Script } from '../support/model-server.ts';
import { type Era, startServer, temporaryHome } from '../support/server.ts';
import { testTools } from '../support/tool-server.ts';

type Setting = {
  script?: Script;
  provider?: string;
  agent?: Record<string, unknown>;
  env?: Record<string, string>;
  era?: Era;
  hosts?: string;
  /** The person's config.json. */
  config?: object;
};

/** An agent whose model is on loopback, with contacts of its own and one that isn't. */
async function scene({
  script,
  provider = 'openai_compatible',
  agent = {},
  env = {},
  era = 'sdk-1',
  hosts = '',
  config = {},
}: Setting) {
  const model = await aModelServer(script);
  const home = temporaryHome();
  fs.writeFileSync(path.join(home, 'prices.json'), JSON.stringify({ 'm-1': { input: 1, output: 1 } }));
  fs.writeFileSync(path.join(home, 'config.json'), JSON.stringify(config));
  const allow = { COUNTERSIGN_ALLOW_HOSTS: `${model.host} ${hosts}` };
  const on = await startServer({ home, era, env: { ...allow, ...env } });
  onTestFinished(() => on.close());
  await on.call('import_contacts', {
    contacts: [
      { id: 'c1', email: 'ann@example.com', firstname: 'Ann', lifecycle_stage: 'lead' },
      { id: 'c2', email: 'bob@example.com', firstname: 'Bob', lifecycle_stage: 'lead' },
      { id: 'x9', email: 'eve@example.com', firstname: 'Eve', lifecycle_stage: 'customer' },
    ],
  });
  const made = await on.call('create_agent', {
    name: 'Talker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Be brief.' },
    monitoring: { filter: { lifecycle_stage: 'lead' } },
    llm_config: { provider, model: 'm-1', base_url: model.url },
    ...agent,
  });
  const say = (message: string, more: Record<string, unknown> = {}) =>
    on.call('chat_with_agent', { agent_id: made.agent.id, message, ...more });
  return { model, home, on, agent_id: made.agent.id, say, warnings: made.warnings };
}

/** Answers request after request of one conversation. */
const inTurn =
  (...replies: { text: string; calls?: { name: string; input: object }[] }[]): NonNullable<Script['reply']> =>
  ({ n }) =>
    replies[n] ?? { text: 'done' };

const propose = (input: object) => ({ text: '', calls: [{ name: 'propose_actions', input }] });
const aNote = (body: string) => ({ type: 'note', params: { body } });

describe.each(['openai_compatible', 'anthropic'])('a conversation, %s', (provider) => {
  it('goes on in its thread, reads its contacts, and proposes for the one it is about', async () => {
    const { model, on, say, agent_id } = await scene({
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
    expect(await on.refusal('approve_action', { run_id, contact_id, action_index })).toMatchObject({
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

describe('chat_with_agent', () => {
  it('tells each step as progress, in the shape of an event stream', async () => {
    const { on, agent_id } = await scene({
      script: { reply: inTurn({ text: '', calls: [{ name: 'find_contacts', input: {} }] }, { text: 'Two.' }) },
    });
    const steps: { progress: number; message?: string | undefined }[] = [];
    const result = await on.raw('chat_with_agent', { agent_id, message: 'How many?' }, (step) => steps.push(step));
    const messages = steps.map(({ message }) => JSON.parse(message ?? ''));
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    for (const message of messages) {
      expect(Object.keys(message).sort()).toEqual(['agent_iteration_id', 'content', 'id', 'role']);
      expect(message.agent_iteration_id).toBe(result.structuredContent.iteration_id);
    }
    expect(messages[3].content).toBe('Two.');
    expect(steps.map(({ progress }) => progress)).toEqual([1, 2, 3, 4]);
  });

  it('checks the output, has it mended once, and then gives up in words', async () => {
    const output_schema = { type: 'object', properties: { score: { type: 'integer' } }, required: ['score'] };
    const replies = ['not JSON', '{"score": 7}', '{"score": "high"}', '{"score": "higher"}'];
    const { on, agent_id, say } = await scene({
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
    const { model, say, warnings } = await scene({ script, agent, config });
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
    const { on } = await scene({});
    for (const playbook of [{ playbook_md: 'x' }, { rules: [{ name: 'all', propose: [] }] }]) {
      const { agent } = await on.call('create_agent', { name: `No model ${JSON.stringify(playbook)}`, playbook });
      expect(await on.refusal('chat_with_agent', { agent_id: agent.id, message: 'Hello' })).toMatchObject({
        code: 'VALIDATION_ERROR',
        message: expect.stringContaining('anthropic, openai, google, openai_compatible'),
      });
    }
  });

  it('is stopped by cancelling the call, and keeps nothing of it', async () => {
    const { model, on, agent_id } = await scene({ script: { reply: () => ({ misbehave: 'hang' }) } });
    const stop = new AbortController();
    const call = on.raw('chat_with_agent', { agent_id, message: 'Think.' }, undefined, stop.signal);
    while (model.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await expect(call).rejects.toThrow();
    while (model.abandoned() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await on.call('list_threads')).total).toBe(0);
  });

  it('is about the contact that the person names, and about no other', async () => {
    const { model, on, say, agent_id } = await scene({
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
    const { on, say } = await scene({ script: { reply: () => ({ text: 'Bob likes tea.' }) } });
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
    const { on, agent_id, say } = await scene({
      hosts: host,
      env: { COUNTERSIGN_HOOK: secret },
      agent: { connections: { callback_url: `http://${host}/done`, secret_env: 'COUNTERSIGN_HOOK' } },
    });
    const elsewhere = { agent_id, message: 'Hi', callback_url: 'http://127.0.0.1:1/done' };
    expect(await on.refusal('chat_with_agent', elsewhere)).toMatchObject({ code: 'VALIDATION_ERROR' });
    const result = await say('Hi', { callback_url: `http://${host}/other` });
    while (posts.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    const [first, second] = posts;
    expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
    const headers = Object.fromEntries(
      Object.entries(second?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(new Webhook(secret).verify(second?.body ?? '', headers)).toEqual(result);
  });
});
