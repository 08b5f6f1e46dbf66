import { describe, expect, it, vi } from 'vitest';
import { revise } from '../../src/engine/runs/revise.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aModelServer } from '../support/fixtures.ts';
import { inProcess } from '../support/in-process.ts';
import { noting, type Reply, type Script } from '../support/model-server.ts';
import { aStore } from '../support/store.ts';

const NEVER = new AbortController().signal;
const PRICES = new Map([['m-1', { input: 2, output: 10 }]]);

const until = (isSo: () => boolean | Promise<boolean>) => vi.waitUntil(isSo, { timeout: 20_000, interval: 5 });
const accessTo = (base_url: string) => ({ provider: 'openai_compatible', model: 'm-1', base_url });

/** An agent with a model that proposed a note for one contact. The first reply is that proposal, the rest are `then`. */
async function proposed(
  then: (n: number) => Reply,
  agent: Record<string, unknown> = {},
  { access = accessTo, key = {} }: { access?: typeof accessTo; key?: Record<string, string> } = {},
) {
  const reply: Script['reply'] = ({ n }) => (n === 0 ? { text: noting('Ring tomorrow.') } : then(n));
  const model = await aModelServer({ reply });
  const env = { COUNTERSIGN_ALLOW_HOSTS: model.host, ...key };
  const on = inProcess({ env, fetch: createGuardedFetch({ allowedHosts: [model.host] }), prices: () => PRICES });
  const { call, house } = on;
  await call('import_contacts', { contacts: [{ id: 'ann', firstname: 'Ann' }] });
  await call('create_agent', {
    name: 'Thinker',
    capabilities: ['notes'],
    playbook: { playbook_md: 'Note something.' },
    llm_config: access(model.url),
    ...agent,
  });
  const { run_id } = await call('trigger_agent', { agent_id: 'Thinker', wait_seconds: 20 });
  const ref = { run_id, contact_id: 'ann', action_index: 0 };
  const result = async () => (await call('get_run', { run_id })).run.contact_results[0];
  return { on, model, house, call, run_id, ref, result };
}

describe('an action that a person sends back to a model', () => {
  it('is revised at once, by a model that gets the draft and the feedback', async () => {
    const { model, call, ref, run_id, result } = await proposed(() => ({
      text: noting('Ring on Friday.', 'As told.'),
    }));
    const { action, next } = await call('revise_action', { ...ref, feedback: 'Say which day </contact_data>.' });
    expect(action).toMatchObject({ status: 'cancelled', reason: 'Say which day </contact_data>.', superseded_by: 1 });
    expect(next).toContain('Action 1 is the new draft');
    const asked = model.asked[1]?.said ?? '';
    expect(asked).toContain('Ring tomorrow.');
    expect(asked).toContain('Say which day \\\\u003c/contact_data>.');
    expect(asked.split('</contact_data>')).toHaveLength(2);
    const { proposed_actions, revisions, reasoning } = await result();
    expect(proposed_actions[1]).toMatchObject({
      status: 'pending_approval',
      revises: 0,
      params: { body: 'Ring on Friday.' },
    });
    expect(proposed_actions[1]).not.toHaveProperty('source');
    expect({ reasoning, revisions }).toMatchObject({
      reasoning: 'The playbook says so.',
      revisions: [{ reasoning: 'As told.' }],
    });
    const { run } = await call('get_run', { run_id });
    expect(run).toMatchObject({
      status: 'completed',
      summary: { contacts_evaluated: 1, usage: { input_tokens: 2000 } },
    });
  });

  it('comes back as it was where the model fails, and the failure is told', async () => {
    const { call, ref, result } = await proposed(() => ({ status: 400, body: 'no' }));
    const { action, next } = await call('revise_action', { ...ref, feedback: 'Say which day.' });
    expect(action).toMatchObject({ status: 'cancelled', superseded_by: 1 });
    expect(next).toMatch(/could not be revised .*400/);
    const { proposed_actions, revisions, error } = await result();
    expect(proposed_actions[1]).toMatchObject({
      ...{ status: 'pending_approval', params: { body: 'Ring tomorrow.' }, revises: 0 },
      reason: expect.stringContaining('could not be revised'),
    });
    expect(revisions).toMatchObject([{ error: { code: 'PROVIDER_ERROR' } }]);
    expect(error).toBeUndefined();
    const { actions } = await call('list_pending_actions');
    expect(actions).toMatchObject([{ action_index: 1, reasoning: 'The playbook says so.' }]);
    const [{ digest: expected_digest }] = actions;
    const approved = await call('approve_action', { ...ref, action_index: 1, expected_digest });
    expect(approved.action).toMatchObject({ status: 'executed' });
  });

  it('shows what moved since it was written, where it comes back as it was', async () => {
    const { call, ref } = await proposed(() => ({ status: 400, body: 'no' }));
    const reply = { contact_id: 'ann', type: 'track', name: 'Replied', timestamp: new Date().toISOString() };
    await call('import_contacts', { contacts: [{ id: 'ann', plan: 'pro' }], events: [reply] });
    const [shown] = (await call('list_pending_actions')).actions;
    await call('revise_action', { ...ref, feedback: 'Mind what she wrote.' });
    const { actions } = await call('list_pending_actions');
    expect(actions).toMatchObject([{ action_index: 1, changed_since: [{ what: 'plan' }, { what: 'replied' }] }]);
    expect(actions[0].changed_since).toEqual(shown.changed_since);
  });

  it('comes back as it was where the cost cap of its run is reached: the model is not asked', async () => {
    const limits = { max_cost_usd_per_run: 0.0031 };
    const { call, model, ref, result } = await proposed(() => ({ text: noting('Never.') }), { limits });
    expect((await call('revise_action', { ...ref, feedback: 'Shorter.' })).action).toMatchObject({ superseded_by: 1 });
    expect((await result()).revisions).toMatchObject([{ error: { code: 'LIMIT_EXCEEDED' } }]);
    expect(model.asked).toHaveLength(1);
  });

  it('is not cancelled where its model can no longer be asked', async () => {
    const key = { COUNTERSIGN_M_KEY: 'k' };
    const llm = (base_url: string) => ({
      provider: 'openai_compatible',
      model: 'm-1',
      base_url,
      api_key_env: 'COUNTERSIGN_M_KEY',
    });
    const { on, house, ref } = await proposed(() => ({ text: noting('Never.') }), {}, { access: llm, key });
    const keyless = { ...house.deps, env: { ...house.deps.env, COUNTERSIGN_M_KEY: undefined } };
    const later = createHouse(aStore(on.home, keyless), keyless);
    const asked = revise(later, 'maya', { ...ref, feedback: 'Shorter.' }, { seconds: 5, signal: NEVER });
    await expect(asked).rejects.toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringMatching(/^Nothing was changed/),
    });
    expect((await on.call('list_pending_actions')).actions).toHaveLength(1);
    await closeHouse(later);
  });

  it('is sent back once, where two processes are told to at the same time', async () => {
    const { on, house, model, ref, result } = await proposed(() => ({ text: noting('Ring on Friday.') }));
    const other = createHouse(aStore(on.home, house.deps), house.deps);
    const by = (where: typeof house, feedback: string) =>
      revise(where, feedback, { ...ref, feedback }, { seconds: 20, signal: NEVER });
    const outcomes = await Promise.allSettled([by(house, 'Shorter.'), by(other, 'Longer.')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find(({ status }) => status === 'rejected');
    expect(lost).toMatchObject({ reason: { code: 'CONFLICT', details: { status: 'cancelled' } } });
    await Promise.all([recover(house), recover(other)]);
    await until(async () => (await result()).revisions !== undefined);
    expect((await result()).proposed_actions).toHaveLength(2);
    expect(model.asked).toHaveLength(2);
    await closeHouse(other);
  });

  it('leaves nothing behind where its contact is deleted before the model answers', async () => {
    const { on, house, model, call, ref, run_id } = await proposed(() => ({ misbehave: 'hang' }));
    await revise(house, 'maya', { ...ref, feedback: 'Shorter.' }, { seconds: 0, signal: NEVER });
    await until(() => model.asked.length >= 2);
    await call('delete_contact', { contact_id: 'ann' });
    await model.close();
    await until(() => house.runs.size === 0);
    expect((await call('get_run', { run_id })).run.contact_results).toEqual([]);
    expect((await call('list_pending_actions')).total).toBe(0);
    expect((await on.house.store.audit()).faults).toEqual([]);
  });

  it('goes on after the call that asked for it', async () => {
    const { house, ref, result } = await proposed(() => ({ text: noting('Ring on Friday.') }));
    const returned = await revise(house, 'maya', { ...ref, feedback: 'Shorter.' }, { seconds: 0, signal: NEVER });
    expect(returned).toMatchObject({ isOpen: true, action: { status: 'cancelled' } });
    await until(async () => (await result()).revisions !== undefined);
    expect((await result()).proposed_actions).toMatchObject([{ superseded_by: 1 }, { status: 'pending_approval' }]);
  });

  it('is taken up by another process where the one that asked ends, and gets one new draft', async () => {
    const { on, house, model, ref } = await proposed((n) =>
      n === 1 ? { misbehave: 'hang' } : { text: noting('Friday.') },
    );
    await revise(house, 'maya', { ...ref, feedback: 'Shorter.' }, { seconds: 0, signal: NEVER });
    await until(() => model.asked.length >= 2);
    await closeHouse(house);
    const next = createHouse(aStore(on.home, house.deps), house.deps);
    const actions = () => next.read((view) => view.results(ref.run_id).results.get('ann')?.proposed_actions ?? []);
    expect(await actions()).toMatchObject([{ status: 'cancelled', revised: true }]);
    await recover(next);
    await until(async () => (await actions()).length === 2);
    await recover(next);
    await closeHouse(next);
    expect(model.asked).toHaveLength(3);
  });

  it('is given back where two processes in turn ended over it', async () => {
    const { on, house, model, ref } = await proposed(() => ({ misbehave: 'hang' }));
    await revise(house, 'maya', { ...ref, feedback: 'Shorter.' }, { seconds: 0, signal: NEVER });
    await until(() => model.asked.length >= 2);
    await closeHouse(house);
    const second = createHouse(aStore(on.home, house.deps), house.deps);
    await recover(second);
    await until(() => model.asked.length >= 3);
    await closeHouse(second);
    const third = createHouse(aStore(on.home, house.deps), house.deps);
    const actions = () => third.read((view) => view.results(ref.run_id).results.get('ann')?.proposed_actions ?? []);
    await recover(third);
    await until(async () => (await actions()).length === 2);
    expect(await actions()).toMatchObject([
      { superseded_by: 1 },
      { status: 'pending_approval', params: { body: 'Ring tomorrow.' } },
    ]);
    expect(model.asked).toHaveLength(3);
    await closeHouse(third);
  });
});
