import { describe, expect, it } from 'vitest';
import { expectWhole, PLAIN } from '../support/form-screens.ts';
import { accept, NOTE, tokenOf, waits, withPerson } from '../support/person.ts';
import type { Connection } from '../support/server.ts';

const LONG = 'A sentence that fills a line of a letter, as letters have them. '.repeat(30).trim();
const letter = (subject: string, message: string) => ({ type: 'email_message', params: { subject, message } });

/** The ids of contacts, each with an address. */
async function crowd(server: Connection, count: number) {
  const ids = Array.from({ length: count }, (_, index) => `c${index}`);
  await server.call('import_contacts', { contacts: ids.map((id) => ({ id, email: `${id}@example.com` })) });
  return ids;
}

describe('a bulk decision that needs more than one form', () => {
  it.each(['sdk-1', 'sdk-2-modern'] as const)(
    'shows each row whole, once, and decides by each form, %s',
    async (era) => {
      const answers = ['approve', 'reject', 'approve'];
      const { server, forms } = await withPerson(era, () => accept({ decision: answers[forms.length - 1] }));
      const ids = await crowd(server, 8);
      const { run_id } = await waits(server, { ...NOTE, params: { body: LONG } }, {}, 'rules', ids);
      const result = await server.call('review_actions', {
        decision: 'approve',
        review_token: await tokenOf(server, run_id),
      });
      expect(result).toMatchObject({ decided: 8, skipped: [] });
      expect(forms).toHaveLength(3);
      for (const [index, form] of forms.entries())
        expectWhole(PLAIN, form, ...ids.slice(index * 3, index * 3 + 3).map((id) => `contact ${id}`), LONG);
      const { run } = await server.call('get_run', { run_id });
      const statuses = run.contact_results.map(
        (each: { proposed_actions: { status: string }[] }) => each.proposed_actions[0]?.status,
      );
      expect(statuses).toEqual([
        ...Array(3).fill('executed'),
        ...Array(3).fill('rejected'),
        ...Array(2).fill('executed'),
      ]);
      await server.close();
    },
  );

  it('stops after five, or at a form that is left, and gives a token for exactly the rest', async () => {
    let last = 5;
    const { server, forms } = await withPerson('sdk-2-modern', () =>
      accept({ decision: forms.length <= last ? 'approve' : 'leave it waiting' }),
    );
    const ids = await crowd(server, 19);
    const { run_id } = await waits(server, { ...NOTE, params: { body: LONG } }, {}, 'rules', ids);
    const first = await server.call('review_actions', {
      decision: 'approve',
      review_token: await tokenOf(server, run_id),
    });
    expect(forms).toHaveLength(5);
    expect(first).toMatchObject({ decided: 15, review_token: expect.any(String) });
    expect(first.skipped.map((each: { contact_id: string }) => each.contact_id)).toEqual(ids.slice(15));
    last = 6;
    const second = await server.call('review_actions', { decision: 'approve', review_token: first.review_token });
    expect(second).toMatchObject({
      decided: 3,
      skipped: [{ contact_id: 'c18', reason: expect.stringContaining('left it waiting') }],
    });
    last = 8;
    expect(
      await server.call('review_actions', { decision: 'approve', review_token: second.review_token }),
    ).toMatchObject({ decided: 1, skipped: [] });
    await server.close();
  });

  it('leaves out what is too long for a form, which alone is refused', async () => {
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }));
    const { at, run_id } = await waits(server, letter('Long', 'x'.repeat(9000)));
    expect(await server.refusal('approve_action', await server.shown(at))).toMatchObject({
      code: 'FORBIDDEN',
      details: { ways: ['open_desk', expect.stringMatching(/countersign\.js review --home /)] },
    });
    const bulk = { decision: 'approve', review_token: await tokenOf(server, run_id) };
    const result = await server.call('review_actions', bulk);
    expect(result).toMatchObject({
      decided: 0,
      skipped: [
        { contact_id: 'p', reason: expect.stringMatching(/too long for a form.*countersign\.js review --home /) },
      ],
    });
    expect(result).not.toHaveProperty('review_token');
    expect(forms).toEqual([]);
    expect((await server.call('list_pending_actions', { run_id })).total).toBe(1);
    await server.close();
  });
});
