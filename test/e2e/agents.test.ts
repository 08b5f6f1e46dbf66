import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const NOTE_RULE = { name: 'all', propose: [{ type: 'note', params: { body: 'hello' } }] };
const plain = { capabilities: ['notes'], playbook: { rules: [NOTE_RULE] } };

describe('authoring', () => {
  it('answers an unknown argument with the valid ones, in our own JSON', async () => {
    const error = await server.refusal('create_agent', { name: 'x', playbok: {} });
    expect(error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { playbok: expect.stringContaining('Did you mean "playbook"') },
    });
    expect(error.message).toContain('capabilities');
  });

  it('names every problem by its path', async () => {
    const error = await server.refusal('create_agent', {
      name: 'x',
      playbook: { rules: [{ name: 'r', when: { contact: { $where: '1' } }, propose: [] }] },
    });
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(Object.keys(error.details ?? {})[0]).toContain('playbook.rules[0].when.contact');
    const liquid = await server.refusal('create_agent', {
      name: 'x',
      playbook: { rules: [{ name: 'r', propose: [{ type: 'note', params: { body: '{{ a | nope }}' } }] }] },
    });
    expect(Object.keys(liquid.details ?? {})[0]).toBe('playbook.rules[0].propose[0].params.body');
  });

  it('asks of each architecture what it needs', async () => {
    const pipeline = await server.refusal('create_agent', {
      name: 'x',
      architecture: 'pipeline',
      playbook: { playbook_md: 'y' },
    });
    expect(Object.keys(pipeline.details ?? {})).toEqual(['llm_config.model', 'voice.stt', 'voice.tts']);
    const realtime = await server.refusal('create_agent', {
      name: 'x',
      architecture: 'realtime',
      playbook: { playbook_md: 'y' },
    });
    expect(Object.keys(realtime.details ?? {})).toEqual(['voice.realtime_provider']);
    const text = await server.refusal('create_agent', {
      name: 'x',
      playbook: { playbook_md: 'y' },
      voice: { tts: 'z' },
    });
    expect(Object.keys(text.details ?? {})).toEqual(['voice']);
    expect((await server.refusal('create_agent', { name: 'x' })).details).toHaveProperty('playbook');
  });

  it('refuses a contradiction of status and enabled, and lets either be given', async () => {
    expect(await server.refusal('create_agent', { name: 'x', ...plain, status: 'draft', enabled: true })).toMatchObject(
      { code: 'VALIDATION_ERROR' },
    );
    const { agent } = await server.call('create_agent', { name: 'Status', ...plain, enabled: true });
    expect(agent).toMatchObject({ status: 'active', enabled: true });
    await server.call('update_agent', { agent_id: agent.id, changes: { status: 'archived' } });
    expect((await server.call('list_agents', { query: 'Status' })).total).toBe(0);
    expect((await server.call('list_agents', { query: 'status', status: 'archived' })).total).toBe(1);
    expect(await server.refusal('trigger_agent', { agent_id: agent.id })).toMatchObject({ code: 'CONFLICT' });
    expect((await server.call('update_agent', { agent_id: agent.id, changes: { enabled: true } })).agent.status).toBe(
      'active',
    );
  });

  it('keeps versions, restores them, and locks optimistically', async () => {
    const { agent } = await server.call('create_agent', {
      name: 'Versions',
      ...plain,
      limits: { cooldown_days: 3 },
      monitoring: { filter: { a: 1 } },
    });
    const second = await server.call('update_agent', {
      agent_id: agent.id,
      changes: { monitoring: { max_contacts_per_run: 5 }, description: 'two' },
    });
    expect(second.agent).toMatchObject({
      version: 2,
      monitoring: { filter: { a: 1 }, max_contacts_per_run: 5 },
      limits: { cooldown_days: 3 },
    });
    const stale = await server.refusal('update_agent', {
      agent_id: agent.id,
      expected_version: 1,
      changes: { name: 'Other' },
    });
    expect(stale).toMatchObject({ code: 'CONFLICT', details: { version: 2 } });
    const third = await server.call('update_agent', {
      agent_id: agent.id,
      clear: ['limits.cooldown_days', 'description'],
    });
    expect(third.agent.limits).toEqual({});
    expect(third.agent).not.toHaveProperty('description');
    expect((await server.call('get_agent', { agent_id: agent.id, version: 2 })).agent.description).toBe('two');
    const fourth = await server.call('update_agent', { agent_id: agent.id, restore_version: 1 });
    expect(fourth.agent).toMatchObject({
      version: 4,
      limits: { cooldown_days: 3 },
      monitoring: { max_contacts_per_run: 25 },
    });
    expect(fourth.agent.versions.map((item: { version: number }) => item.version)).toEqual([4, 3, 2, 1]);
    expect(await server.refusal('update_agent', { agent_id: agent.id, changes: { description: null } })).toMatchObject({
      details: { 'changes.description': expect.stringContaining('clear') },
    });
    for (const path of ['limits.cooldown', 'playbook.config.a', 'bogus'])
      expect(await server.refusal('update_agent', { agent_id: agent.id, clear: [path] })).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { clear: path },
      });
  });

  it('refuses an update of nothing', async () => {
    const { agent } = await server.call('create_agent', { name: 'Still', playbook: { playbook_md: 'y' } });
    for (const nothing of [{}, { changes: {} }, { changes: {}, clear: [] }])
      expect(await server.refusal('update_agent', { agent_id: agent.id, ...nothing })).toMatchObject({
        code: 'VALIDATION_ERROR',
        message: expect.stringContaining('restore_version'),
      });
    expect((await server.call('get_agent', { agent_id: agent.id })).agent.version).toBe(1);
  });

  it('makes one agent of a repeated idempotency key, and none of other arguments', async () => {
    const args = { name: 'Once', ...plain, idempotency_key: 'k1' };
    const first = await server.call('create_agent', args);
    expect((await server.call('create_agent', args)).agent.id).toBe(first.agent.id);
    expect(await server.refusal('create_agent', { ...args, name: 'Twice' })).toMatchObject({ code: 'CONFLICT' });
    expect((await server.call('list_agents', { query: 'once' })).total).toBe(1);
  });

  it('finds an agent by name in any case, suggests the closest, and lists an ambiguous name', async () => {
    const { agent } = await server.call('create_agent', { name: 'Renewal watch', ...plain });
    expect((await server.call('get_agent', { agent_id: 'RENEWAL watch' })).agent.id).toBe(agent.id);
    expect(await server.refusal('get_agent', { agent_id: 'Renewal wach' })).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"Renewal watch"'),
    });
    const twin = await server.call('create_agent', { name: 'renewal WATCH', ...plain });
    const error = await server.refusal('get_agent', { agent_id: 'Renewal watch' });
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { agent_id: [agent.id, twin.agent.id] } });
  });

  it('takes templates whole, drops their rules for a text of one’s own, and suggests a near name', async () => {
    const { templates } = await server.call('list_templates');
    expect(templates.map((item: { name: string }) => item.name).sort()).toEqual([
      'cold_outreach',
      'follow_up',
      'inactive_reengagement',
      'pricing_visitor_followup',
      'support_triage',
      'trial_ending',
    ]);
    for (const { name } of templates) {
      const { agent, warnings } = await server.call('create_agent', { name, playbook_template: name });
      expect(agent.effective_provider).toBe('rules');
      expect(warnings.filter((text: string) => text.includes('blocked without the capability'))).toEqual([]);
    }
    const own = await server.call('create_agent', {
      name: 'own',
      playbook_template: 'trial_ending',
      playbook: { playbook_md: 'mine' },
    });
    expect(own.agent.effective_provider).toBe('assistant');
    const { agent } = await server.call('get_agent', { agent_id: own.agent.id });
    expect(agent).toMatchObject({ effective_provider: 'assistant', playbook: { playbook_md: 'mine', rules: [] } });
    expect(await server.refusal('create_agent', { name: 'x', playbook_template: 'trial_endin' })).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('trial_ending'),
    });
  });

  it('warns of what will not do what one may think, and refuses a provider that is not here before a run is made', async () => {
    const { agent, warnings } = await server.call('create_agent', {
      name: 'Thinker',
      playbook: { playbook_md: 'think' },
      llm_config: { provider: 'anthropic', model: 'm' },
      monitoring: { schedule_cron: '0 9 * * 1' },
    });
    expect(warnings.join(' ')).toMatch(/no capabilities.*anthropic.*schedule_cron doesn't fire: the agent is draft/);
    expect(await server.refusal('trigger_agent', { agent_id: agent.id })).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('assistant'),
    });
    expect((await server.call('list_runs', { agent_id: agent.id })).total).toBe(0);
  });

  it('refuses URLs that are private by their face, in any spelling', async () => {
    for (const host of [
      '127.0.0.1',
      'localhost.',
      '2130706433',
      '0x7f.1',
      '[::1]',
      '[::ffff:10.0.0.1]',
      '169.254.169.254',
      'printer.local',
      'intranet',
    ]) {
      const error = await server.refusal('create_agent', {
        name: 'x',
        ...plain,
        connections: { webhook_url: `https://${host}/hook` },
      });
      expect(error.details, host).toHaveProperty(['connections.webhook_url']);
    }
    await server.call('create_agent', {
      name: 'Public',
      ...plain,
      connections: { webhook_url: 'https://hooks.example.com/x' },
    });
  });

  it('takes names of environment variables only where their keys may go', async () => {
    const saved = (fields: object) => server.refusal('create_agent', { name: 'x', ...plain, ...fields });
    expect((await saved({ llm_config: { api_key_env: 'PATH' } })).details).toHaveProperty(['llm_config.api_key_env']);
    expect(
      (
        await saved({
          llm_config: { provider: 'openai', api_key_env: 'OPENAI_API_KEY', base_url: 'https://other.example.com' },
        })
      ).details,
    ).toHaveProperty(['llm_config.api_key_env']);
    expect((await saved({ connections: { secret_env: 'HOME' } })).details).toHaveProperty(['connections.secret_env']);
    await server.call('create_agent', {
      name: 'Keyed',
      ...plain,
      llm_config: { provider: 'openai', api_key_env: 'OPENAI_API_KEY' },
    });
  });

  it('deletes an agent with its runs and cancels what waits', async () => {
    await server.call('import_contacts', { contacts: [{ id: 'del' }] });
    const { agent } = await server.call('create_agent', { name: 'Short-lived', ...plain });
    const run = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['del'] });
    expect(await server.call('delete_agent', { agent_id: agent.id })).toEqual({
      agent_id: agent.id,
      runs_deleted: 1,
      actions_cancelled: 1,
    });
    expect(await server.refusal('get_run', { run_id: run.run_id })).toMatchObject({ code: 'NOT_FOUND' });
    expect((await server.call('list_pending_actions', { contact_id: 'del' })).total).toBe(0);
    expect((await server.call('get_contact', { contact_id: 'del' })).recent_actions[0].status).toBe('cancelled');
  });
});
