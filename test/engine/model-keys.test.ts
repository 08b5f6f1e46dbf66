import { describe, expect, it } from 'vitest';
import { anAgent, testDeps } from '../support/fixtures.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';

const ENV = {
  COUNTERSIGN_ALLOW_HOSTS: 'proxy.example',
  COUNTERSIGN_HOOK_SECRET: 'whsec_bWluZQ==',
  COUNTERSIGN_MAIL_KEY: 'smtps://maya:hunter2@mail.example',
  COUNTERSIGN_PROXY_KEY: 'sk-1',
};
const FIELD = 'llm_config.api_key_env';

function llm(api_key_env: string) {
  return { provider: 'openai_compatible', model: 'm-1', base_url: 'https://proxy.example/v1', api_key_env } as const;
}

function make(on: InProcess, api_key_env: string, more: object = {}) {
  const named = { name: `Agent ${api_key_env}`, playbook: { playbook_md: 'Think.' }, llm_config: llm(api_key_env) };
  return on.call('create_agent', { ...named, ...more });
}

function opened(): InProcess {
  return inProcess({ env: { ...testDeps().env, ...ENV } });
}

describe("a variable that an agent names as its model's key", () => {
  it.each([
    ['COUNTERSIGN_HOOK_SECRET', 'ends in _KEY'],
    ['COUNTERSIGN_MAIL_KEY', 'holds an SMTP URL'],
  ])('is refused when the agent is saved: %s', async (name, problem) => {
    const on = opened();
    const refused = { code: 'VALIDATION_ERROR', details: { [FIELD]: expect.stringContaining(problem) } };
    await expect(make(on, name)).rejects.toMatchObject(refused);
    const { agent } = await make(on, 'COUNTERSIGN_PROXY_KEY');
    const changes = { llm_config: llm(name) };
    await expect(on.call('update_agent', { agent_id: agent.id, changes })).rejects.toMatchObject(refused);
  });

  it('is refused at the trigger and in a chat, with a warning before, where an earlier build saved it', async () => {
    const on = opened();
    const agent = anAgent({ llm_config: { ...llm('COUNTERSIGN_HOOK_SECRET'), concurrency: 4 } });
    await on.house.commit('tester', () => ({ events: [{ type: 'agent_saved', agent }], value: undefined }));
    const { warnings } = await on.call('get_agent', { agent_id: agent.id });
    expect(warnings).toContainEqual(expect.stringMatching(/trigger_agent will refuse.*ends in _KEY/));
    const refused = { code: 'PROVIDER_ERROR', message: expect.stringContaining('starts with COUNTERSIGN_') };
    await expect(on.call('trigger_agent', { agent_id: agent.id })).rejects.toMatchObject(refused);
    await expect(on.call('chat_with_agent', { agent_id: agent.id, message: 'Hi' })).rejects.toMatchObject(refused);
  });

  it('is refused while an identity or an agent uses it as something else, archived or not', async () => {
    const inUse = {
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('in use as smtp_url_env, imap_url_env or secret_env'),
    };
    const on = opened();
    const { agent } = await make(on, 'COUNTERSIGN_PROXY_KEY');
    const { warnings } = await on.call('get_agent', { agent_id: agent.id });
    expect(warnings.join()).not.toContain('will refuse');
    const sender = { name: 'Maya', email: 'maya@x.example' };
    const { identity } = await on.call('save_identity', { ...sender, smtp_url_env: 'COUNTERSIGN_PROXY_KEY' });
    await expect(on.call('trigger_agent', { agent_id: agent.id })).rejects.toMatchObject(inUse);
    await on.call('save_identity', { ...sender, identity_id: identity.id });
    const signs = { connections: { secret_env: 'COUNTERSIGN_PROXY_KEY' } };
    await on.call('create_agent', { name: 'Signs', playbook: { playbook_md: 'x' }, status: 'archived', ...signs });
    await expect(on.call('trigger_agent', { agent_id: agent.id })).rejects.toMatchObject(inUse);
    await expect(
      make(on, 'COUNTERSIGN_OWN_KEY', { connections: { secret_env: 'COUNTERSIGN_OWN_KEY' } }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR', details: { [FIELD]: expect.stringContaining('in use') } });
  });
});
