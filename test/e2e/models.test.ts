import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aModelServer } from '../support/fixtures.ts';
import { type ModelServer, noting, type Script } from '../support/model-server.ts';
import { type Connection, startServer, temporaryHome } from '../support/server.ts';

const PRICES = { 'm-1': { input: 2, output: 10 } };
/** What one call costs by these prices, at the loopback model's 1,000 and 100 tokens. */
const CALL = 0.003;

type Setting = {
  script?: Script;
  contacts?: number;
  env?: Record<string, string>;
  /** null: no prices.json. */
  prices?: unknown;
  agent?: Record<string, unknown>;
  llm?: Record<string, unknown>;
};

/** A home with contacts c0, c1, ..., an agent whose model is on loopback, and a server on it. */
async function scene({ script, contacts = 3, env = {}, prices = PRICES, agent = {}, llm = {} }: Setting = {}) {
  const model = await aModelServer(script);
  const home = temporaryHome();
  if (prices !== null)
    fs.writeFileSync(path.join(home, 'prices.json'), typeof prices === 'string' ? prices : JSON.stringify(prices));
  const on = await start(home, model, env);
  await on.call('import_contacts', {
    contacts: Array.from({ length: contacts }, (_, i) => ({ id: `c${i}`, email: `c${i}@example.com` })),
  });
  const made = await on.call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Note something about everyone.' },
    llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url, ...llm },
    ...agent,
  });
  return { model, home, on, made, agent_id: String(made.agent.id) };
}

async function start(home: string, model: ModelServer, env: Record<string, string> = {}): Promise<Connection> {
  const on = await startServer({ home, env: { COUNTERSIGN_ALLOW_HOSTS: model.host, ...env } });
  onTestFinished(() => on.close());
  return on;
}

async function finished(on: Connection, run_id: string) {
  const { run } = await on.call('get_run', { run_id, wait_seconds: 30 });
  return run;
}

/** The contact that a request is about. */
function about(said: string): string {
  return /contact_data>\\n.*?\\"contact\\":\{\\"id\\":\\"(c\d+)\\"/.exec(said)?.[1] ?? 'nobody';
}

const PATIENT = { timeout: 15_000 };

describe.each(['anthropic', 'openai', 'google', 'openai_compatible'])('provider %s', (provider) => {
  it('reasons about each contact, tells what it cost, and what the next run is likely to', async () => {
    const key = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY', google: 'GEMINI_API_KEY' }[provider];
    const { model, on, agent_id } = await scene({
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
    const { on, agent_id, made } = await scene({ llm: { provider: 'anthropic' } });
    expect(made.warnings).toContainEqual(expect.stringContaining('ANTHROPIC_API_KEY'));
    const error = await on.refusal('trigger_agent', { agent_id });
    expect(error).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringMatching(/ANTHROPIC_API_KEY.*"assistant"/),
    });
    expect((await on.call('list_runs', { agent_id })).total).toBe(0);
  });

  it('warns of a missing name, and refuses to run without it', async () => {
    const { on, agent_id } = await scene();
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
    const { model, on, agent_id } = await scene({
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
    const { model, on, agent_id, made } = await scene({
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
    const { model, on, agent_id } = await scene({
      script: { reply: () => ({ text: noting('x'), usage: { input: 10_000, output: 1000 } }) },
      contacts: 10,
      agent: { limits: { max_cost_usd_per_run: 5 * CALL } },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({ status: 'failed', summary: { contacts_evaluated: 1, usage: { cost_usd: 10 * CALL } } });
    expect(model.asked).toHaveLength(1);
  });

  it('says what is wrong with a price list, and runs nothing by it', async () => {
    const { on, agent_id, home } = await scene({ prices: { 'm-1': { input: 'two', output: 10 } } });
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

describe("a model server's bad days", () => {
  it('loses nobody to 429 with Retry-After', async () => {
    const { on, agent_id } = await scene({
      script: {
        reply: ({ n }) => (n % 5 === 0 ? { status: 429, headers: { 'retry-after': '1' } } : { text: noting('x') }),
      },
      contacts: 40,
      agent: { monitoring: { max_contacts_per_run: 40 } },
      llm: { concurrency: 10 },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run.summary).toMatchObject({ contacts_evaluated: 40, actions_pending_approval: 40, errors: 0 });
  });

  it("makes silence, garbage and endless refusals those contacts' errors, and keeps the rest", async () => {
    const replies: Record<string, ReturnType<NonNullable<Script['reply']>>> = {
      c0: { misbehave: 'hang' },
      c1: { garbage: 'not JSON at all' },
      c2: { status: 429, headers: { 'retry-after': '0' } },
      c3: { misbehave: 'drip' },
      c4: { text: 'I refuse to speak JSON.' },
    };
    const { on, agent_id } = await scene({
      script: { reply: ({ said }) => replies[about(said)] ?? { text: noting('fine') } },
      contacts: 8,
      env: { COUNTERSIGN_MODEL_TIMEOUT: '1' },
    });
    const run = await on.call('trigger_agent', { agent_id, wait_seconds: 30 });
    expect(run).toMatchObject({
      status: 'completed',
      summary: { contacts_evaluated: 8, errors: 5, actions_pending_approval: 3 },
    });
    const { contact_results } = await finished(on, run.run_id);
    const messages = Object.fromEntries(
      contact_results.map((result: { contact_id: string; error?: { message: string } }) => [
        result.contact_id,
        result.error?.message,
      ]),
    );
    expect(messages).toMatchObject({
      c0: expect.stringContaining('no answer in time'),
      c1: expect.stringContaining("isn't its protocol"),
      c2: expect.stringContaining('answered 429'),
      c3: expect.stringContaining('no answer in time'),
      c4: expect.stringContaining('no usable answer'),
      c5: undefined,
    });
  });

  it("doesn't let a slow contact hold up the others", async () => {
    const { on, agent_id } = await scene({
      script: { reply: ({ said }) => (about(said) === 'c0' ? { misbehave: 'hang' } : { text: noting('fast') }) },
      contacts: 12,
      llm: { concurrency: 2 },
    });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect
      .poll(async () => (await on.call('get_run', { run_id, mode: 'summary' })).run.summary.contacts_evaluated, {
        timeout: 10_000,
      })
      .toBe(11);
    await on.call('cancel_run', { run_id });
  });

  it.each(['the same process', 'another process'])('is left within a second by cancel_run from %s', async (where) => {
    const { model, on, agent_id, home } = await scene({
      script: { reply: ({ said }) => (about(said) === 'c0' ? { text: noting('first') } : { misbehave: 'hang' }) },
      llm: { concurrency: 2 },
    });
    const by = where === 'another process' ? await start(home, model) : on;
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect
      .poll(async () => (await on.call('get_run', { run_id })).run.summary.contacts_evaluated, PATIENT)
      .toBe(1);
    await expect.poll(() => model.asked.length, PATIENT).toBe(3);
    const before = performance.now();
    expect((await by.call('cancel_run', { run_id })).run).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => model.abandoned()).toBe(2);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(await finished(on, run_id)).toMatchObject({ status: 'cancelled', summary: { actions_pending_approval: 1 } });
  });

  it('is asked again by the next process about nobody whose result was written', async () => {
    const { model, on, agent_id, home } = await scene({
      script: { latencyMs: 150 },
      contacts: 20,
      llm: { concurrency: 2 },
    });
    const { run_id } = await on.call('trigger_agent', { agent_id, wait_seconds: 0 });
    await expect
      .poll(async () => (await on.call('get_run', { run_id })).run.summary.contacts_evaluated, PATIENT)
      .toBeGreaterThan(4);
    if (on.pid !== undefined) process.kill(on.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = model.asked.length;
    const next = await start(home, model);
    const written = (await next.call('get_run', { run_id })).run.contact_results.map(
      (one: { contact_id: string }) => one.contact_id,
    );
    expect(written.length).toBeGreaterThan(4);
    await expect
      .poll(async () => (await next.call('get_run', { run_id, wait_seconds: 5 })).run.status, { timeout: 28_000 })
      .toBe('completed');
    const later = model.asked.slice(asked).map(({ said }) => about(said));
    expect(later.filter((id) => written.includes(id))).toEqual([]);
    expect(new Set([...written, ...later]).size).toBe(20);
  }, 60_000);
});
