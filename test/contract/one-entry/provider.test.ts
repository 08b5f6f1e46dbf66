import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../../../src/commands/doctor.ts';
import type { Agent } from '../../../src/domain/agents/agent.ts';
import { decideChange } from '../../../src/engine/changes/decide.ts';
import { anAgent } from '../../support/fixtures.ts';
import { type InProcess, inProcess } from '../../support/in-process.ts';
import { askedWith, openedWith } from '../../support/toys.ts';

// A worker keeps its modules from file to file, and this file's are mocked.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock('../../../src/providers/index.ts', async (load) => {
  const { MODEL_PROVIDERS } = await load<typeof import('../../../src/providers/index.ts')>();
  const { toyProvider } = await import('../../support/toys.ts');
  return { MODEL_PROVIDERS: [...MODEL_PROVIDERS, toyProvider] };
});

const WITH_KEY = { env: { TOY_API_KEY: 'sk-toy' } };

beforeEach(() => {
  openedWith.length = 0;
  askedWith.length = 0;
});

async function thinker(on: InProcess, llm: object = {}, settings: object = {}) {
  await on.call('import_contacts', { contacts: [{ id: 'ann', email: 'ann@example.com' }] });
  return on.call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Think.' },
    llm_config: { provider: 'toy', model: 'toy-1', ...llm },
    ...settings,
  });
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a model provider in the list', () => {
  it('is a choice of llm_config.provider', () => {
    const { llm_config } = inProcess().listed('create_agent').inputSchema.properties;
    expect(llm_config.properties.provider.enum.at(-1)).toBe('toy');
  });

  it('names the key that it lacks: in a warning, and before a run is made', async () => {
    const on = inProcess();
    const { agent, warnings } = await thinker(on);
    expect(warnings).toContainEqual(
      expect.stringContaining('TOY_API_KEY isn\'t set, so the provider "toy" has no key'),
    );
    for (const tool of ['trigger_agent', 'chat_with_agent']) {
      const args = tool === 'trigger_agent' ? {} : { message: 'Hello?' };
      expect(await failureOf(on.call(tool, { agent_id: agent.id, ...args }))).toMatchObject({
        code: 'PROVIDER_ERROR',
        message: expect.stringContaining('TOY_API_KEY'),
      });
    }
    expect((await on.call('list_runs')).total).toBe(0);
  });

  it('evaluates by the model that its entry opens', async () => {
    const on = inProcess(WITH_KEY);
    const { agent } = await thinker(on);
    const { run_id } = await on.call('trigger_agent', { agent_id: agent.id });
    const { run } = await on.call('get_run', { run_id, wait_seconds: 10 });
    expect(run.contact_results).toMatchObject([
      { reasoning: 'The toy says so.', usage: { input_tokens: 7, output_tokens: 3 } },
    ]);
    expect(openedWith).toMatchObject([
      { model: 'toy-1', baseURL: 'https://toy.example/v9', apiKey: 'sk-toy', isHome: true },
    ]);
    expect(askedWith).toEqual([77]);
  });

  it('chats', async () => {
    const on = inProcess(WITH_KEY);
    const { agent } = await thinker(on);
    const { response } = await on.call('chat_with_agent', { agent_id: agent.id, message: 'Hello?' });
    expect(response).toContain('The toy says so.');
    expect(askedWith).toEqual([77]);
  });

  it('is named to a caller who chats with an agent that has no model provider', async () => {
    const on = inProcess();
    const { agent } = await thinker(on, { provider: 'assistant' });
    expect(await failureOf(on.call('chat_with_agent', { agent_id: agent.id, message: 'Hello?' }))).toMatchObject({
      message: expect.stringContaining('openai_compatible, toy.'),
    });
  });

  it('keeps its own key for its own host', async () => {
    const on = inProcess(WITH_KEY);
    const elsewhere = { base_url: 'https://proxy.example', api_key_env: 'TOY_API_KEY' };
    expect(await failureOf(thinker(on, elsewhere))).toMatchObject({
      details: { 'llm_config.api_key_env': expect.stringContaining('without base_url TOY_API_KEY') },
    });
    const foreign = { base_url: 'https://proxy.example' };
    expect(await failureOf(thinker(on, foreign))).toMatchObject({ code: 'FORBIDDEN' });
    const { changes } = await on.call('list_pending_actions');
    await decideChange(on.house, 'maya', { change_id: changes[0].change_id, decision: 'approve', via: 'human' });
    const { agents } = await on.call('list_agents');
    const { warnings } = await on.call('get_agent', { agent_id: agents[0].id });
    expect(warnings).toContainEqual(expect.stringContaining('No key is sent to proxy.example'));
  });

  it('has its key told by the doctor', async () => {
    const said: string[] = [];
    const { home } = inProcess();
    const settings = { home, logLevel: 'silent', toolsets: new Set<string>(), readOnly: false, ...WITH_KEY };
    await doctor(settings, [], { say: (text) => said.push(text), tell: (text) => said.push(text) });
    expect(said.join('')).toContain('keys: TOY_API_KEY set');
  });
});

it('refuses to trigger an agent whose provider another build had, and says what to do', async () => {
  const on = inProcess();
  const agent: Agent = JSON.parse(
    JSON.stringify(anAgent({ llm_config: { provider: 'google', model: 'm', concurrency: 4 } })).replace(
      'google',
      'gone',
    ),
  );
  await on.house.commit('tester', () => ({ events: [{ type: 'agent_saved', agent }], value: undefined }));
  const { warnings } = await on.call('get_agent', { agent_id: agent.id });
  expect(warnings).toContainEqual(
    expect.stringContaining('trigger_agent will refuse: the provider "gone" isn\'t in this build'),
  );
  expect(await failureOf(on.call('trigger_agent', { agent_id: agent.id }))).toMatchObject({
    code: 'PROVIDER_ERROR',
    message: expect.stringMatching(/"gone" isn't in this build.*"assistant"/),
  });
  expect((await on.call('list_runs')).total).toBe(0);
});
