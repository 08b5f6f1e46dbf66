import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { Memory } from '../../src/store/postgres/memory/memory.ts';
import { Chance } from '../support/chance.ts';
import { whateverOfAll } from '../support/life.ts';
import { PlainFold } from '../support/plain-fold.ts';

const COMMITS = 200;

/** Commits by chance, each possible in the state that those before it have left. */
function lived(): Event[][] {
  const plain = new PlainFold();
  return Array.from({ length: COMMITS }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
    const events = whateverOfAll(plain.view, new Chance(n), { id: `n${n}`, at, filler: 10 });
    plain.take(events);
    return events;
  });
}

function begun(): Memory {
  const memory = new Memory('proc_test', false);
  memory.begin({ n: 0, sha: '0', epoch: 0, unsealed: 0 }, {});
  return memory;
}

/** Everything that a process holds, the documents of rows too: a copy that nobody changes any more. */
function held({ core, rows }: Memory): unknown {
  const families = [...Object.values(core), ...Object.values(rows)];
  const states = families.map((family) => [family.name, family.ids().map((id) => [id, family.heldOf(id)])]);
  return structuredClone(states);
}

/** Drafts a commit; a document that is missing for it is taken for one that there isn't. */
function draft(memory: Memory, n: number, events: readonly Event[]): void {
  while (!memory.draft(n, events)) {
    const missed = [...memory.attention.missed].map(([family, ids]) => ({ family, ids: [...ids] }));
    memory.dropDraft();
    for (const family of Object.values(memory.rows))
      for (const { ids } of missed.filter((one) => one.family === family.name))
        for (const id of ids) family.put(id, undefined, 0);
  }
}

describe('a draft of commits', () => {
  it('leaves no trace where it is dropped, and is what the commits make of the state where it is kept', () => {
    const [drafting, reading] = [begun(), begun()];
    const told = new Set<string>();
    for (const [index, events] of lived().entries()) {
      const n = index + 1;
      for (const { type } of events) told.add(type);
      // What is missing is there from the first draft on.
      draft(drafting, n, events);
      drafting.dropDraft();
      const before = held(drafting);
      draft(drafting, n, events);
      drafting.dropDraft();
      expect(held(drafting)).toEqual(before);

      draft(drafting, n, events);
      drafting.keepDraft({ ...drafting.head, n, sha: `${n}` });
      reading.take(n, `${index}`, `${n}`, events);
      expect(drafting.dump()).toEqual(reading.dump());
    }
    expect([...told].sort()).toEqual(
      expect.arrayContaining(['actions_changed', 'agent_deleted', 'contact_deleted', 'run_ended']),
    );
  });
});
