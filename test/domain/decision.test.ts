import { describe, expect, it } from 'vitest';
import {
  chained,
  chunkOf,
  type DecisionDraft,
  type DecisionEntry,
  decisionOf,
  faultOf,
  isRedacted,
  NO_DECISIONS,
  redacted,
} from '../../src/domain/decisions/decision.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import type { ActionStatus } from '../../src/domain/runs/run.ts';
import { NOW } from '../support/fixtures.ts';

function aDraft(overrides: Partial<DecisionDraft> = {}): DecisionDraft {
  return {
    at: NOW,
    decision: 'rejected',
    by: 'maya',
    client: 'claude 1.0',
    via: 'client',
    agent_id: 'ag_test',
    agent_name: 'Follow-up',
    agent_version: 3,
    run_id: 'run_test',
    action_index: 0,
    type: 'note',
    digest: 'xCXNaJWkvzYRB7A1WCXjg4',
    edited: false,
    personal: { contact_id: 'ct_sanne', reason: 'we spoke', salt: 'salt' },
    ...overrides,
  };
}

const first = chained(aDraft(), NO_DECISIONS);
const second = chained(aDraft({ decision: 'approved' }), first);

describe('the chain of decisions', () => {
  it('holds from the first entry on', () => {
    expect([faultOf(first, NO_DECISIONS), faultOf(second, first)]).toEqual([undefined, undefined]);
    expect([first.seq, second.seq, second.prev]).toEqual([1, 2, first.hash]);
  });

  const altered: Record<keyof DecisionEntry, unknown> = {
    seq: 3,
    at: '2026-03-02T09:30:00.001Z',
    decision: 'rejected',
    by: 'mallory',
    person: 'p_other',
    client: 'claude 1.1',
    via: 'human',
    agent_id: 'ag_other',
    agent_name: 'Follow-up 2',
    agent_version: 4,
    run_id: 'run_other',
    action_index: 1,
    type: 'email_message',
    digest: 'yCXNaJWkvzYRB7A1WCXjg4',
    edited: true,
    attempt: { digest: 'x', status: 'failed', attempted_at: '' },
    proof: { decision: 'approve', digests: [], nonce: 'n' },
    passkey: { id: 'k' },
    loosened: ['capabilities'],
    binds: 'f'.repeat(64),
    personal: { contact_id: 'ct_other', reason: 'we spoke', salt: 'salt' },
    personal_digest: 'f'.repeat(64),
    prev: 'f'.repeat(64),
    hash: 'f'.repeat(64),
  };
  it.each(Object.entries(altered))('breaks when %s is altered', (field, value) => {
    expect(faultOf({ ...second, [field]: value }, first)).toContain('entry');
  });

  it('breaks when a field is dropped, a reason changed, or an entry left out', () => {
    const { client: _client, ...anonymous } = second;
    expect(faultOf(anonymous, first)).toContain('altered');
    const personal = { contact_id: 'ct_sanne', reason: 'he agreed', salt: 'salt' };
    expect(faultOf({ ...second, personal }, first)).toContain('what it says of the contact');
    expect(faultOf(second, NO_DECISIONS)).toBe('entry 2 stands where entry 1 should');
  });

  it('holds after an entry loses its part about a contact, which is then gone', () => {
    const without = redacted(second);
    expect(faultOf(without, first)).toBeUndefined();
    expect(isRedacted(without)).toBe(true);
    expect(JSON.stringify(without)).not.toMatch(/ct_sanne|we spoke|"salt"/);
  });

  it('gives equal facts about a contact another digest under another salt', () => {
    const other = chained(aDraft({ personal: { contact_id: 'ct_sanne', reason: 'we spoke', salt: 'pepper' } }), first);
    expect(other.personal_digest).not.toBe(second.personal_digest);
  });

  it('keeps 1,000 entries to a document', () => {
    expect([1, 1000, 1001, 2001].map(chunkOf)).toEqual([
      '000000000001',
      '000000000001',
      '000000001001',
      '000000002001',
    ]);
  });
});

describe('what a change of an action decides', () => {
  const change = (from: ActionStatus, to: ActionStatus, set: ActionChange['set'] = {}): ActionChange => ({
    ...{ run_id: 'run_test', contact_id: 'ct_sanne', action_index: 0, agent_id: 'ag_test' },
    ...{ from, to, auto_approved: false, at: NOW, set },
  });
  it.each([
    ['pending_approval', 'approved', 'approved'],
    ['pending_approval', 'executed', 'approved'],
    ['pending_approval', 'rejected', 'rejected'],
    ['pending_approval', 'expired', 'expired'],
    ['pending_approval', 'pending_approval', 'returned'],
    ['approved', 'pending_approval', 'returned'],
    ['approved', 'cancelled', 'cancelled'],
    ['unknown', 'executed', 'settled_sent'],
    ['unknown', 'failed', 'settled_not_sent'],
    ['approved', 'executing', undefined],
    ['approved', 'executed', undefined],
    ['executing', 'executed', undefined],
    ['executing', 'unknown', undefined],
  ] as const)('%s to %s by a person: %s', (from, to, decision) => {
    expect(decisionOf(change(from, to), true)).toBe(decision);
  });

  it('tells a retry from a settlement, and an outcome learnt late from both', () => {
    expect(decisionOf(change('failed', 'approved', { decided_at: NOW }), true)).toBe('retried');
    expect(decisionOf(change('unknown', 'executed'), false)).toBeUndefined();
  });
});
