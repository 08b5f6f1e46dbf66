import { beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/domain/agents/agent.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { type AgentQuery, ALL } from '../../src/domain/state/queries.ts';
import { currentAgent, wholeOf } from '../../src/domain/state/view.ts';
import { anAgent, anIdentity } from '../support/fixtures.ts';
import { anAction, at, created, ended, evaluated, SharedHome, said, started } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const agentSaved = (agent: Partial<Agent> = {}): Event => ({ type: 'agent_saved', agent: anAgent(agent) });
const scheduled = (id: string, schedule_cron: string, more: Partial<Agent> = {}): Event =>
  agentSaved({ id, monitoring: { ...anAgent().monitoring, schedule_cron }, ...more });

describe('an agent', () => {
  it('is told as it was saved last, its long texts among its versions', async () => {
    const playbook = { playbook_md: 'Write to them.', rules: [], config: {} };
    const [first, second] = [anAgent({ playbook }), anAgent({ version: 2, name: 'Second', playbook })];
    await home.write({ type: 'agent_saved', agent: first });
    await home.write({ type: 'agent_saved', agent: second }, agentSaved({ id: 'ag_other' }));
    const told = await home.told((view) => ({
      card: view.agent('ag_test'),
      versions: view.agentFile('ag_test').versions,
      current: currentAgent(view, 'ag_test'),
      nobody: view.agent('ag_nobody'),
    }));
    expect(told.versions).toEqual([first, second]);
    expect(told.current).toEqual(second);
    expect(told.card).toMatchObject({ id: 'ag_test', name: 'Second', version: 2, tags: [] });
    expect(told.card).not.toHaveProperty('playbook');
    expect(told.nobody).toBeUndefined();
  });

  it('is found by its name in any case, the oldest first', async () => {
    await home.write(agentSaved({ id: 'ag_1', name: 'Another' }), agentSaved({ id: 'ag_2', name: 'Trial Ending' }));
    await home.write(agentSaved({ id: 'ag_1', name: 'trial ending', version: 2 }));
    const named = (...names: string[]) => home.told((view) => names.map((name) => view.agentsNamed(name)));
    expect(await named('TRIAL ending', 'Another', 'Trial')).toEqual([['ag_1', 'ag_2'], [], []]);
    await home.write({ type: 'agent_deleted', agent_id: 'ag_1', run_ids: [] });
    expect(await named('Trial Ending')).toEqual([['ag_2']]);
  });

  it('is found by the identity that it writes as', async () => {
    const as = (id: string, identity_id: string) => agentSaved({ id, identity_id });
    await home.write(as('ag_1', 'id_1'), as('ag_2', 'id_2'), as('ag_3', 'id_1'), agentSaved({ id: 'ag_4' }));
    await home.write(agentSaved({ id: 'ag_1', version: 2 }));
    const told = await home.told((view) => ['id_1', 'id_2', 'id_3'].map((id) => view.agentsOf(id)));
    expect(told.map((agents) => agents.map(({ id }) => id))).toEqual([['ag_3'], ['ag_2'], []]);
  });

  it('tells whose it is, and goes on to tell it once it is deleted', async () => {
    const hers = { owner: 'p_mia', team: 2, visibility: 'public' } as const;
    const nobodys = { owner: 'owner', team: 1, visibility: 'private' };
    await home.write(agentSaved({ id: 'ag_1', ...hers }), agentSaved({ id: 'ag_2' }));
    const told = () => home.told((view) => ['ag_1', 'ag_2', 'ag_3'].map(view.belonging));
    expect(await told()).toEqual([hers, nobodys, nobodys]);
    await home.write({ type: 'agent_deleted', agent_id: 'ag_1', run_ids: [] });
    await home.write({ type: 'agent_deleted', agent_id: 'ag_2', run_ids: [] });
    expect(await told()).toEqual([hers, nobodys, nobodys]);
  });

  it('shows everything to a store’s own view, which is the whole', async () => {
    await home.write(agentSaved({ owner: 'p_mia' }));
    const told = await home.told((view) => [view.shows('ag_test'), view.shows('ag_none'), wholeOf(view) === view]);
    expect(told).toEqual([true, true, true]);
  });

  it('keeps what its models took in all, dry runs included', async () => {
    const usage = { input_tokens: 100, output_tokens: 20, cost_usd: 0.5 };
    const result = (contact_id: string, dry_run: boolean): Event => ({
      ...{ type: 'results_recorded', run_id: 'run_1', agent_id: 'ag_test', dry_run, at: at(1) },
      results: [{ contact_id, reasoning: '', proposed_actions: [], blocked_actions: [], usage }],
    });
    await home.write(agentSaved(), created('run_1'), result('ct_1', false));
    await home.write(result('ct_2', true));
    const spent = await home.told((view) => view.agentFile('ag_test').usage);
    expect(spent).toEqual({ input_tokens: 200, output_tokens: 40, cost_usd: 1, contacts: 2 });
  });

  it('knows when it last looked at a contact, which a dry run does not count for', async () => {
    await home.write(agentSaved(), created('run_1'), evaluated('run_1', 'ct_1', [], { at: at(1) }));
    await home.write(evaluated('run_1', 'ct_1', [], { at: at(2) }), evaluated('run_1', 'ct_2', [], { dry_run: true }));
    const told = await home.told((view) => [
      view.evaluatedAt('ag_test', 'ct_1'),
      view.evaluatedAt('ag_test', 'ct_2'),
      view.evaluatedAt('ag_other', 'ct_1'),
    ]);
    expect(told).toEqual([at(2), undefined, undefined]);
  });

  it('that is deleted takes its versions, runs, schedule and what is open with it', async () => {
    await home.write(scheduled('ag_test', '0 9 * * *'), agentSaved({ id: 'ag_other' }));
    await home.write(created('run_1'), started('run_1', ['ct_1']));
    await home.write(evaluated('run_1', 'ct_1', [anAction(0)]));
    await home.write({ type: 'agent_deleted', agent_id: 'ag_test', run_ids: ['run_1'] });
    const told = await home.told((view) => [
      ...[view.agent('ag_test'), view.run('run_1'), view.schedule('ag_test'), view.lastRun('ag_test')],
      ...[view.evaluatedAt('ag_test', 'ct_1'), view.agentFile('ag_test').usage],
      ...view.agentFile('ag_test').versions,
      ...[...view.unfinished(), ...view.runsOf('ag_test'), ...view.results('run_1').results.values()],
      ...[...view.open({}), ...view.waiting().values()],
    ]);
    expect(told.filter((found) => found !== undefined)).toEqual([]);
    expect(await home.told((view) => view.find.agents({}, ALL).rows.map(({ id }) => id))).toEqual(['ag_other']);
  });
});

describe('agents are found', () => {
  const AGENTS: Partial<Agent>[] = [
    { id: 'ag_1', name: 'Draft', status: 'draft', enabled: false, tags: ['trial', 'eu'] },
    { id: 'ag_2', name: 'Welcome', description: 'Greets TRIALS', playbook_template: 'trial_ending', tags: ['trial'] },
    { id: 'ag_3', name: 'Voice', architecture: 'realtime', visibility: 'public' },
    { id: 'ag_4', name: 'Old', status: 'archived' },
  ];
  const QUERIES: [AgentQuery, string[]][] = [
    [{}, ['ag_3', 'ag_2', 'ag_1']],
    [{ status: 'any' }, ['ag_4', 'ag_3', 'ag_2', 'ag_1']],
    [{ status: 'archived' }, ['ag_4']],
    [{ status: 'draft' }, ['ag_1']],
    [{ enabled: false }, ['ag_1']],
    [{ playbook_template: 'trial_ending' }, ['ag_2']],
    [{ tags: ['trial'] }, ['ag_2', 'ag_1']],
    [{ tags: ['trial', 'eu'] }, ['ag_1']],
    [{ architecture: 'realtime' }, ['ag_3']],
    [{ visibility: 'public' }, ['ag_3']],
    [{ query: 'trial' }, ['ag_2']],
    [{ query: 'VOI' }, ['ag_3']],
    [{ enabled: true, visibility: 'private' }, ['ag_2']],
  ];

  it.each(QUERIES)('by %j, the newest first', async (query, expected) => {
    await home.write(...AGENTS.map(agentSaved));
    const { rows, total } = await home.told((view) => view.find.agents(query, ALL));
    expect([rows.map(({ id }) => id), total]).toEqual([expected, expected.length]);
  });

  it('in the order of their making, however often they change', async () => {
    await home.write(...AGENTS.map(agentSaved));
    await home.write(agentSaved({ ...AGENTS[1], version: 2 }));
    const { rows } = await home.told((view) => view.find.agents({}, ALL));
    expect(rows.map(({ id }) => id)).toEqual(['ag_3', 'ag_2', 'ag_1']);
  });
});

describe('a schedule', () => {
  it('is there for active agents that have one, and counts from when it was set', async () => {
    await home.write(scheduled('ag_1', '0 9 * * *'), scheduled('ag_2', '0 8 * * *', { status: 'draft' }));
    await home.write(scheduled('ag_3', '0 7 * * 1', { updated_at: at(5) }), agentSaved({ id: 'ag_4' }));
    const expected = { cron: '0 7 * * 1', timezone: 'UTC', since: at(5) };
    expect(await home.told((view) => view.schedule('ag_3'))).toEqual(expected);
    const all = await home.told((view) => view.schedules());
    expect(all.map(([id]) => id).sort()).toEqual(['ag_1', 'ag_3']);
    expect(new Map(all).get('ag_3')).toEqual(expected);
    await home.write(scheduled('ag_3', '0 7 * * 1', { status: 'archived', version: 2 }));
    expect(await home.told((view) => view.schedule('ag_3'))).toBeUndefined();
  });

  it('tells of the ticks that are accounted for: by a run, or skipped', async () => {
    await home.write(scheduled('ag_1', '0 9 * * *'));
    const counted = { type: 'tick_counted' as const, agent_id: 'ag_1' };
    await home.write({ ...counted, tick: at(1), at: at(2), run_id: 'run_1', catch_up: true });
    await home.write({ ...counted, tick: at(3), at: at(4), skipped: 'a run was going' });
    expect(await home.told((view) => view.schedule('ag_1'))).toMatchObject({
      counted: at(3),
      last_firing: { scheduled_for: at(1), at: at(2), run_id: 'run_1', catch_up: true },
      last_skip: { scheduled_for: at(3), at: at(4), reason: 'a run was going' },
    });
  });
});

describe('an identity', () => {
  it('is told as it was saved last', async () => {
    await home.write({ type: 'identity_saved', identity: anIdentity() });
    await home.write({ type: 'identity_saved', identity: anIdentity({ name: 'Maya C.' }) });
    const told = await home.told((view) => [view.identity('id_test'), view.identity('id_nobody')]);
    expect(told).toEqual([anIdentity({ name: 'Maya C.' }), undefined]);
  });
});

describe('a conversation', () => {
  it('is told with what was said in it, in order, and how it ended', async () => {
    await home.write(said('th_1', 'hello', { contact_id: 'ct_1' }), said('th_2', 'aside'));
    await home.write(said('th_1', 'goodbye', { contact_id: 'ct_1', at: at(1) }));
    const end = { type: 'thread_ended' as const, thread_id: 'th_1', outcome: 'completed' as const };
    await home.write({ ...end, task_completed: true, at: at(2) });
    const told = await home.told((view) => [view.thread('th_1'), view.messages('th_1').map(({ content }) => content)]);
    const ending = { status: 'completed', task_completed: true, messages: 2, contact_id: 'ct_1', updated_at: at(2) };
    expect(told).toEqual([expect.objectContaining(ending), ['hello', 'goodbye']]);
    expect(await home.told((view) => [view.thread('th_3'), view.messages('th_3')])).toEqual([undefined, []]);
  });

  it('is found by its agent, those talked in last first', async () => {
    await home.write(said('th_1', 'a', { at: at(1) }), said('th_2', 'b', { at: at(2) }));
    await home.write(said('th_3', 'c', { at: at(3), agent_id: 'ag_2' }));
    await home.write(said('th_1', 'again', { at: at(4) }));
    const found = (agent_id?: string) =>
      home.told((view) => view.find.threads({ agent_id }, ALL).rows.map(({ thread_id }) => thread_id));
    expect(await found()).toEqual(['th_1', 'th_3', 'th_2']);
    expect(await found('ag_test')).toEqual(['th_1', 'th_2']);
    expect(await found('ag_nobody')).toEqual([]);
  });
});

it('an idempotency key tells what it made, for its own tool alone', async () => {
  const used = { digest: 'd1', id: 'run_1', at: at(1) };
  await home.write({ type: 'key_used', tool: 'trigger_agent', key: 'k 1', ...used }, created('run_1'), ended('run_1'));
  const told = await home.told((view) => [view.key('trigger_agent', 'k 1'), view.key('create_agent', 'k 1')]);
  expect(told).toEqual([{ tool: 'trigger_agent', ...used }, undefined]);
});
