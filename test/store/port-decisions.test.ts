import { beforeEach, describe, expect, it } from 'vitest';
import {
  chained,
  chunkOf,
  type DecisionDraft,
  type DecisionKind,
  NO_DECISIONS,
  redacted,
} from '../../src/domain/decisions/decision.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { View } from '../../src/domain/state/view.ts';
import { anAction, at, change, created, ended, evaluated, moved, SharedHome, started } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const ref = (run_id: string, contact_id = 'ct_1', action_index = 0) => ({ run_id, contact_id, action_index });

/** So many decisions on the first action of the contact ct_1, each after the one before. */
function decided(count: number): Event[] {
  const said = { decision: 'approved' as const, by: 'ada', via: 'client' as const, agent_id: 'ag_test' };
  const about = { agent_name: 'Follow-up', agent_version: 1, run_id: 'run_1', action_index: 0 };
  const draft: DecisionDraft = { at: at(3), ...said, ...about, personal: { contact_id: 'ct_1', salt: 'salt' } };
  const entries = [chained(draft, NO_DECISIONS)];
  for (let last = entries.at(-1); last && entries.length < count; last = entries.at(-1))
    entries.push(chained(draft, last));
  return [{ type: 'decisions_recorded', entries }];
}

describe('a ledger', () => {
  it('tells what was proposed for a contact, what became of it, and which decisions were about it', async () => {
    await home.write(created('run_1'), evaluated('run_1', 'ct_1', [anAction(0), anAction(1)]));
    await home.write(evaluated('run_1', 'ct_2', [anAction(0)]), evaluated('run_2', 'ct_1', [], { agent_id: 'ag_2' }));
    await home.write(evaluated('run_3', 'ct_1', [anAction(0, { status: 'dry_run' })], { dry_run: true }));
    const set = { edited_params: { body: 'better' }, reason: 'too long' };
    await home.write(moved(change(ref('run_1'), 'pending_approval', 'approved', { set })), ...decided(1));
    const [first, second, ...others] = await home.told((view) => view.ledger('ct_1'));
    const entry = { run_id: 'run_1', agent_id: 'ag_test', type: 'note' };
    const became = { params: { body: 'better' }, proposed_params: { body: 'note 0' }, status: 'approved', at: at(3) };
    expect(first).toEqual({ ...entry, action_index: 0, ...became, reason: 'too long', decisions: [1] });
    const waits = { params: { body: 'note 1' }, status: 'pending_approval', at: at(2) };
    expect(second).toEqual({ ...entry, action_index: 1, ...waits });
    expect(others).toEqual([]);
    expect(await home.told((view) => view.ledger('ct_3'))).toEqual([]);
  });

  it('tells where an action goes: the tool that it calls, and what its decisions name', async () => {
    const tool = { server: 'crm', name: 'send', description: '', digest: 'd' };
    const call = anAction(0, { type: 'mcp_tool', pinned_tool: tool });
    const post = anAction(1, { type: 'webhook' });
    await home.write(created('run_1'), evaluated('run_1', 'ct_1', [call, post]));
    const goes = () => home.told((view) => view.ledger('ct_1').map(({ to }) => to));
    expect(await goes()).toEqual(['crm/send', undefined]);
    const told = async (decision: DecisionKind, recipient?: string) => {
      const head = await home.told((view) => view.decisionHead());
      const draft = { decision, by: 'ada', via: 'client' as const, run_id: 'run_1', action_index: 1, at: at(3) };
      const personal = { contact_id: 'ct_1', salt: 'salt', ...(recipient === undefined ? {} : { recipient }) };
      await home.write({ type: 'decisions_recorded', entries: [chained({ ...draft, personal }, head)] });
      return goes();
    };
    expect(await told('approved', 'https://a.example/')).toEqual(['crm/send', 'https://a.example/']);
    expect(await told('retried', 'https://b.example/')).toEqual(['crm/send', 'https://b.example/']);
    // It was done before that, at the place that it was approved for.
    expect(await told('settled_sent', 'https://c.example/')).toEqual(['crm/send', 'https://b.example/']);
  });
});

describe('the decision log', () => {
  const entriesIn = (view: View, ...seqs: number[]) => seqs.map((seq) => view.decisions(chunkOf(seq)));

  it('is told stretch by stretch, and where it ends', async () => {
    expect(await home.told((view) => view.decisionHead())).toEqual(NO_DECISIONS);
    const [event] = decided(1_003);
    const entries = event?.type === 'decisions_recorded' ? event.entries : [];
    await home.write({ type: 'decisions_recorded', entries: entries.slice(0, 998) });
    await home.write({ type: 'decisions_recorded', entries: entries.slice(998) });
    const [first, second, third] = await home.told((view) => entriesIn(view, 1, 1_001, 2_001));
    expect([first, second, third]).toEqual([entries.slice(0, 1_000), entries.slice(1_000), []]);
    const { seq, hash } = await home.told((view) => view.decisionHead());
    expect({ seq, hash }).toEqual({ seq: 1_003, hash: entries.at(-1)?.hash });
  });

  it('keeps an entry without what it said of a person', async () => {
    const [event] = decided(3);
    const entries = event?.type === 'decisions_recorded' ? event.entries : [];
    await home.write({ type: 'decisions_recorded', entries });
    await home.write({ type: 'decisions_redacted', seqs: [2] });
    const [told] = await home.told((view) => entriesIn(view, 1));
    expect(told).toEqual(entries.map((entry) => (entry.seq === 2 ? redacted(entry) : entry)));
  });
});

describe('an action that was sent back', () => {
  const sent = { set: { reason: 'Shorter.', revised: true as const } };
  const sendBack = () => moved(change(ref('run_1'), 'pending_approval', 'cancelled', sent));
  const lease = { evaluation_id: 'ev_1', by: 'ada', until: at(600), revises: 0 };
  const leased: Event = {
    ...{ type: 'evaluation_leased', run_id: 'run_1', agent_id: 'ag_test', contact_id: 'ct_1', at: at(4) },
    ...lease,
  };
  const answer = (actions = [anAction(1, { revises: 0 })]): Event[] =>
    [evaluated('run_1', 'ct_1', actions)].map((event) =>
      event.type === 'results_recorded' ? { ...event, revises: 0, at: at(5) } : event,
    );
  const revising = (view: View) => view.waiting().get('run_1')?.revising;

  beforeEach(async () => {
    await home.write(created('run_1'), started('run_1', ['ct_1', 'ct_2']), evaluated('run_1', 'ct_1', [anAction(0)]));
  });

  it('is told as open until its answer is recorded, whatever becomes of its run', async () => {
    await home.write(sendBack());
    expect(await home.told(revising)).toEqual(['run_1/0/ct_1']);
    await home.write(leased, ended('run_1'));
    expect(await home.told((view) => [...view.results('run_1').leases])).toEqual([['ct_1', lease]]);
    expect(await home.told(revising)).toEqual(['run_1/0/ct_1']);
    await home.write(...answer([]));
    expect(await home.told((view) => [view.waiting().size, view.results('run_1').leases.size])).toEqual([0, 0]);
  });

  it('is followed by the new one, and the run counts no other contact', async () => {
    await home.write(sendBack(), ...answer());
    const told = await home.told((view) => view.results('run_1').results.get('ct_1'));
    expect(told?.proposed_actions).toEqual([
      anAction(0, { status: 'cancelled', reason: 'Shorter.', revised: true, superseded_by: 1 }),
      anAction(1, { revises: 0 }),
    ]);
    expect(told?.revisions).toEqual([{ action_index: 0, at: at(5), reasoning: 'about ct_1' }]);
    const summary = { contacts_evaluated: 1, actions_proposed: 2, actions_cancelled: 1, actions_pending_approval: 1 };
    expect((await home.told((view) => view.run('run_1')))?.summary).toMatchObject(summary);
    expect(await home.told((view) => view.open({ run_id: 'run_1' }).map((open) => open.action_index))).toEqual([1]);
    const entries = await home.told((view) => view.ledger('ct_1'));
    expect(entries).toMatchObject([{ revised: true, reason: 'Shorter.', status: 'cancelled' }, { action_index: 1 }]);
    expect(await home.told((view) => view.evaluatedAt('ag_test', 'ct_1'))).toBe(at(2));
  });

  it('is open no more once its contact is deleted', async () => {
    await home.write(sendBack(), leased);
    const gone = { contact_id: 'ct_1', run_ids: ['run_1'], stand_in: 'erased_1' };
    await home.write({ type: 'contact_deleted', ...gone });
    expect(await home.told((view) => [view.waiting().size, view.results('run_1').leases.size])).toEqual([0, 0]);
    await home.write(...answer());
    expect(await home.told((view) => view.results('run_1').results.size)).toBe(0);
  });
});
