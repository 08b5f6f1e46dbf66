import { describe, expect, it } from 'vitest';
import { deskScene, sent } from '../support/desk-scene.ts';
import { enrolOnPage, signingPage } from '../support/desk-signing.ts';
import { aMailSink } from '../support/mail-sink.ts';

const LETTER = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
const SAM = { name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP_URL' };

describe('whoever has everything signed that leaves the machine', () => {
  it('can’t approve it by a click', async () => {
    const on = await deskScene({}, { COUNTERSIGN_SMTP_URL: 'smtp://127.0.0.1:1' });
    const { identity } = await on.call('save_identity', SAM);
    await on.propose(['ann'], [LETTER], { identity_id: identity.id });
    const page = await on.open();
    await enrolOnPage(on, page, { demand_signed: true });
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    expect(row).toMatchObject({ needs: 'signed' });
    const short = await page.post('/desk/decide', { decision: 'approve', rows: [sent(row)] });
    expect(short).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN', details: { needed: 'signed' } } } });
    // Its nonce was used up by that, although the row waits still.
    expect((await page.post('/desk/decide', { decision: 'approve', rows: [sent(row)] })).status).toBe(409);
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('sends no test mail by a click', async () => {
    const mail = await aMailSink();
    const on = await deskScene({}, { COUNTERSIGN_SMTP_URL: mail.url() });
    const { identity } = await on.call('save_identity', SAM);
    const page = await on.open();
    await enrolOnPage(on, page, { demand_signed: true });
    const told = await page.post('/desk/settings/test-mail', { identity_id: identity.id });
    expect(told).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN' } } });
    expect(mail.mails).toEqual([]);
  });

  it('is asked for a signature to end that, and to remove the passkey', async () => {
    const { page, soft, answer } = await signingPage({ demand_signed: true });
    expect((await page.get('/desk/me')).json).toMatchObject({ signing: true, passkeys: [{ name: 'My key' }] });
    expect((await page.post('/desk/signing', { on: false })).status).toBe(403);
    expect((await page.post('/desk/passkeys/remove', { id: soft.id })).status).toBe(403);
    const off = (await page.post('/desk/prompt', { decision: 'signing_off' })).json;
    const wrong = (await page.post('/desk/prompt', { decision: 'remove_passkey', id: soft.id })).json;
    expect((await page.post('/desk/signing', { on: false, assertion: answer(wrong.challenge) })).status).toBe(403);
    const done = await page.post('/desk/signing', { on: false, assertion: answer(off.challenge) });
    expect(done.json).toMatchObject({ signing: false });
    const removal = (await page.post('/desk/prompt', { decision: 'remove_passkey', id: soft.id })).json;
    const gone = await page.post('/desk/passkeys/remove', { id: soft.id, assertion: answer(removal.challenge) });
    expect(gone.json).toMatchObject({ passkeys: [] });
  });

  it('allows a change that waits by a signature, and by no click', async () => {
    const { on, page, answer } = await signingPage({ demand_signed: true });
    const id = await on.propose([], [LETTER]);
    const approval = { auto_approve: ['email_message'] };
    await on.call('update_agent', { agent_id: id, changes: { approval } }).catch(() => undefined);
    const change = async () => (await page.get('/desk/queue')).json.changes[0];
    const granted = async () => (await on.call('get_agent', { agent_id: id })).agent.approval.unasked;
    const { change_id, binding, nonce, needs } = await change();
    expect(needs).toBe('signed');
    const clicked = await page.post('/desk/change', { change_id, binding, nonce, decision: 'approve' });
    expect(clicked).toMatchObject({ status: 403, json: { error: { details: { needed: 'signed' } } } });
    const { challenge } = (await page.post('/desk/prompt', { change_id })).json;
    const again = { change_id, binding, nonce: (await change()).nonce };
    const done = await page.post('/desk/change', { ...again, decision: 'approve', assertion: answer(challenge) });
    expect(done.status).toBe(200);
    expect(await granted()).toMatchObject({ granted: true, granted_via: 'signed' });
  });

  it('takes the brake off by a signature, and by no click; what was approved without one comes back', async () => {
    const mail = await aMailSink();
    const on = await deskScene({}, { COUNTERSIGN_SMTP_URL: mail.url() });
    const { identity } = await on.call('save_identity', SAM);
    await on.propose(['ann'], [LETTER], { identity_id: identity.id });
    const page = await on.open();
    await page.post('/desk/brake', { on: true });
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    // While the brake is on, what is approved waits.
    expect((await page.post('/desk/decide', { decision: 'approve', rows: [sent(row)] })).status).toBe(200);
    const soft = await enrolOnPage(on, page, { demand_signed: true });
    const off = async (decision?: string) => {
      const { nonce } = (await page.get('/desk/brake')).json;
      const { challenge } = decision ? (await page.post('/desk/prompt', { decision })).json : {};
      const assertion = challenge && soft.get({ challenge }, { origin: on.url });
      return page.post('/desk/brake', { on: false, nonce, ...(assertion ? { assertion } : {}) });
    };
    const clicked = await off();
    expect(clicked).toMatchObject({ status: 403, json: { error: { details: { needed: 'signed', given: 'human' } } } });
    expect(clicked.json.error.message).toContain('countersign resume');
    expect((await off('signing_off')).status).toBe(403);
    expect((await page.get('/desk/brake')).json.brake.on).toBe(true);
    expect((await off('resume')).json).toMatchObject({ brake: { on: false } });
    await expect.poll(async () => (await on.action(row)).status).toBe('pending_approval');
    expect(mail.mails).toEqual([]);
    expect((await page.get('/desk/log')).json.decisions).toContainEqual(
      expect.objectContaining({ decision: 'resumed', via: 'signed' }),
    );
    expect((await on.house.store.audit()).faults).toEqual([]);
  });

  it('lifts no objection by a click', async () => {
    const { on, page } = await signingPage({ demand_signed: true });
    await on.call('import_contacts', { contacts: [{ id: 'ann', do_not_email: true }] });
    const { nonce } = (await page.get('/desk/consent?address=ann@example.com')).json;
    const clicked = await page.post('/desk/consent', { address: 'ann@example.com', nonce });
    expect(clicked).toMatchObject({ status: 403, json: { error: { details: { needed: 'signed' } } } });
    expect(clicked.json.error.message).toContain('countersign consent');
    expect((await page.get('/desk/contact?id=ann')).json.contact.do_not_email).toBe(true);
  });

  it('puts the brake on by a click all the same', async () => {
    const { page } = await signingPage({ demand_signed: true });
    expect((await page.post('/desk/brake', { on: true })).json.brake.on).toBe(true);
  });
});
