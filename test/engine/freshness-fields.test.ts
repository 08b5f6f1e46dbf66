import { describe, expect, it } from 'vitest';
import { aRun, Desk, NOTE } from '../support/desk.ts';

describe('an export that moves a time in every row', () => {
  const COUNT = 300;

  it('leaves the whole queue as it was: each row says so aside, and every yes holds', async () => {
    const desk = new Desk();
    const rows = (at: string, seats: number) =>
      Array.from({ length: COUNT }, (_, n) => ({
        id: `c${n}`,
        firstname: `P${n}`,
        last_activity: at,
        seats: seats + n,
      }));
    await desk.call('import_contacts', { contacts: rows('2026-03-01', 3) });
    const agent_id = await desk.agent({ monitoring: { max_contacts_per_run: COUNT } }, [NOTE]);
    await desk.call('trigger_agent', { agent_id, wait_seconds: 30 });
    const tokens: string[] = [];
    for (let offset = 0; offset < COUNT; ) {
      const page = await desk.call('list_pending_actions', { detail: 'brief', limit: 1_000, offset });
      tokens.push(page.review_token);
      offset += page.actions.length;
    }
    await desk.call('import_contacts', { contacts: rows('2026-03-02 08:15', 4) });
    const { actions } = await desk.call('list_pending_actions', { limit: 5 });
    for (const action of actions) {
      expect(action).not.toHaveProperty('changed_since');
      expect(action.also_changed).toMatchObject([
        { what: 'last_activity', before: '2026-03-01', after: '2026-03-02 08:15' },
        { what: 'seats' },
      ]);
    }
    let decided = 0;
    for (const review_token of tokens) {
      const outcome = await desk.call('review_actions', { decision: 'approve', review_token });
      expect(outcome).toMatchObject({ skipped: [] });
      decided += outcome.decided;
    }
    expect(decided).toBe(COUNT);
  });

  it.each([
    ['12 days ago', '13 days ago'],
    ['vor 3 Tagen', 'gestern'],
    ['il y a 2 semaines', 'il y a un jour'],
    ['3 d', '4 d'],
    ['2. März 2026 um 9:30 Uhr', '3. April 2026'],
  ])('leaves them too where it is written in words: %s, then %s', async (before, after) => {
    const desk = new Desk();
    await desk.contact({ letzter_kontakt: before });
    const run_id = await desk.run(await desk.agent());
    const { digest } = await desk.row(run_id);
    await desk.contact({ letzter_kontakt: after });
    const row = await desk.row(run_id);
    expect(row).toMatchObject({ digest, also_changed: [{ what: 'letzter_kontakt', before, after }] });
    expect(row).not.toHaveProperty('changed_since');
  });

  it('does not leave them where a text takes the place of a time, or the other way round', async () => {
    const desk = new Desk();
    await desk.contact({ letzter_kontakt: 'vor 3 Tagen' });
    const run_id = await desk.run(await desk.agent());
    await desk.contact({ letzter_kontakt: 'hat gekündigt' });
    expect(await desk.moved(run_id)).toEqual(['letzter_kontakt']);
  });

  it.each([
    ['its filter', { monitoring: { filter: { seats: { $gte: 1 } } } }, NOTE],
    [
      'its playbook',
      { playbook: { playbook_md: 'Mind the last activity.', rules: [{ name: 'all', propose: [NOTE] }] } },
      NOTE,
    ],
    ['the text', {}, { type: 'note', params: { body: 'You were here on {{ contact.last_activity }}' } }],
    ['the text, by its value', {}, { type: 'note', params: { body: 'Seen on 2026-03-01' } }],
  ])('matters where %s speaks of it', async (_, more, propose) => {
    const desk = new Desk();
    await desk.contact({ last_activity: '2026-03-01', seats: 3 });
    const run_id = await desk.run(await desk.agent(more, [propose]));
    await desk.contact({ last_activity: '2026-03-02', seats: 4 });
    expect(await desk.moved(run_id)).toHaveLength(1);
  });
});

describe('a result of a run', () => {
  it('shows the contact as the evaluation saw it, on which commit, and what differs by now', async () => {
    const { desk, run_id } = await aRun();
    const first = (await desk.call('get_run', { run_id })).run.contact_results[0];
    expect(first).toMatchObject({ as_of: expect.any(Number), contact: { id: 'ann', firstname: 'Ann' } });
    expect(first).not.toHaveProperty('contact_now');
    expect(first).not.toHaveProperty('seen');
    await desk.contact({ firstname: 'Anna', plan: 'pro', city: 'Rome' });
    const second = (await desk.call('get_run', { run_id })).run.contact_results[0];
    expect(second).toMatchObject({
      as_of: first.as_of,
      contact: { id: 'ann', firstname: 'Ann', email: 'ann@example.com', plan: 'trial' },
      contact_now: { firstname: 'Anna', plan: 'pro', city: 'Rome' },
    });
  });
});

describe('a contact with very many columns', () => {
  it('is compared all the same, though its result keeps only some of them', async () => {
    const desk = new Desk();
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`column_${n}`, `value ${n} of it`]));
    await desk.contact({ ...wide, balance: 7 });
    const run_id = await desk.run(await desk.agent({}, [NOTE]));
    const { seen } = await desk.on.house.read((view) => {
      const result = view.results(run_id).results.get('ann');
      if (!result) throw new Error('there is no result');
      return result;
    });
    expect(JSON.stringify(seen).length).toBeLessThan(16_000);
    await desk.contact({ column_999: 'another', balance: 8 });
    expect(await desk.moved(run_id)).toEqual(['other fields']);
    await desk.contact({ column_999: 'value 999 of it', balance: 9, plan: 'pro' });
    expect(await desk.moved(run_id)).toEqual(['plan']);
  });
});
