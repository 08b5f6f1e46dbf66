import { describe, expect, it } from 'vitest';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { aModelServer } from '../support/fixtures.ts';
import { inProcess } from '../support/in-process.ts';
import { TRUSTING } from '../support/trusting.ts';

const people = Array.from({ length: 12 }, (_, at) => ({
  id: `p${at}`,
  email: `p${at}@example.com`,
  firstname: `Name${at}`,
  plan: at < 8 ? 'pro' : 'free',
}));
const events = people.map(({ id }) => ({ contact_id: id, type: 'page', timestamp: '2026-02-27T10:00:00Z' }));
const rule = (when: object, subject = 'Hello {{ contact.firstname }}') => ({
  name: 'write',
  when: { events: [{ match: { type: 'page' }, within: '7d' }], ...when },
  propose: [{ type: 'email_message', params: { subject, message: '{{ identity.name }} greets {{ contact.id }}' } }],
});

/** An agent whose first run a person decided on: approved for who is on the plan `pro`, rejected for all others. */
async function decided(deps: Parameters<typeof inProcess>[0] = {}) {
  let at = Date.parse('2026-03-01T10:00:00.000Z');
  const on = inProcess({ env: TRUSTING, now: () => new Date(at), ...deps });
  const { call } = on;
  const pass = (ms: number) => {
    at += ms;
  };
  await call('import_contacts', { contacts: people, events });
  const { identity } = await call('save_identity', { name: 'Max', email: 'max@example.com' });
  const { agent } = await call('create_agent', {
    name: 'Watch',
    capabilities: ['email'],
    identity_id: identity.id,
    playbook: { rules: [rule({})] },
  });
  const { run_id } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  pass(60_000);
  const { actions } = await call('list_pending_actions', { run_id, limit: 100 });
  for (const { contact_id, action_index, digest } of actions) {
    const ref = { run_id, contact_id, action_index, expected_digest: digest };
    const isPro = people.find(({ id }) => id === contact_id)?.plan === 'pro';
    if (isPro) await call('approve_action', ref);
    else await call('reject_action', { ...ref, reason: 'Free plans get no mail' });
  }
  pass(60_000);
  const test = (args: object = {}) => call('backtest_agent', { agent_id: agent.id, wait_seconds: 30, ...args });
  return { on, call, agent, identity, run_id, pass, test };
}

const PRO_ONLY = { playbook: { rules: [rule({ contact: { plan: 'pro' } })] } };

describe('a backtest by rules', () => {
  it('says of the same version that it proposes the same once more', async () => {
    const { test } = await decided();
    const told = await test();
    expect(told).toMatchObject({
      status: 'completed',
      version: 1,
      baseline: { version: 1, agreement: 1, differs: [] },
      cohort: { evaluations: 12, decided_actions: 12, erased: 0, unreadable: 0, seen: 0, unseen: 12 },
      outcome: { caught: 0, lost: 0, kept_approved: 8, kept_rejected: 4, undecided: { changed: 0, added: 0 } },
      precision: { rate: 0.6667, n: 12 },
      ...{ test: null, verdict: 'too few', cost_usd: 0, examples: [] },
    });
  });

  it('says what a draft catches and loses, with examples, and saves nothing of it', async () => {
    const { call, agent, run_id, test } = await decided();
    const caught = await test({ changes: PRO_ONLY });
    expect(caught.outcome).toMatchObject({ caught: 4, lost: 0, kept_approved: 8, kept_rejected: 0 });
    expect(caught).toMatchObject({ draft: true, test: { b: 4, c: 0, p: 0.125 }, verdict: 'too few' });
    expect(caught.examples).toHaveLength(4);
    const [example] = caught.examples.filter(({ contact_id }: { contact_id: string }) => contact_id === 'p8');
    expect(example).toMatchObject({ run_id, type: 'email_message', kind: 'caught', now: null });
    expect(example.then).toEqual({ subject: 'Hello Name8', message: 'Max greets p8' });
    const free = { playbook: { rules: [rule({ contact: { plan: 'free' } })] } };
    expect(await test({ changes: free })).toMatchObject({
      outcome: { caught: 0, lost: 8, per_type: { email_message: { lost: 8 } } },
      ...{ test: { b: 0, c: 8, p: 0.0078 }, verdict: 'worse' },
    });
    const other = { playbook: { rules: [rule({}, 'Something else altogether, for you')] } };
    expect((await test({ changes: other })).outcome).toMatchObject({ caught: 0, lost: 0, undecided: { changed: 12 } });
    expect((await call('get_agent', { agent_id: agent.id })).agent.version).toBe(1);
  });

  it('does not move by a byte after all that came later', async () => {
    const { call, agent, identity, pass, test } = await decided();
    const plain = ({ run_id: _id, ...told }: Record<string, unknown>) => told;
    const before = plain(await test({ version: 1 }));
    const drafted = plain(await test({ changes: PRO_ONLY }));
    pass(86_400_000);
    const later = people.map((person) => ({ ...person, firstname: 'Renamed', plan: 'gone', do_not_email: true }));
    await call('import_contacts', {
      contacts: later,
      events: people.map(({ id }) => ({ contact_id: id, type: 'page', timestamp: '2026-03-02T09:00:00Z' })),
    });
    await call('save_identity', { identity_id: identity.id, name: 'Moritz', email: 'moritz@example.com' });
    await call('create_agent', {
      name: 'Other',
      capabilities: ['notes'],
      playbook: { rules: [{ name: 'n', when: {}, propose: [{ type: 'note', params: { body: 'x' } }] }] },
    });
    const other = await call('trigger_agent', { agent_id: 'Other', wait_seconds: 30 });
    const { review_token } = await call('list_pending_actions', { run_id: other.run_id });
    await call('review_actions', { decision: 'reject', review_token, reason: 'no' });
    expect(plain(await test({ version: 1 }))).toEqual(before);
    expect(plain(await test({ changes: PRO_ONLY }))).toEqual(drafted);
    await call('update_agent', {
      agent_id: agent.id,
      changes: { playbook: { rules: [rule({ contact: { plan: 'x' } })] } },
    });
    expect(plain(await test({ version: 1 }))).toEqual(before);
    // The newest version writes to nobody: it would have caught all rejections, and lost all approvals.
    expect((await test()).outcome).toMatchObject({ caught: 4, lost: 8 });
  });

  it('leaves out who was erased, and counts them', async () => {
    const { call, test } = await decided();
    const made = await test();
    await call('delete_contact', { contact_id: 'p0' });
    await call('delete_contact', { contact_id: 'p8' });
    const again = await test({ run_id: made.run_id });
    expect(again.cohort).toMatchObject({ evaluations: 10, decided_actions: 10, erased: 2 });
    expect(again.outcome).toMatchObject({ kept_approved: 7, kept_rejected: 3 });
    expect((await test()).cohort).toMatchObject({ evaluations: 10, erased: 2 });
  });

  it('changes nothing but its own run: no decision, cadence, ledger or last run', async () => {
    const { call, agent, test } = await decided();
    const rows = async () => {
      const { agents } = await call('list_agents');
      const contact = await call('get_contact', { contact_id: 'p1' });
      const { summary } = await call('get_agent_insights', { agent_id: agent.id, days: 'all' });
      return { agents, contact, summary };
    };
    const before = await rows();
    const { run_id } = await test({ changes: PRO_ONLY });
    expect(await rows()).toEqual(before);
    const { run } = await call('get_run', { run_id, contact_id: 'p1' });
    expect(run).toMatchObject({ trigger: 'backtest', dry_run: true, backtest: { run_id, outcome: { caught: 4 } } });
    const [{ contact_id, proposed_actions }] = run.contact_results;
    const [{ action_index, digest, status }] = proposed_actions;
    expect(status).toBe('dry_run');
    const ref = { run_id, contact_id, action_index };
    for (const decide of ['approve_action', 'reject_action'])
      await expect(call(decide, { ...ref, expected_digest: digest })).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('belongs to a backtest'),
      });
    await expect(call('settle_action', { ...ref, outcome: 'retry', expected_digest: digest })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('tells its size and cost before, and asks nobody', async () => {
    const { call, agent, test } = await decided();
    const told = await test({ dry_run: true, limit: 5 });
    expect(told).toEqual({
      agent_id: agent.id,
      cohort: { evaluations: 5, decided_actions: 5, erased: 0, unreadable: 0, seen: 0, unseen: 5 },
      expected_cost_usd: 0,
    });
    expect((await call('list_runs', { agent_id: agent.id })).total).toBe(1);
  });
});

describe('a backtest by the assistant', () => {
  it('hands out each contact as it was then, and counts what the assistant would propose now', async () => {
    const { call, agent, pass, test } = await decided();
    const later = people.map((person) => ({ ...person, firstname: 'Renamed' }));
    await call('import_contacts', { contacts: later });
    await call('update_agent', {
      agent_id: agent.id,
      changes: { playbook: { playbook_md: 'Write to who is on the plan pro.' }, llm_config: { provider: 'assistant' } },
    });
    pass(1000);
    const { run_id, ...begun } = await test();
    expect(begun).toMatchObject({
      status: 'awaiting_evaluation',
      version: 2,
      next: expect.stringContaining('next_evaluation'),
    });
    let handed = await call('next_evaluation', { run_id });
    for (let steps = 0; !handed.done && steps < 20; steps++) {
      const { evaluation_id, contact } = handed.evaluation;
      expect(contact.firstname).toMatch(/^Name/);
      const params = { subject: `Hello ${contact.firstname}`, message: `Max greets ${contact.id}` };
      const proposed_actions = contact.plan === 'pro' ? [{ type: 'email_message', params }] : [];
      handed = await call('submit_evaluation', { run_id, evaluation_id, reasoning: 'r', proposed_actions });
    }
    expect(await test({ run_id })).toMatchObject({
      ...{ status: 'completed', version: 2, baseline: { version: 1, agreement: null } },
      cohort: { evaluations: 12, seen: 12, unseen: 0 },
      outcome: { caught: 4, lost: 0, kept_approved: 8, kept_rejected: 0 },
    });
    expect((await call('list_pending_actions')).total).toBe(0);
  });
});

/** What the scripted model answers: it writes to whom the prompt shows on the plan `pro`. */
function replying(said: string): { text: string } {
  const proposed_actions = /plan[^a-z]{1,8}pro/.test(said)
    ? [{ type: 'email_message', params: { subject: 'Hello there', message: 'Max greets you' } }]
    : [];
  return { text: JSON.stringify({ reasoning: 'r', proposed_actions }) };
}

/** The same decisions, and a draft that has a model reason, with its prices. */
async function modelled(limits: object = {}) {
  const model = await aModelServer({ reply: ({ said }) => replying(said) });
  const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: model.host };
  const fetch = createGuardedFetch({ allowedHosts: [model.host] });
  const prices = () => new Map([['m-1', { input: 1, output: 10 }]]);
  const scene = await decided({ env, fetch, prices });
  const llm_config = { provider: 'openai_compatible', model: 'm-1', base_url: model.url, concurrency: 1 };
  const changes = { playbook: { playbook_md: 'Write to who pays.' }, llm_config, limits };
  return { ...scene, model, changes };
}

describe('a backtest by a model', () => {
  it('asks the model about each contact as it was then, and says what that cost', async () => {
    const { call, model, changes, test } = await modelled();
    await call('import_contacts', { contacts: people.map((person) => ({ ...person, firstname: 'Renamed' })) });
    const told = await test({ changes });
    expect(told.outcome).toMatchObject({ caught: 4, lost: 0 });
    expect(told).toMatchObject({ status: 'completed', draft: true, baseline: { agreement: 1 }, cost_usd: 0.024 });
    expect(model.asked).toHaveLength(12);
    expect(model.asked.map(({ said }) => said).join()).not.toContain('Renamed');
  });

  it('ends at its cap, with what was replayed until then', async () => {
    const { model, changes, test } = await modelled({ max_cost_usd_per_run: 0.0079 });
    const told = await test({ changes });
    expect(told).toMatchObject({
      status: 'failed',
      verdict: "can't tell",
      next: expect.stringContaining('max_cost_usd_per_run'),
    });
    expect(model.asked.length).toBeLessThan(4);
  });

  it('goes on where it was stopped, and asks about no contact twice', async () => {
    const { on, model, changes, test } = await modelled();
    const { run_id } = await test({ changes, wait_seconds: 0 });
    await expect.poll(() => model.asked.length).toBeGreaterThan(3);
    const going = on.house.runs.get(run_id);
    going?.stop.abort();
    await going?.done;
    const done = await on.house.read((view) => [...view.results(run_id).results.keys()]);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(12);
    await recover(on.house);
    expect(await test({ run_id })).toMatchObject({ status: 'completed', outcome: { caught: 4, lost: 0 } });
    const asked = model.asked.flatMap(({ said }) => said.match(/p\d+@example/)?.[0].replace('@example', '') ?? []);
    // The one in flight may be asked about once more; none with a result is.
    for (const id of done) expect(asked.filter((each) => each === id)).toEqual([id]);
    expect(new Set(asked).size).toBe(12);
  });
});
