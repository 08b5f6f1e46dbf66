import { describe, expect, it } from 'vitest';
import { watchForOutage } from '../../src/engine/runs/outage.ts';

const MINUTE = 60_000;
const noAnswer = { contactId: 'c', error: { code: 'PROVIDER_ERROR', message: 'no answer in time.' }, isOutage: true };
const answered = { contactId: 'c', evaluation: { reasoning: 'r', proposed_actions: [] } };

/** A watch for outages, with a clock that the test moves on. */
function aWatch() {
  let time = Date.parse('2026-03-02T09:30:00Z');
  const look = watchForOutage(() => new Date(time));
  return {
    after(ms: number, outcome: Parameters<typeof look>[0]) {
      time += ms;
      return look(outcome);
    },
  };
}

describe('a limit of work', () => {
  const limited = { contactId: 'c', error: { code: 'LIMIT_EXCEEDED', message: 'playbook.rules takes more work.' } };

  it('that 20 contacts in a row reached ends the run, and one between them that did not begins the count again', () => {
    const watch = aWatch();
    for (let i = 0; i < 19; i++) expect(watch.after(1, limited)).toBeUndefined();
    expect(watch.after(1, answered)).toBeUndefined();
    for (let i = 0; i < 19; i++) expect(watch.after(1, limited)).toBeUndefined();
    expect(watch.after(1, limited)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('playbook.rules'),
    });
  });
});

describe('an outage', () => {
  it('is reported after 20 contacts in a row without an answer, and not after 19 and then one with an answer', () => {
    const watch = aWatch();
    for (let i = 0; i < 19; i++) expect(watch.after(1, noAnswer)).toBeUndefined();
    expect(watch.after(1, answered)).toBeUndefined();
    for (let i = 0; i < 19; i++) expect(watch.after(1, noAnswer)).toBeUndefined();
    expect(watch.after(1, noAnswer)).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('no answer in time'),
    });
  });

  it('is reported after three minutes in which no contact got an answer', () => {
    const watch = aWatch();
    expect(watch.after(2 * MINUTE, noAnswer)).toBeUndefined();
    expect(watch.after(2 * MINUTE, noAnswer)).toBeUndefined();
    expect(watch.after(1, noAnswer)).toBeDefined();
  });

  it("isn't reported where the model answered, but the answers were unusable", () => {
    const watch = aWatch();
    for (let i = 0; i < 50; i++) expect(watch.after(MINUTE, { ...noAnswer, isOutage: false })).toBeUndefined();
  });
});
