import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/domain/base/errors.ts';
import { type ActionStatus, emptySummary } from '../../src/domain/runs/run.ts';
import type { KeptChange } from '../../src/domain/state/kept-change.ts';
import { defineTool, READS, type Tool } from '../../src/mcp/define-tool.ts';
import { createNotices } from '../../src/mcp/notice.ts';
import { createHouse } from '../../src/process/house.ts';
import type { Tuning } from '../../src/store/json/log/tuning.ts';
import { aHome, NOW, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const ALL = new Set(['list_pending_actions']);

function aTool(tellsWaiting?: Tool['tellsWaiting']): Tool {
  const base = {
    name: 't',
    title: 't',
    description: '',
    toolset: 'runs' as const,
    scopes: [],
    hints: READS,
    output: {},
  };
  return defineTool({
    ...base,
    input: z.strictObject({}),
    handler: async () => ({}),
    ...(tellsWaiting ? { tellsWaiting } : {}),
  });
}

async function aDesk(tuning: Partial<Tuning> = {}) {
  const deps = testDeps();
  const store = aStore(aHome(), deps, tuning);
  const house = createHouse(store, deps);
  let contacts = 0;
  /** Records a run with one action for each of these statuses. */
  async function propose(runId: string, statuses: ActionStatus[]): Promise<void> {
    const results = statuses.map((status) => ({
      contact_id: `c${++contacts}`,
      reasoning: '',
      proposed_actions: [{ action_index: 0, type: 'note', params: {}, digest: '', status, proposed_at: NOW }],
      blocked_actions: [],
    }));
    await store.commit('test', () => ({
      events: [{ type: 'results_recorded', run_id: runId, agent_id: 'ag', dry_run: false, at: NOW, results }],
      value: undefined,
    }));
  }
  async function decide(runId: string, contact: string): Promise<void> {
    const change = {
      run_id: runId,
      contact_id: contact,
      action_index: 0,
      agent_id: 'ag',
      auto_approved: false,
      at: NOW,
    };
    await store.commit('test', () => ({
      events: [
        { type: 'actions_changed', changes: [{ ...change, from: 'pending_approval', to: 'rejected', set: {} }] },
      ],
      value: undefined,
    }));
  }
  /** Keeps a change that waits for a person. */
  async function ask(id: string): Promise<void> {
    const change: KeptChange = {
      ...{ id, call: { tool: 'delete_agent', agent_id: 'ag' }, what: ['…'], before: {}, after: {}, agent_ids: [] },
      ...{ base: 'nothing', grants: [], asked_at: NOW, asked_by: 'maya', lapses_at: '2099-01-01T00:00:00.000Z' },
    };
    await store.commit('test', () => ({ events: [{ type: 'change_asked', change }], value: undefined }));
  }
  const withNotice = createNotices(house, ALL);
  const plain = (result: Record<string, unknown> = {}) => withNotice(aTool(), {}, async () => result);
  return { house, propose, decide, ask, withNotice, plain };
}

describe('the notice that something waits', () => {
  it('comes once, with the next result, and only while something waits', async () => {
    const { propose, plain } = await aDesk();
    expect(await plain({ a: 1 })).toEqual({ a: 1 });
    await propose('run_1', ['pending_approval', 'executed', 'dry_run']);
    expect(await plain({ a: 1 })).toEqual({
      a: 1,
      notice: '1 action waits for a decision: list_pending_actions shows it.',
    });
    expect(await plain()).toEqual({});
    await propose('run_2', ['pending_approval', 'unknown']);
    expect((await plain()).notice).toBe(
      '2 actions wait for a decision and 1 attempt with an unknown outcome waits to be settled: list_pending_actions shows them.',
    );
  });

  it('does not come after a result that told the same', async () => {
    const { propose, plain, withNotice } = await aDesk();
    await propose('run_1', ['pending_approval', 'pending_approval']);
    expect(await withNotice(aTool('all'), {}, async () => ({ total: 2 }))).toEqual({ total: 2 });
    expect(await plain()).toEqual({});
    await propose('run_2', ['pending_approval']);
    const summary = { ...emptySummary(), actions_pending_approval: 1 };
    expect(await withNotice(aTool('run'), {}, async () => ({ run_id: 'run_2', summary }))).not.toHaveProperty('notice');
    await propose('run_3', ['pending_approval']);
    const run = { id: 'run_3', summary };
    expect(await withNotice(aTool('run'), {}, async () => ({ run }))).not.toHaveProperty('notice');
    expect(await plain()).toEqual({});
  });

  it('comes when more waits than the result tells, because more was proposed while the result was made', async () => {
    const { propose, withNotice } = await aDesk();
    const early = { run_id: 'run_1', summary: emptySummary() };
    const slow = async () => {
      await propose('run_1', ['pending_approval']);
      return early;
    };
    expect((await withNotice(aTool('run'), {}, slow)).notice).toMatch(/^1 action waits/);
    const other = async () => {
      await propose('run_2', ['pending_approval']);
      return {};
    };
    expect((await withNotice(aTool('all'), {}, other)).notice).toMatch(/^2 actions wait/);
  });

  it('does not repeat to an assistant what it submitted itself, but tells what others added', async () => {
    const { propose, withNotice } = await aDesk();
    const submit = (accepted: number, added: number) =>
      withNotice(aTool('run'), { run_id: 'run_1' }, async () => {
        await propose(
          'run_1',
          Array.from({ length: added }, () => 'pending_approval' as const),
        );
        return { accepted };
      });
    expect(await submit(1, 1)).toEqual({ accepted: 1 });
    expect(await submit(2, 2)).toEqual({ accepted: 2 });
    expect((await submit(1, 2)).notice).toMatch(/^5 actions wait/);
  });

  it('tells of the run that the result says nothing of', async () => {
    const { propose, withNotice } = await aDesk();
    await propose('run_1', ['pending_approval']);
    await propose('run_2', ['pending_approval']);
    const summary = { ...emptySummary(), actions_pending_approval: 1 };
    const result = await withNotice(aTool('run'), {}, async () => ({ run_id: 'run_2', summary }));
    expect(result.notice).toMatch(/^2 actions wait/);
  });

  it('does not come with a result that has to equal a resource, but with the next other result', async () => {
    const { propose, plain, withNotice } = await aDesk();
    const views = [{ name: 'r', title: 'r', uri: 'countersign://runs/{run_id}', description: '' }];
    const mirrored = { ...aTool('run'), resources: views };
    await propose('run_1', ['pending_approval']);
    await propose('run_2', ['pending_approval']);
    const summary = { ...emptySummary(), actions_pending_approval: 1 };
    const read = async () => ({ run: { id: 'run_1', summary } });
    expect(await withNotice(mirrored, { run_id: 'run_1' }, read)).not.toHaveProperty('notice');
    expect((await plain()).notice).toMatch(/^2 actions wait/);
    await propose('run_3', ['pending_approval']);
    expect(await withNotice(mirrored, { run_id: 'run_1', mode: 'full' }, read)).toHaveProperty('notice');
  });

  it('comes when a new action waits after another was decided, though the count is the same', async () => {
    const { propose, decide, plain } = await aDesk();
    await propose('run_1', ['pending_approval']);
    await plain();
    await decide('run_1', 'c1');
    expect(await plain()).toEqual({});
    await propose('run_1', ['pending_approval']);
    expect((await plain()).notice).toMatch(/^1 action waits/);
  });

  it('counts changes that wait for a person, each told once', async () => {
    const { propose, ask, plain } = await aDesk();
    await ask('ch_one');
    expect((await plain()).notice).toBe(
      '1 change that lets more happen waits for a person: list_pending_actions shows it.',
    );
    expect(await plain()).toEqual({});
    await ask('ch_two');
    await propose('run_1', ['pending_approval', 'unknown']);
    expect((await plain()).notice).toBe(
      '1 action waits for a decision, 1 attempt with an unknown outcome waits to be settled and 2 changes that let more happen wait for a person: list_pending_actions shows them.',
    );
    expect(await plain()).toEqual({});
  });

  it('does not repeat a change that the result or a refusal named, or that was listed', async () => {
    const { ask, plain, withNotice } = await aDesk();
    await withNotice(aTool(), {}, async () => {
      await ask('ch_one');
      return { change_id: 'ch_one' };
    });
    expect(await plain()).toEqual({});
    const refused = withNotice(aTool(), {}, async () => {
      await ask('ch_two');
      throw new AppError('FORBIDDEN', 'It waits.', { change_id: 'ch_two' });
    });
    await expect(refused).rejects.toThrow('It waits.');
    expect(await plain()).toEqual({});
    await ask('ch_three');
    expect(await withNotice(aTool('all'), {}, async () => ({ changes_total: 3 }))).toEqual({ changes_total: 3 });
    expect(await plain()).toEqual({});
  });

  it('leaves failures and results alone where the store can’t be read', async () => {
    const { house, plain, withNotice } = await aDesk();
    await expect(withNotice(aTool(), {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    house.read = () => Promise.reject(new Error('gone'));
    expect(await plain({ a: 1 })).toEqual({ a: 1 });
  });

  it('looks at what waits only after something was committed, once, however many actions wait', async () => {
    const { house, propose, plain } = await aDesk({ runsTwice: false });
    await propose(
      'run_1',
      Array.from({ length: 10_000 }, () => 'pending_approval' as const),
    );
    let looks = 0;
    const { read } = house;
    house.read = (look) =>
      read((view, moment) => {
        const waiting = () => {
          looks += 1;
          return view.waiting();
        };
        return look({ ...view, waiting }, moment);
      });
    await plain();
    const looksForNews = looks;
    for (let i = 0; i < 200; i++) await plain();
    expect([looksForNews, looks]).toEqual([1, 1]);
    await propose('run_2', ['pending_approval']);
    expect((await plain()).notice).toMatch(/^10001 actions wait/);
    expect(looks).toBe(2);
  });
});
