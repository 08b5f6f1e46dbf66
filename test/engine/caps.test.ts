import { describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { aModelServer, testDeps } from '../support/fixtures.ts';
import { inProcess } from '../support/in-process.ts';
import { noting } from '../support/model-server.ts';
import { TRUSTING } from '../support/trusting.ts';

/** Each call of the model costs 0.002 USD. */
const PRICES = new Map([['m-1', { input: 1, output: 10 }]]);
type Limits = { max_cost_usd_per_day?: number; max_cost_usd_per_month?: number };

/** Agents whose model is asked about `contacts` contacts in each run, with caps of the home. */
async function modelled(home: Limits = {}, contacts = 2) {
  let onAsked: () => Promise<unknown> = async () => undefined;
  const model = await aModelServer({ hold: () => onAsked(), reply: () => ({ text: noting('Hello') }) });
  let at = Date.parse('2026-03-01T10:00:00.000Z');
  const { config } = testDeps('/nowhere');
  const on = inProcess({
    env: { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: model.host },
    fetch: createGuardedFetch({ allowedHosts: [model.host] }),
    prices: () => PRICES,
    now: () => new Date(at),
    config: () => ({ ...config(), limits: home }),
  });
  const { call } = on;
  await call('import_contacts', { contacts: Array.from({ length: contacts }, (_, n) => ({ id: `p${n}` })) });
  const agent = async (name: string, limits: Limits = {}, more: object = {}) => {
    const llm_config = { provider: 'openai_compatible', model: 'm-1', base_url: model.url, concurrency: 1 };
    const playbook = { playbook_md: 'Think.' };
    await call('create_agent', { name, capabilities: ['notes'], playbook, llm_config, limits, ...more });
  };
  const run = async (name: string) => {
    const { run_id } = await call('trigger_agent', { agent_id: name, wait_seconds: 30 });
    return (await call('get_run', { run_id, mode: 'summary', wait_seconds: 30 })).run;
  };
  const pass = (ms: number) => {
    at += ms;
  };
  const whenAsked = (does: () => Promise<unknown>) => {
    onAsked = does;
  };
  const spent = async (agent_id: string) =>
    (await call('get_agent_insights', { agent_id })).metrics.spent.today_usd as number;
  return { ...on, model, agent, run, pass, whenAsked, spent };
}

describe('a cap of a day', () => {
  it('counts all runs of the agent, stops within one, and refuses the next one before it is made', async () => {
    const { call, model, agent, run, pass } = await modelled({}, 3);
    await agent('Daily', { max_cost_usd_per_day: 0.0101 });
    expect(await run('Daily')).toMatchObject({ status: 'completed' });
    const second = await run('Daily');
    expect(second).toMatchObject({ status: 'failed', error: { code: 'LIMIT_EXCEEDED' } });
    expect(second.error.message).toContain('limits.max_cost_usd_per_day is 0.0101 USD');
    expect(model.asked).toHaveLength(5);
    const { metrics } = await call('get_agent_insights', { agent_id: 'Daily' });
    expect(metrics.spent).toEqual({
      ...{ today_usd: 0.01, month_usd: 0.01 },
      caps: [{ name: 'limits.max_cost_usd_per_day', cap: 0.0101, spent: 0.01 }],
    });
    await call('update_agent', { agent_id: 'Daily', changes: { limits: { max_cost_usd_per_day: 0.01 } } });
    await expect(run('Daily')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect((await call('list_runs', { agent_id: 'Daily' })).total).toBe(2);
    pass(86_400_000);
    expect(await run('Daily')).toMatchObject({ status: 'completed' });
  });

  it('counts what is said in chats', async () => {
    const { call, agent, run } = await modelled();
    await agent('Talker', { max_cost_usd_per_day: 0.002 });
    await call('chat_with_agent', { agent_id: 'Talker', message: 'Hello' });
    await expect(run('Talker')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('counts what was paid for chats that failed: an answer that nobody can use, and a conversation that ended', async () => {
    const { call, agent, spent, whenAsked } = await modelled();
    const output_schema = { type: 'object', required: ['verdict'], properties: { verdict: { type: 'string' } } };
    await agent('Talker', {}, { output_schema });
    const chat = (more: object = {}) => call('chat_with_agent', { agent_id: 'Talker', message: 'Hello', ...more });
    await expect(chat()).rejects.toMatchObject({ code: 'PROVIDER_ERROR' });
    // It was asked twice: the first answer was sent back.
    expect(await spent('Talker')).toBeCloseTo(0.004, 9);
    expect((await call('list_threads')).total).toBe(0);
    await call('update_agent', { agent_id: 'Talker', changes: {}, clear: ['output_schema'] });
    const { thread_id } = await chat();
    whenAsked(() => call('end_thread', { thread_id, outcome: 'completed' }));
    await expect(chat({ thread_id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await spent('Talker')).toBeCloseTo(0.008, 9);
  });
});

describe('a cap of a month', () => {
  it('of the home counts all agents together, and outlasts the day', async () => {
    const { agent, run, pass } = await modelled({ max_cost_usd_per_month: 0.006 });
    await agent('One');
    await agent('Two');
    expect(await run('One')).toMatchObject({ status: 'completed' });
    pass(86_400_000);
    expect(await run('Two')).toMatchObject({ status: 'failed', summary: { contacts_evaluated: 1 } });
    await expect(run('One')).rejects.toMatchObject({ message: expect.stringContaining('config.json') });
    pass(31 * 86_400_000);
    expect(await run('One')).toMatchObject({ status: 'completed' });
  });
});
