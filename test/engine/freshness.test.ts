import { describe, expect, it } from 'vitest';
import { dossierScreen } from '../../src/commands/review/screen.ts';
import { dossierOf } from '../../src/engine/review/dossier.ts';
import { approvalQuestion } from '../../src/engine/review/questions.ts';
import { aRun, DAY, Desk, EMAIL, NOTE } from '../support/desk.ts';

describe('an action that waits', () => {
  it('shows what moved since it was proposed, and its digest moves with that', async () => {
    const { desk, run_id } = await aRun();
    const { digest, ...before } = await desk.row(run_id);
    expect(before).not.toHaveProperty('changed_since');
    await desk.contact({ plan: 'pro', email: 'new@example.com', do_not_contact: true });
    const at = desk.iso();
    const row = await desk.row(run_id);
    expect(row.changed_since).toEqual([
      { what: 'do_not_contact', before: false, after: true, at },
      { what: 'email', before: 'ann@example.com', after: 'new@example.com', at },
      { what: 'plan', before: 'trial', after: 'pro', at },
    ]);
    expect(row.digest).not.toBe(digest);
    const { run } = await desk.call('get_run', { run_id });
    expect(run.contact_results[0].proposed_actions[0]).toMatchObject({
      changed_since: row.changed_since,
      digest: row.digest,
    });
  });

  it('does not show what moved and moved back, and has its digest of before again', async () => {
    const { desk, run_id } = await aRun();
    const { digest } = await desk.row(run_id);
    await desk.contact({ plan: 'pro' });
    await desk.contact({ plan: 'trial' });
    expect(await desk.row(run_id)).toMatchObject({ digest });
    expect(await desk.moved(run_id)).toEqual([]);
  });

  it('does not move by time alone', async () => {
    const { desk, run_id } = await aRun({
      playbook: {
        rules: [
          {
            name: 'quiet',
            when: { events: [{ match: { name: 'Later' }, within: '1h', at_most: 0 }] },
            propose: [NOTE],
          },
        ],
      },
    });
    const { digest } = await desk.row(run_id);
    desk.clock += 5 * DAY;
    expect(await desk.row(run_id)).toMatchObject({ digest });
  });

  it.each([
    ['Email Replied', ['replied']],
    ['emailsReplied', ['replied']],
    ['Unsubscribed', ['do_not_email', 'unsubscribed']],
    ['hard_bounce', ['bounced', 'contact.bounced']],
    ['Email Marked as Spam', ['complained', 'do_not_email']],
    ['Calendly Invitee Created', ['booked']],
    ['invitee.created', ['booked']],
  ])('shows an answer of the contact, and the flag that it sets: %s', async (name, what) => {
    const { desk, run_id } = await aRun();
    await desk.heard(name);
    expect(await desk.moved(run_id)).toEqual(what);
  });

  it.each(['Pricing Viewed', 'auto_replied', 'Email Opened'])('shows no other event: %s', async (name) => {
    const { desk, run_id } = await aRun();
    await desk.heard(name);
    expect(await desk.moved(run_id)).toEqual([]);
  });

  it('shows an answer that became known since, if it is dated at most seven days before', async () => {
    const desk = new Desk();
    await desk.contact();
    await desk.heard('Replied', -2 * DAY, { messageId: 'known' });
    const run_id = await desk.run(await desk.agent());
    expect(await desk.moved(run_id)).toEqual([]);
    await desk.heard('Replied', -8 * DAY, { messageId: 'old' });
    expect(await desk.moved(run_id)).toEqual([]);
    await desk.heard('Replied', -3 * DAY, { messageId: 'late' });
    expect(await desk.moved(run_id)).toEqual(['replied']);
  });

  it('shows a message that another run sent meanwhile, and none that its own run sent', async () => {
    const desk = new Desk();
    await desk.contact();
    const two = [EMAIL, { type: 'email_message', params: { subject: 'Second', message: 'Hi' } }];
    const own = await desk.run(await desk.agent({}, two));
    await desk.approveNow(own);
    expect(await desk.moved(own)).toEqual([]);
    const other = await desk.run(await desk.agent({}, [{ ...EMAIL, params: { subject: 'Other', message: 'Hi' } }]));
    expect(await desk.moved(other)).toEqual([]);
    await desk.approveNow(other);
    expect((await desk.row(own)).changed_since).toMatchObject([
      { what: 'message sent', after: `email_message of run ${other}: Other` },
    ]);
  });

  it('shows a message that went to another contact with its address meanwhile, and no older or other one', async () => {
    const desk = new Desk();
    await desk.contact();
    const contacts = [
      { id: 'bea', email: 'Ann@Example.com' },
      { id: 'cid', email: 'cid@example.com' },
    ];
    await desk.call('import_contacts', { contacts });
    const send = async (subject: string, contact_id: string) => {
      const propose = [{ type: 'email_message', params: { subject, message: 'Hi' } }];
      const run_id = await desk.run(await desk.agent({}, propose), [contact_id]);
      const { digest: expected_digest } = await desk.row(run_id);
      const { action } = await desk.call('approve_action', { run_id, contact_id, action_index: 0, expected_digest });
      expect(action.status).toBe('executed');
      return run_id;
    };
    await send('Before', 'bea');
    const own = await desk.run(await desk.agent());
    await send('Elsewhere', 'cid');
    expect(await desk.moved(own)).toEqual([]);
    const { digest } = await desk.row(own);
    const other = await send('Meanwhile', 'bea');
    expect((await desk.row(own)).changed_since).toMatchObject([
      { what: 'message sent', after: `email_message of run ${other}: Meanwhile` },
    ]);
    await expect(desk.approve(own, digest)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('shows an answer that is filed with another contact of its address, and none that was known', async () => {
    const desk = new Desk();
    await desk.contact();
    await desk.call('import_contacts', { contacts: [{ id: 'bea', email: 'Ann@Example.com' }] });
    const answer = (name: string) =>
      desk.call('import_contacts', {
        events: [{ contact_id: 'bea', type: 'track', name, timestamp: new Date(desk.clock).toISOString() }],
      });
    await answer('Meeting Booked');
    const own = await desk.run(await desk.agent());
    expect(await desk.moved(own)).toEqual([]);
    await answer('Replied');
    expect((await desk.row(own)).changed_since).toMatchObject([{ what: 'replied' }]);
  });

  it('shows that its rule no longer holds, and nothing of what its own run did', async () => {
    const update = { type: 'crm_update', params: { fields: { plan: 'lead' } } };
    const rules = [{ name: 'trials', when: { contact: { plan: 'trial' } }, propose: [update, NOTE] }];
    const { desk, run_id } = await aRun({ playbook: { rules } });
    const [first] = await desk.rows(run_id);
    await desk.approve(run_id, first?.digest ?? '', 0);
    expect(await desk.call('get_contact', { contact_id: 'ann' })).toMatchObject({ contact: { plan: 'lead' } });
    expect(await desk.moved(run_id)).toEqual([]);
    await desk.contact({ plan: 'pro' });
    expect((await desk.row(run_id)).changed_since).toMatchObject([
      { what: 'plan', before: 'trial', after: 'pro' },
      { what: 'rule no longer holds', before: 'trials' },
    ]);
  });

  it('keeps a rule whose window began at the evaluation, and loses it by an event of since', async () => {
    const desk = new Desk();
    await desk.contact();
    await desk.heard('Visit', -30 * 60_000);
    const when = {
      events: [
        { match: { name: 'Visit' }, within: '1h' },
        { match: { name: 'Purchase' }, within: '7d', at_most: 0 },
      ],
    };
    const run_id = await desk.run(
      await desk.agent({ playbook: { rules: [{ name: 'visited', when, propose: [NOTE] }] } }),
    );
    desk.clock += DAY;
    expect(await desk.moved(run_id)).toEqual([]);
    await desk.heard('Purchase');
    expect(await desk.moved(run_id)).toEqual(['rule no longer holds']);
  });
});

describe('a yes', () => {
  it('given before the reply came is a CONFLICT that shows the row again with the reply', async () => {
    const { desk, run_id } = await aRun();
    const { digest } = await desk.row(run_id);
    await desk.heard('Replied', 0, { properties: { subject: 'Re: Hello' } });
    await expect(desk.approve(run_id, digest)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('the contact replied: "Re: Hello"'),
      details: { action: { changed_since: [{ what: 'replied', after: 'Re: Hello' }] } },
    });
    expect((await desk.approveNow(run_id)).action.status).toBe('executed');
  });

  it('to many rows skips those that changed', async () => {
    const desk = new Desk();
    const people = ['ann', 'bob'].map((id) => ({ id, email: `${id}@example.com`, firstname: id }));
    await desk.call('import_contacts', { contacts: people });
    await desk.run(await desk.agent({}, [NOTE]), ['ann', 'bob']);
    const { review_token } = await desk.call('list_pending_actions', { detail: 'brief' });
    await desk.heard('Replied');
    expect(await desk.call('review_actions', { decision: 'approve', review_token })).toMatchObject({
      decided: 1,
      skipped: [{ contact_id: 'ann', reason: expect.stringContaining('the contact replied') }],
    });
  });
});

describe('a person who decides', () => {
  it('reads in a form and in the terminal what happened since the text was written', async () => {
    const { desk, run_id } = await aRun({}, [NOTE]);
    await desk.heard('Replied', 0, { properties: { subject: 'Re: Hello' } });
    await desk.contact({ plan: 'pro', seats: 4 });
    const { house } = desk.on;
    const ref = { run_id, contact_id: 'ann', action_index: 0 };
    const form = await approvalQuestion(house, { ...ref, expected_digest: (await desk.row(run_id)).digest });
    expect(form.message).toContain('although something changed since');
    expect(form.text).toContain(
      '▸ Since this was written:\n  plan changed from "trial" to "pro"\n  the contact replied: "Re: Hello"\n',
    );
    const screen = dossierScreen(await dossierOf(house, ref), '1 of 1', 100, (_style, text) => text);
    for (const line of ['Since this was written', 'plan changed from "trial" to "pro"', 'the contact replied', 'seats'])
      expect(screen).toContain(line);
  });
});
