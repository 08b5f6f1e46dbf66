import { beforeEach, describe, expect, it } from 'vitest';
import { ALL, type OpenQuery, type RunQuery } from '../../src/domain/state/queries.ts';
import { refKey } from '../../src/domain/state/state.ts';
import { anAction, at, change, created, ended, evaluated, moved, SharedHome, started, way } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const ref = (run_id: string, contact_id = 'ct_1', action_index = 0) => ({ run_id, contact_id, action_index });

describe('a run', () => {
  it('is told with its status, its counts and who evaluates it', async () => {
    await home.write(created('run_1'));
    expect(await home.told((view) => view.run('run_1')?.status)).toBe('queued');
    await home.write(started('run_1', ['ct_1', 'ct_2'], { holder: 'proc_1' }));
    expect(await home.told((view) => view.run('run_1'))).toMatchObject({ status: 'running', holder: 'proc_1' });
    await home.write(evaluated('run_1', 'ct_1', [anAction(0), anAction(1)]));
    await home.write(moved(change(ref('run_1'), 'pending_approval', 'rejected')), ended('run_1'));
    const told = await home.told((view) => [view.run('run_1'), view.run('run_2')]);
    const summary = { contacts_targeted: 2, contacts_evaluated: 1, actions_pending_approval: 1, actions_rejected: 1 };
    const over = { status: 'completed', completed_at: at(9), summary: expect.objectContaining(summary) };
    expect(told).toEqual([expect.objectContaining(over), undefined]);
    expect(told[0]).not.toHaveProperty('holder');
  });

  it('is told with whom it was for and what came of each, in the order of evaluation', async () => {
    await home.write(created('run_1', {}, ['ct_1', 'ct_2', 'ct_3']), started('run_1', ['ct_1', 'ct_2', 'ct_3']));
    await home.write(evaluated('run_1', 'ct_3', [anAction(0)]));
    await home.write(evaluated('run_1', 'ct_1'));
    const lease = { evaluation_id: 'ev_1', by: 'ada', until: at(600) };
    const hand = { type: 'evaluation_leased' as const, run_id: 'run_1', agent_id: 'ag_test', at: at(3), ...lease };
    await home.write({ ...hand, contact_id: 'ct_2' });
    const edited_params = { body: 'better' };
    await home.write(moved(change(ref('run_1', 'ct_3'), 'pending_approval', 'approved', { set: { edited_params } })));
    const told = await home.told((view) => view.results('run_1'));
    expect([told.contact_ids, told.targets]).toEqual([
      ['ct_1', 'ct_2', 'ct_3'],
      ['ct_1', 'ct_2', 'ct_3'],
    ]);
    expect([...told.results.keys()]).toEqual(['ct_3', 'ct_1']);
    expect(told.results.get('ct_3')?.proposed_actions).toEqual([anAction(0, { status: 'approved', edited_params })]);
    expect([...told.leases]).toEqual([['ct_2', lease]]);
  });

  it('is among those of its agent, the oldest first', async () => {
    await home.write(created('run_1'), created('run_2', { agent_id: 'ag_2' }), created('run_3'));
    await home.write(ended('run_1'));
    const told = await home.told((view) => ['ag_test', 'ag_2', 'ag_3'].map((id) => view.runsOf(id)));
    expect(told.map((runs) => runs.map(({ id }) => id))).toEqual([['run_1', 'run_3'], ['run_2'], []]);
  });

  it('that is not over is among the unfinished ones, of one agent or of all', async () => {
    await home.write(created('run_1'), created('run_2'), created('run_3', { agent_id: 'ag_2' }));
    await home.write(started('run_3', [], { holder: 'proc_1', agent_id: 'ag_2' }), ended('run_1'));
    const third = { run_id: 'run_3', agent_id: 'ag_2', status: 'running', holder: 'proc_1' };
    const second = { run_id: 'run_2', agent_id: 'ag_test', status: 'queued' };
    expect(await home.told((view) => view.unfinished())).toEqual([second, third]);
    expect(await home.told((view) => view.unfinished('ag_2'))).toEqual([third]);
    expect(await home.told((view) => view.unfinished('ag_3'))).toEqual([]);
  });

  it("is its agent's last one until there is a newer; a dry run never is", async () => {
    await home.write(created('run_1', { created_at: at(1) }), created('run_2', { created_at: at(2) }));
    await home.write(created('run_3', { created_at: at(3), dry_run: true }), ended('run_2'));
    const told = await home.told((view) => [view.lastRun('ag_test'), view.lastRun('ag_2')]);
    expect(told).toEqual([{ run_id: 'run_2', status: 'completed', created_at: at(2) }, undefined]);
  });

  it.each<[RunQuery, string[]]>([
    [{}, ['run_3', 'run_2', 'run_1']],
    [{ agent_id: 'ag_test' }, ['run_3', 'run_1']],
    [{ status: 'completed' }, ['run_1']],
    [{ agent_id: 'ag_test', status: 'queued' }, ['run_3']],
    [{ agent_id: 'ag_3' }, []],
  ])('is found by %j, the newest first', async (query, expected) => {
    await home.write(created('run_1'), created('run_2', { agent_id: 'ag_2' }), created('run_3'), ended('run_1'));
    const { rows, total } = await home.told((view) => view.find.runs(query, ALL));
    expect([rows.map(({ id }) => id), total]).toEqual([expected, expected.length]);
  });
});

describe('open actions', () => {
  const first = anAction(0, { proposed_at: at(1) });
  const email = { type: 'email_message', proposed_at: at(4) };
  /** Seven that are open, in two runs; two that aren't. */
  async function proposeAll(): Promise<void> {
    await home.write(created('run_1'), created('run_2', { agent_id: 'ag_2' }));
    await home.write(evaluated('run_1', 'ct_1', [first, anAction(1), anAction(2, { status: 'approved' })]));
    const second = { agent_id: 'ag_2' };
    await home.write(evaluated('run_2', 'ct_2', [anAction(0), anAction(1), anAction(2)], second));
    await home.write(evaluated('run_2', 'ct_1', [anAction(0, email), anAction(1, email)], second));
    await home.write(evaluated('run_1', 'ct_2', [anAction(0, { status: 'dry_run' })], { dry_run: true }));
    await home.write(
      moved(
        ...way(ref('run_1', 'ct_1', 1), ['pending_approval', 'rejected']),
        ...way(ref('run_2', 'ct_1', 1), ['pending_approval', 'approved', 'executing', 'unknown'], second),
        ...way(ref('run_2', 'ct_2', 1), ['pending_approval', 'approved', 'executing'], second),
      ),
    );
  }
  const FIRST = ['run_1/0/ct_1', 'run_1/2/ct_1'];
  const SECOND = ['run_2/0/ct_2', 'run_2/1/ct_2', 'run_2/2/ct_2', 'run_2/0/ct_1', 'run_2/1/ct_1'];
  const QUERIES: [OpenQuery, string[]][] = [
    [{}, [...FIRST, ...SECOND]],
    [{ agent_id: 'ag_test' }, FIRST],
    [{ run_id: 'run_2' }, SECOND],
    [{ contact_id: 'ct_2' }, SECOND.slice(0, 3)],
    [{ type: 'email_message' }, SECOND.slice(3)],
    [{ statuses: ['pending_approval'] }, ['run_1/0/ct_1', 'run_2/0/ct_2', 'run_2/2/ct_2', 'run_2/0/ct_1']],
    [{ statuses: ['approved'] }, ['run_1/2/ct_1']],
    [{ statuses: ['executing', 'unknown'] }, ['run_2/1/ct_2', 'run_2/1/ct_1']],
    [{ statuses: [] }, []],
    [{ agent_id: 'ag_2', contact_id: 'ct_1', statuses: ['pending_approval'] }, ['run_2/0/ct_1']],
    [{ run_id: 'run_3' }, []],
    [{ agent_id: 'ag_test', run_id: 'run_2' }, []],
  ];

  it.each(QUERIES)('are found by %j, in the order of proposing', async (query, expected) => {
    await proposeAll();
    const told = await home.told((view) => ({ all: view.open(query), page: view.find.open(query, ALL) }));
    expect(told.all.map(refKey)).toEqual(expected);
    expect(told.page).toEqual({ rows: told.all, total: expected.length });
  });

  it('that are tried again became open last, and are listed where they were proposed', async () => {
    await proposeAll();
    const again = { set: { type: 'note', proposed_at: at(1), expires_at: at(99), holder: 'proc_1' } };
    await home.write(moved(...way(ref('run_1'), ['pending_approval', 'approved', 'executing', 'failed'])));
    await home.write(moved(...way(ref('run_1'), ['failed', 'approved'], again)));
    const told = await home.told((view) => ({ all: view.open({}), page: view.find.open({}, ALL).rows }));
    expect(told.all.map(refKey)).toEqual([...FIRST.slice(1), ...SECOND, 'run_1/0/ct_1']);
    expect(told.page.map(refKey)).toEqual([...FIRST, ...SECOND]);
    const retried = { ...ref('run_1'), type: 'note', status: 'approved', expires_at: at(99), holder: 'proc_1' };
    expect(told.page[0]).toEqual({ ...retried, agent_id: 'ag_test', proposed_at: at(1) });
  });

  it('are counted by run', async () => {
    await proposeAll();
    const expires_at = at(50);
    await home.write(evaluated('run_1', 'ct_3', [anAction(0, { expires_at }), anAction(1, { expires_at: at(40) })]));
    const told = await home.told((view) => [...view.waiting()]);
    const [none, first] = [{ pending_approval: 0, approved: 0, executing: 0, unknown: [] }, { agent_id: 'ag_test' }];
    expect(new Map(told)).toEqual(
      new Map([
        ['run_1', { ...none, ...first, pending_approval: 3, approved: 1, expires_from: at(40) }],
        ['run_2', { ...none, agent_id: 'ag_2', pending_approval: 3, executing: 1, unknown: ['run_2/1/ct_1'] }],
      ]),
    );
    const rest = await home.told((view) => view.open({ agent_id: 'ag_test' }));
    await home.write(moved(...rest.map((item) => change(item, item.status, 'cancelled'))));
    expect(await home.told((view) => [...view.waiting().keys()])).toEqual(['run_2']);
  });
});
