import { describe, expect, it } from 'vitest';
import { emptySummary, type Run } from '../../src/domain/runs/run.ts';
import type { TakenTarget } from '../../src/domain/state/state.ts';
import { shareOf, type Wish } from '../../src/engine/runs/taking.ts';

type Home = {
  targets?: number;
  taken?: [id: string, taken: TakenTarget][];
  helpers?: string[];
  living?: string[];
  left?: string[];
};

const RUN: Run = {
  ...{ id: 'run', job_id: 'job', agent_id: 'ag', agent_version: 1, status: 'running', trigger: 'manual' },
  ...{ dry_run: false, created_at: '', created_by: '', holder: 'a', summary: emptySummary() },
};
const idsOf = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);

/** What process `a` takes of a run, of which no contact has a result yet. */
function shareFor({ targets = 100, taken = [], helpers = [], living = [], left = [] }: Home, wish: Partial<Wish> = {}) {
  const ids = idsOf(targets);
  const view = {
    run: () => ({ ...RUN, helpers }),
    results: () => ({ targets: ids, results: new Map(), leases: new Map(), taken: new Map(taken) }),
    isAlive: (other: string) => other === 'a' || living.includes(other),
    hasLeft: (other: string) => left.includes(other),
  };
  return shareOf(view, 'a', { run_id: 'run', left: ids }, { size: 250, limit: undefined, held: new Set(ids), ...wish });
}

/** The first contacts, taken by a process. */
const takenBy = (holder: string, count: number, takes?: number) =>
  idsOf(count).map((id): [string, TakenTarget] => [id, takes === undefined ? { holder } : { holder, takes }]);

describe('a part of a shared run', () => {
  it('has no contact that another living process has, and leaves the others theirs', () => {
    const { ids } = shareFor({ targets: 1_000, taken: takenBy('b', 200), helpers: ['b', 'c'], living: ['b', 'c'] });
    expect(ids[0]).toBe('c200');
    // Three processes are at it, so of 800 it takes a sixth.
    expect(ids).toHaveLength(134);
  });

  it('is an equal part of what the agent lets be under way at once, of all processes that live', () => {
    const all = { helpers: ['b', 'c', 'dead'], living: ['b', 'c'] };
    expect(shareFor(all, { limit: 8, size: 8 }).ids).toHaveLength(3);
    expect(shareFor({ ...all, taken: takenBy('b', 6) }, { limit: 8, size: 8 }).ids).toHaveLength(2);
    expect(shareFor({ ...all, taken: takenBy('b', 8) }, { limit: 8, size: 8 }).ids).toEqual([]);
    expect(shareFor({ ...all, taken: takenBy('dead', 8) }, { limit: 8, size: 8 }).ids).toHaveLength(3);
    expect(shareFor({}, { limit: 8, size: 8 }).ids).toHaveLength(8);
  });

  it('comes last, and is small, where a process died over its contacts; after three of them they are given up', () => {
    const fresh = shareFor({ targets: 120, taken: takenBy('dead', 100) });
    expect([fresh.ids[0], fresh.takes]).toEqual(['c100', 1]);
    const second = shareFor({ targets: 100, taken: takenBy('dead', 100) });
    expect([second.ids.length, second.takes]).toEqual([3, 2]);
    const third = shareFor({ targets: 100, taken: takenBy('dead', 100, 2) });
    expect([third.ids.length, third.takes]).toEqual([1, 3]);
    const last = shareFor({ targets: 2, taken: takenBy('dead', 1, 3) });
    expect(last).toMatchObject({ ids: ['c1'], givenUp: ['c0'] });
  });

  it('has the contacts of a process that ended in order, as if nobody had taken them', () => {
    const { ids, takes } = shareFor({ targets: 100, taken: takenBy('gone', 100), left: ['gone'] });
    expect([ids.length, takes]).toEqual([50, 1]);
  });

  it('has what the process took before it lost hold of it, and takes nothing twice later', () => {
    expect(shareFor({ targets: 10, taken: takenBy('a', 10) }, { held: new Set() }).ids).toHaveLength(10);
    expect(shareFor({ targets: 10, taken: takenBy('a', 10) }).ids).toEqual([]);
    // It came back, and took fewer at once than it had before.
    expect(shareFor({ targets: 10, taken: takenBy('a', 8) }, { held: new Set(idsOf(3)) }).ids).toEqual(
      idsOf(10).slice(3),
    );
    const all = { targets: 10, taken: takenBy('a', 8), helpers: ['b', 'c'], living: ['b', 'c'] };
    expect(shareFor(all, { limit: 8, size: 8, held: new Set(['c0']) }).ids).toEqual(['c1', 'c2']);
  });
});
