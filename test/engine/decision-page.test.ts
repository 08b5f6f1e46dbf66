import { describe, expect, it } from 'vitest';
import { type DecisionDraft, type DecisionEntry, nextChunk } from '../../src/domain/decisions/decision.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { House } from '../../src/engine/base/house.ts';
import { decisionChoices, decisionPage } from '../../src/engine/history/decision-page.ts';
import { Desk } from '../support/desk.ts';

/** How many entries a document of the log holds. */
const CHUNK = nextChunk(0);

/** A house whose decision log has so many entries of an agent; it counts what is read. */
async function aLongLog(entries: number) {
  const desk = new Desk();
  await desk.contact();
  const agent_id = await desk.agent();
  const read: string[] = [];
  const made: DecisionEntry[] = [];
  for (let n = 0; n < entries; n++) {
    const draft: DecisionDraft = {
      at: desk.iso(-(entries - n) * 60_000),
      ...{ decision: n % 4 === 0 ? 'rejected' : 'approved', by: 'maya', via: 'human' },
      ...{ agent_id: n % 2 === 0 ? agent_id : 'ag_other', run_id: `run_${n}`, action_index: 0, type: 'note' },
    };
    // Nobody verifies the chain here.
    made.push({ seq: n + 1, ...draft, prev: '', hash: '' });
  }
  const { house } = desk.on;
  const within = (view: View): View => ({
    ...view,
    decisionHead: () => ({ seq: entries, hash: '' }),
    decisions(chunk) {
      read.push(chunk);
      return made.slice(Number(chunk) - 1, Number(chunk) - 1 + CHUNK);
    },
  });
  const long: House = {
    ...house,
    whole: house,
    read: (look) => house.read((view, moment) => look(within(view), moment)),
  };
  return { house: long, agent_id, documents: () => new Set(read).size };
}

const seqs = ({ decisions }: { decisions: { seq: number }[] }) => decisions.map(({ seq }) => seq);

describe('a long decision log', () => {
  it('is read no further than a page of it needs, over the edges of its documents', async () => {
    const { house, documents } = await aLongLog(5 * CHUNK + 3);
    const first = await decisionPage(house, { limit: 5, offset: 0 });
    expect(seqs(first)).toEqual([5003, 5002, 5001, 5000, 4999]);
    expect(first).toMatchObject({ total: 5003, has_next: true });
    expect(documents()).toBe(2);
    expect(seqs(await decisionPage(house, { limit: 2, offset: 5_001 }))).toEqual([2, 1]);
    expect((await decisionPage(house, { limit: 2, offset: 5_001 })).has_next).toBe(false);
    expect(seqs(await decisionPage(house, { limit: 200, offset: 5_003 }))).toEqual([]);
  });

  it('is looked through within bounds where entries are left out, and says so', async () => {
    const { house, agent_id, documents } = await aLongLog(120 * CHUNK);
    const page = await decisionPage(house, { agent_id, limit: 2, offset: 0 });
    expect(seqs(page)).toEqual([119_999, 119_997]);
    expect(page).toMatchObject({ total: 50_000, total_is: 'at_least', has_next: true });
    expect(documents()).toBe(100);
  });

  it('is narrowed to those of one kind, and the choices are those of its newest documents', async () => {
    const { house, agent_id, documents } = await aLongLog(5 * CHUNK + 3);
    expect(await decisionChoices(house)).toEqual({
      agents: [{ value: agent_id, name: expect.any(String) }],
      people: [{ value: 'maya', name: 'maya' }],
      kinds: ['approved', 'rejected'].map((value) => ({ value, name: value })),
    });
    expect(documents()).toBe(2);
    const page = await decisionPage(house, { decision: 'rejected', limit: 2, offset: 0 });
    expect(seqs(page)).toEqual([5001, 4997]);
    expect((await decisionPage(house, { decision: 'rejected', by: 'kim', limit: 2, offset: 0 })).total).toBe(0);
  });
});
