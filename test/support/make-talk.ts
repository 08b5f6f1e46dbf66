import { aModelServer } from './fixtures.ts';
import type { Script } from './model-server.ts';
import { clientOf, restServer } from './rest-server.ts';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const THREAD = '9c0f3f6e-6a4d-4a5e-9d53-1b8f6f1a2b3c';
export const SAYING = { messages: [{ role: 'user', content: 'What is open?' }] };

/** An agent of Make's whose model is on loopback. */
export async function talking(script: Script = { reply: () => ({ text: 'Two orders.' }) }) {
  const model = await aModelServer(script);
  const env = { COUNTERSIGN_ALLOW_HOSTS: `${model.host} 127.0.0.1` };
  const on = await restServer({ env, fetch: globalThis.fetch });
  const token = on.token();
  const api = clientOf(on, '/make/ai-agents/v1', token, 'Token');
  const body = {
    name: 'Talker',
    teamId: 1,
    makeConnectionId: 1,
    defaultModel: 'm-1',
    systemPrompt: 'do what user says',
  };
  const { id } = (await api.post('/agents?teamId=1', body)).json;
  const { agents } = await on.call('list_agents');
  await on.call('update_agent', {
    agent_id: agents[0].id,
    changes: { llm_config: { provider: 'openai_compatible', base_url: model.url } },
  });
  const run = (more: object = SAYING) => api.post(`/agents/${id}/run?teamId=1`, more);
  const streamed = (more: object = SAYING, signal?: AbortSignal) =>
    on.open('POST', `/make/ai-agents/v1/agents/${id}/run/stream?teamId=1`, {
      token,
      scheme: 'Token',
      body: more,
      ...(signal ? { signal } : {}),
    });
  return { model, on, api, id, run, streamed, agent_id: agents[0].id };
}
