import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { about, CALL, finished, modelScene } from '../support/model-scene.ts';
import { noting } from '../support/model-server.ts';
import { databaseEnv } from '../support/postgres/homes.ts';
import { BUNDLE } from '../support/server.ts';

function doctor(home: string, env: Record<string, string>): string {
  return execFileSync(process.execPath, [BUNDLE, 'doctor'], {
    env: { ...databaseEnv(home), COUNTERSIGN_HOME: home, ...env },
    encoding: 'utf8',
  });
}

describe.each(['anthropic', 'openai', 'google', 'openai_compatible'])('provider %s', (provider) => {
  it('reasons about each contact, tells what it cost, and what the next run is likely to', async () => {
    const key = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY', google: 'GEMINI_API_KEY' }[provider];
    const { model, on, agent_id } = await modelScene({
      script: { reply: () => ({ text: noting('Looked at pricing.') }) },
      env: key ? { [key]: 'sk-own' } : {},
      llm: { provider, temperature: 0.2, max_tokens: 500 },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    const usage = { input_tokens: 3000, output_tokens: 300, cost_usd: 0.009 };
    expect(run).toMatchObject({ status: 'completed', summary: { actions_pending_approval: 3, errors: 0, usage } });
    expect(run).not.toHaveProperty('expected_cost_usd');
    const { contact_results } = await finished(on, run.run_id);
    expect(contact_results[0]).toMatchObject({
      reasoning: 'The playbook says so.',
      proposed_actions: [{ type: 'note', params: { body: 'Looked at pricing.' }, status: 'pending_approval' }],
      usage: { input_tokens: 1000, output_tokens: 100, cost_usd: CALL },
    });
    expect(model.asked).toHaveLength(3);
    if (key) expect(JSON.stringify(model.asked[0]?.headers)).toContain('sk-own');
    const again = await on.call('trigger_agent', {
      agent_id,
      contact_ids: ['c0', 'c1'],
      dry_run: true,
      wait_seconds: 30,
    });
    expect(again).toMatchObject({ expected_cost_usd: 0.006, summary: { usage: { cost_usd: 0.006 } } });
    const { agent } = await on.call('get_agent', { agent_id });
    expect(agent.usage).toEqual({
      ...{ input_tokens: 5000, output_tokens: 500, cost_usd: 0.015, contacts: 5 },
      average_per_contact: { input_tokens: 1000, output_tokens: 100, cost_usd: CALL },
    });
  });
});

describe('a provider without its key', () => {
  it('is refused before a run is made, naming the variable and the way without a key', async () => {
    const { on, agent_id, made, home } = await modelScene({
      llm: { provider: 'anthropic', base_url: 'https://api.anthropic.com' },
    });
    expect(made.warnings).toContainEqual(expect.stringContaining('ANTHROPIC_API_KEY'));
    const error = await on.refusal('trigger_agent', { agent_id });
    expect(error).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringMatching(/ANTHROPIC_API_KEY.*"assistant"/),
    });
    expect((await on.call('list_runs', { agent_id })).total).toBe(0);
    const told = doctor(home, { GEMINI_API_KEY: 'sk-never-told' });
    expect(told).toMatch(/keys: GEMINI_API_KEY set\nprices: 1 model/);
    expect(told).toMatch(/warning: agent "Thinker": .*ANTHROPIC_API_KEY/);
    expect(told).not.toContain('sk-never-told');
  });

  it('warns of a missing name, and refuses to run without it', async () => {
    const { on, agent_id } = await modelScene();
    const { warnings } = await on.call('update_agent', { agent_id, changes: {}, clear: ['llm_config.model'] });
    expect(warnings).toContainEqual(expect.stringContaining('llm_config.model'));
    expect(await on.refusal('trigger_agent', { agent_id })).toMatchObject({
      code: 'PROVIDER_ERROR',
      details: { 'llm_config.model': expect.any(String) },
    });
  });
});

describe('money', () => {
  it('ends a run at its cap, keeps its results, says what is left, and takes those first the next time', async () => {
    const { model, on, agent_id } = await modelScene({
      contacts: 10,
      agent: { limits: { max_cost_usd_per_run: 4 * CALL } },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'LIMIT_EXCEEDED', message: expect.stringContaining('6 contact(s) are left') },
      summary: { contacts_evaluated: 4, actions_pending_approval: 4, usage: { cost_usd: 4 * CALL } },
    });
    expect(model.asked).toHaveLength(4);
    const first = model.asked.map(({ said }) => about(said));
    await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    const second = model.asked.slice(4).map(({ said }) => about(said));
    expect(second).toHaveLength(4);
    expect(second.filter((id) => first.includes(id))).toEqual([]);
  });

  it('makes no call under a cap without a price', async () => {
    const { model, on, agent_id, made } = await modelScene({
      prices: null,
      agent: { limits: { max_cost_usd_per_run: 1 } },
    });
    expect(made.warnings).toContainEqual(
      expect.stringMatching(/prices\.json has no price for the model "m-1".*before the first call/),
    );
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'LIMIT_EXCEEDED' },
      summary: { contacts_evaluated: 0 },
    });
    expect(run.error.message).toMatch(/prices\.json.*3 contact\(s\) are left/);
    expect(model.asked).toHaveLength(0);
  });

  it('passes the cap by no more than the first call of a model that bills tenfold', async () => {
    const { model, on, agent_id } = await modelScene({
      script: { reply: () => ({ text: noting('x'), usage: { input: 10_000, output: 1000 } }) },
      contacts: 10,
      agent: { limits: { max_cost_usd_per_run: 5 * CALL } },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({ status: 'failed', summary: { contacts_evaluated: 1, usage: { cost_usd: 10 * CALL } } });
    expect(model.asked).toHaveLength(1);
  });

  it('gains no room under the cap by a model that counts less than nothing', async () => {
    const { model, on, agent_id } = await modelScene({
      script: { reply: () => ({ text: noting('x'), usage: { input: -1_000_000, output: -1_000_000 } }) },
      contacts: 10,
      agent: { limits: { max_cost_usd_per_run: CALL } },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'LIMIT_EXCEEDED' } });
    expect(run.summary.usage.cost_usd).toBeGreaterThan(0);
    expect(run.summary.usage.cost_usd).toBeLessThanOrEqual(2 * CALL);
    expect(model.asked.length).toBeLessThan(10);
  });

  it('says what is wrong with a price list, and runs nothing by it', async () => {
    const { on, agent_id, home } = await modelScene({ prices: { 'm-1': { input: 'two', output: 10 } } });
    expect(await on.refusal('trigger_agent', { agent_id })).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringMatching(/prices\.json.*m-1\.input/),
    });
    fs.writeFileSync(path.join(home, 'prices.json'), '{"m-1": {');
    expect((await on.refusal('trigger_agent', { agent_id })).message).toMatch(/prices\.json isn't valid JSON/);
    fs.rmSync(path.join(home, 'prices.json'));
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run.summary.usage).toEqual({ input_tokens: 3000, output_tokens: 300, cost_usd: null });
  });
});
