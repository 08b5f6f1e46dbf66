import { describe, expect, it } from 'vitest';
import { watchForOutage } from '../../src/engine/runs/outage.ts';

const MINUTE = 60_000;
const nobody = { contactId: 'c', error: { code: 'PROVIDER_ERROR', message: 'no answer in time.' }, isOutage: true };
const answered = { contactId: 'c', evaluation: { reasoning: 'r', proposed_actions: [] } };

/** A watch with a clock of its own. */
function aWatch() {
  let time = Date.parse('2026-03-02T09:30:00Z');
  const look = watchForOutage(() => new Date(time));
  return {
    after(ms: number, thought: Parameters<typeof look>[0]) {
      time += ms;
      return look(thought);
    },
  };
}

describe('an outage', () => {
  it('is told after 20 contacts in a row without an answer, not after 19 and one with', () => {
    const watch = aWatch();
    for (let i = 0; i < 19; i++) expect(watch.after(1, nobody)).toBeUndefined();
    expect(watch.after(1, answered)).toBeUndefined();
    for (let i = 0; i < 19; i++) expect(watch.after(1, nobody)).toBeUndefined();
    expect(watch.after(1, nobody)).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('no answer in time'),
    });
  });

  it('is told after three minutes of nothing else', () => {
    const watch = aWatch();
    expect(watch.after(2 * MINUTE, nobody)).toBeUndefined();
    expect(watch.after(2 * MINUTE, nobody)).toBeUndefined();
    expect(watch.after(1, nobody)).toBeDefined();
  });

  it("isn't told by contacts whose own answers were unusable", () => {
    const watch = aWatch();
    for (let i = 0; i < 50; i++) expect(watch.after(MINUTE, { ...nobody, isOutage: false })).toBeUndefined();
  });
});
