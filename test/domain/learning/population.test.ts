import { describe, expect, it } from 'vitest';
import type { DecisionEntry, DecisionKind } from '../../../src/domain/decisions/decision.ts';
import { compareVersions, driftOf, type Judged } from '../../../src/domain/learning/over-time.ts';
import { LogReader } from '../../../src/domain/learning/population.ts';
import type { Proof } from '../../../src/domain/runs/run.ts';

type Said = { decision: DecisionKind; via?: Proof; index?: number; contact?: string | undefined; edited?: boolean };

function entry(seq: number, { decision, via = 'human', index = 0, contact, edited = false }: Said): DecisionEntry {
  const base = { seq, at: `2026-01-01T00:00:${String(seq).padStart(2, '0')}.000Z`, by: 'ann', prev: '', hash: '' };
  const about = { agent_id: 'ag_1', agent_version: 1, run_id: 'run_1', action_index: index, type: 'note', edited };
  const personal = contact === undefined ? {} : { personal: { contact_id: contact, salt: '', reason: 'why' } };
  return { ...base, decision, via, ...about, personal_digest: 'd', ...personal };
}

function toldBy(...said: Said[]) {
  const reader = new LogReader();
  for (const [at, each] of said.entries()) reader.take(entry(at + 1, each));
  return reader.told('ag_1');
}

describe('the population of decisions', () => {
  it("is a person's first word on each action", () => {
    const { firsts, apart } = toldBy(
      { decision: 'approved', contact: 'a' },
      { decision: 'returned', via: 'policy', contact: 'a' },
      { decision: 'rejected', contact: 'a' },
      { decision: 'rejected', contact: 'b' },
      { decision: 'approved', contact: 'a', index: 1, edited: true },
      { decision: 'approved', via: 'policy', contact: 'c' },
      { decision: 'expired', via: 'policy', contact: 'd' },
      { decision: 'cancelled', contact: 'e' },
      { decision: 'revised', contact: 'f' },
      { decision: 'settled_sent', contact: 'b' },
    );
    expect(firsts.map(({ decision, contact_id, edited }) => [decision, contact_id, edited])).toEqual([
      ['approved', 'a', false],
      ['rejected', 'b', false],
      ['approved', 'a', true],
    ]);
    expect(apart.map(({ kind }) => kind)).toEqual(['auto_approved', 'expired', 'cancelled', 'cancelled']);
    expect(firsts[1]?.reason).toBe('why');
  });

  it('counts what was said of erased contacts, without their reasons, and once', () => {
    const { firsts } = toldBy(
      { decision: 'approved' },
      { decision: 'rejected' },
      { decision: 'returned', via: 'policy' },
      { decision: 'approved' },
    );
    expect(firsts.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['approved', undefined],
      ['rejected', undefined],
    ]);
  });
});

/** So many decisions on a version, of which the first `approved` are approvals. */
const judged = (version: number, n: number, approved: number): Judged[] =>
  Array.from({ length: n }, (_, at) => ({ at: '', version, isApproved: at < approved, isEdited: false }));

describe('figures over time', () => {
  it('compare the newest version with ten decisions to the one before it with ten', () => {
    const told = compareVersions([...judged(1, 40, 10), ...judged(2, 9, 9), ...judged(3, 40, 39), ...judged(4, 3, 0)]);
    expect(told).toMatchObject({ from: 1, to: 3, verdict: 'better' });
    expect(told?.difference).toBeCloseTo(0.725, 9);
    expect(compareVersions([...judged(1, 20, 12), ...judged(2, 20, 17)])?.verdict).toBe("can't tell");
    expect(compareVersions(judged(1, 40, 10))).toBeNull();
  });

  it('see a drift among the last twenty, and name the version that began there as a coincidence', () => {
    const drift = driftOf([...judged(1, 62, 62), ...judged(2, 18, 4)]);
    expect(drift).toMatchObject({ verdict: 'worse', last: { n: 20 }, before: { n: 60, rate: 1 }, coincides: 2 });
    expect(driftOf(judged(1, 80, 80))).toMatchObject({ verdict: "can't tell" });
    expect(driftOf(judged(1, 80, 80))).not.toHaveProperty('coincides');
    expect(driftOf(judged(1, 79, 79))).toBeNull();
  });
});
