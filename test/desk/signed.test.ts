import { describe, expect, it } from 'vitest';
import { challengeOf } from '../../src/domain/decisions/signed-proof.ts';
import { removePasskey } from '../../src/engine/passkeys/enrol.ts';
import { type Quirks, type SoftPasskey, softPasskey } from '../support/authenticator.ts';
import { type DeskScene, deskScene, refOf, type ShownRow, sent } from '../support/desk-scene.ts';
import type { DeskPage } from '../support/desk-server.ts';
import { aMailSink } from '../support/mail-sink.ts';

/** Makes a person's first passkey as the page does. */
async function enrol(on: DeskScene, page: DeskPage, { demand_signed = false } = {}): Promise<SoftPasskey> {
  const soft = softPasskey();
  const { json } = await page.post('/desk/passkeys/options', { name: 'My key' });
  const response = soft.create(json, { origin: on.url });
  const added = await page.post('/desk/passkeys', { name: 'My key', response, demand_signed });
  expect([added.status, added.json]).toMatchObject([200, { passkeys: [{ name: 'My key', by_button: true }] }]);
  return soft;
}

/** What waits, a page that was shown it, and a passkey of whoever looks at it. */
async function signing(more: { demand_signed?: boolean; people?: string[] } = {}) {
  const on = await deskScene();
  await on.propose(more.people ?? ['ann', 'ben']);
  const page = await on.open();
  const soft = await enrol(on, page, more);
  const rows = await on.rows(page);
  const asked = ({ nonce: _nonce, ...row }: ReturnType<typeof sent> & { params?: object }) => row;
  const prompt = (decision: string, list: readonly (ReturnType<typeof sent> & { params?: object })[]) =>
    page.post('/desk/prompt', { decision, rows: list.map(asked) });
  const answer = (challenge: string, quirks: Quirks = {}) => soft.get({ challenge }, { origin: on.url, ...quirks });
  return { on, page, soft, rows, prompt, answer };
}

const approval = (rows: readonly ShownRow[], assertion: object) => ({
  decision: 'approve',
  rows: rows.map(sent),
  assertion,
});

describe('a decision that a passkey signs', () => {
  it('is signed, and the log holds all that it takes to verify it', async () => {
    const { on, page, soft, rows, prompt, answer } = await signing();
    const { status, json } = await prompt('approve', rows.map(sent));
    expect([status, json.says]).toEqual([200, 'Sign: approve 2 notes']);
    const { decision, digests, nonce, challenge, options } = json;
    expect(challenge).toBe(challengeOf({ decision, digests, nonce }));
    expect(digests).toEqual(rows.map((row) => row.digest));
    expect(options).toMatchObject({
      challenge,
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: [{ id: soft.id }],
    });
    const done = await page.post('/desk/decide', approval(rows, answer(challenge)));
    expect(done.json).toMatchObject({ decided: 2, skipped: [] });
    const [row] = rows;
    if (!row) throw new Error('nothing waited');
    expect(await on.action(row)).toMatchObject({ status: 'executed', decided_via: 'signed' });
    const audit = await on.house.store.audit();
    expect(audit.faults).toEqual([]);
    const entries = [];
    for await (const entry of audit.entries()) if (entry.decision === 'approved') entries.push(entry);
    expect(entries).toMatchObject([
      { via: 'signed', proof: { decision, digests, nonce, publicKey: soft.publicKey, signature: expect.any(String) } },
      { via: 'signed' },
    ]);
  });

  it('signs an edit by the digest of the edit', async () => {
    const { on, page, rows, prompt, answer } = await signing();
    const [row] = rows;
    if (!row) throw new Error('nothing waits');
    const params = { body: 'Write to Ann' };
    const { json: edit } = await page.post('/desk/edit', { ref: refOf(row), params });
    const edited = { ...refOf(row), digest: edit.digest, nonce: edit.nonce, params };
    const { json } = await prompt('approve', [edited]);
    expect(json.digests).toEqual([edit.digest]);
    const body = { decision: 'approve', rows: [edited], assertion: answer(json.challenge) };
    expect((await page.post('/desk/decide', body)).json.decided).toBe(1);
    expect(await on.action(row)).toMatchObject({ edited_params: params, decided_via: 'signed' });
  });

  it('takes the rows as they go to /desk/decide, asks for a yes unless told otherwise, and signs an edit by its own digest', async () => {
    const { on, page, rows, answer } = await signing();
    const [row, other] = rows;
    if (!row || !other) throw new Error('two wait');
    const params = { body: 'Write to Ann' };
    const decided = [{ ...sent(row), params }, sent(other)];
    const { status, json } = await page.post('/desk/prompt', { rows: decided });
    expect([status, json.decision, json.says]).toEqual([200, 'approve', 'Sign: approve 2 notes']);
    const { json: edit } = await page.post('/desk/edit', { ref: refOf(row), params });
    expect(json.digests).toEqual([edit.digest, other.digest]);
    const body = { decision: 'approve', rows: decided, assertion: answer(json.challenge) };
    expect((await page.post('/desk/decide', body)).json).toMatchObject({ decided: 2, skipped: [] });
    expect(await on.action(row)).toMatchObject({ edited_params: params, decided_via: 'signed' });
    expect((await on.house.store.audit()).faults).toEqual([]);
  });

  it('may be a click where that is enough, but a bad signature is never one', async () => {
    const { on, page, rows, prompt, answer } = await signing();
    const [ann, ben] = rows;
    if (!ann || !ben) throw new Error('two should wait');
    const refused = async (what: string, list: ShownRow[], assertion: object, decision = 'approve') => {
      const { status, json } = await page.post('/desk/decide', { decision, rows: list.map(sent), assertion });
      expect([what, status, json.error?.code]).toEqual([what, 403, 'FORBIDDEN']);
    };
    const challenge = async (...list: ShownRow[]) => (await prompt('approve', list.map(sent))).json.challenge;
    await refused('more rows than signed', [ann, ben], answer(await challenge(ann)));
    await refused('fewer rows than signed', [ann], answer(await challenge(ann, ben)));
    await refused('other rows than signed', [ben], answer(await challenge(ann)));
    await refused('another order', [ben, ann], answer(await challenge(ann, ben)));
    await refused('another decision', [ann], answer(await challenge(ann)), 'reject');
    await refused('another origin', [ann], answer(await challenge(ann), { origin: 'http://localhost:1' }));
    await refused('another site', [ann], answer(await challenge(ann), { rpId: 'evil.example' }));
    await refused('nobody verified', [ann], answer(await challenge(ann), { flags: 0x01 }));
    await refused('inside of another page', [ann], answer(await challenge(ann), { crossOrigin: true }));
    await refused('another passkey', [ann], softPasskey().get({ challenge: await challenge(ann) }, { origin: on.url }));
    await refused('a prompt that nobody asked for', [ann], answer('a'.repeat(43)));
    await refused('nothing', [ann], {});
    const [good, other] = [answer(await challenge(ann)), answer(await challenge(ann))];
    const { signature } = other.response;
    await refused('another signature', [ann], { ...good, response: { ...good.response, signature } });
    await refused('the same prompt again', [ann], good);
    expect((await on.action(ann)).status).toBe('pending_approval');
    expect((await page.post('/desk/decide', { decision: 'approve', rows: [sent(ann)] })).json.decided).toBe(1);
    expect((await on.action(ann)).decided_via).toBe('human');
  });

  it('takes its prompt once, from the page that asked, for ten minutes', async () => {
    const { on, page, rows, prompt, answer } = await signing();
    const [ann, ben] = rows;
    if (!ann || !ben) throw new Error('two should wait');
    const other = await on.open();
    const theirs = await on.rows(other);
    const asked = (await prompt('approve', [sent(ann)])).json.challenge;
    const [shown] = theirs;
    if (!shown) throw new Error('nothing waits');
    expect((await other.post('/desk/decide', approval([shown], answer(asked)))).status).toBe(403);
    expect((await page.post('/desk/decide', approval([ann], answer(asked)))).json.decided).toBe(1);
    expect((await page.post('/desk/decide', approval([ann], answer(asked)))).status).toBe(403);
    const late = (await prompt('approve', [sent(ben)])).json.challenge;
    on.clock.ahead += 10 * 60_000;
    const [fresh] = await on.rows(page);
    if (!fresh) throw new Error('it should wait still');
    expect((await page.post('/desk/decide', approval([fresh], answer(late)))).status).toBe(403);
    expect((await on.action(ben)).status).toBe('pending_approval');
  });

  it('is asked for of what the page was shown alone', async () => {
    const { on, prompt, rows } = await signing();
    const [ann] = rows;
    if (!ann) throw new Error('nothing waits');
    expect((await prompt('approve', [{ ...sent(ann), digest: 'x' }])).status).toBe(409);
    expect((await prompt('approve', [{ ...sent(ann), contact_id: 'nobody' }])).status).toBe(404);
    const page = await on.open(on.token({ name: 'Kim', person: 'p_kim' }));
    const { nonce: _nonce, ...row } = sent(ann);
    const none = await page.post('/desk/prompt', { decision: 'approve', rows: [row] });
    expect(none).toMatchObject({ status: 403, json: { error: { message: expect.stringContaining('no passkey') } } });
  });
});

describe('whoever has everything signed that leaves the machine', () => {
  it('can’t approve it by a click', async () => {
    const on = await deskScene({}, { COUNTERSIGN_SMTP_URL: 'smtp://127.0.0.1:1' });
    const { identity } = await on.call('save_identity', {
      ...{ name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP_URL' },
    });
    const letter = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
    await on.propose(['ann'], [letter], { identity_id: identity.id });
    const page = await on.open();
    await enrol(on, page, { demand_signed: true });
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
    const { identity } = await on.call('save_identity', {
      ...{ name: 'Sam', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP_URL' },
    });
    const page = await on.open();
    await enrol(on, page, { demand_signed: true });
    const told = await page.post('/desk/settings/test-mail', { identity_id: identity.id });
    expect(told).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN' } } });
    expect(mail.mails).toEqual([]);
  });

  it('is asked for a signature to end that, and to remove the passkey', async () => {
    const { page, soft, answer } = await signing({ demand_signed: true });
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
});

describe('a passkey', () => {
  it('is made by the button once, and the next by one that is there', async () => {
    const { on, page, answer, soft } = await signing();
    const second = softPasskey('EdDSA');
    const { json } = await page.post('/desk/passkeys/options', {});
    expect(json.excludeCredentials).toMatchObject([{ id: soft.id }]);
    const response = second.create(json, { origin: on.url });
    const add = (more: object = {}) =>
      page.post('/desk/passkeys', { name: 'Second', response, demand_signed: false, ...more });
    expect((await add()).status).toBe(403);
    const prompt = (await page.post('/desk/prompt', { decision: 'add_passkey', response })).json;
    const added = await add({ assertion: answer(prompt.challenge) });
    expect(added.json.passkeys).toMatchObject([{ name: 'My key' }, { name: 'Second' }]);
    expect((await add()).status).toBe(409);
    expect((await page.get('/desk/passkeys')).json.passkeys).toHaveLength(2);
  });

  it('stays its person’s own for whoever drives the browser: no click removes it, and no other comes in its place', async () => {
    const { on, page, soft, answer } = await signing();
    const enrol = async (who: typeof page) => {
      const options = await who.post('/desk/passkeys/options', { name: 'Theirs' });
      if (options.status !== 200) return options;
      const response = softPasskey().create(options.json, { origin: on.url });
      return who.post('/desk/passkeys', { name: 'Theirs', response, demand_signed: false });
    };
    const clicked = await page.post('/desk/passkeys/remove', { id: soft.id });
    expect(clicked).toMatchObject({ status: 403, json: { error: { details: { needed: 'signed' } } } });
    expect((await enrol(page)).status).toBe(403);
    const { challenge } = (await page.post('/desk/prompt', { decision: 'remove_passkey', id: soft.id })).json;
    await page.post('/desk/passkeys/remove', { id: soft.id, assertion: answer(challenge) });
    expect((await page.get('/desk/me')).json).toMatchObject({ passkeys: [], may_enrol: false });
    expect((await enrol(page)).status).toBe(403);
  });

  it('by the command’s page is made while the person who typed it is there, and once', async () => {
    const on = await deskScene();
    const [page, late] = [await on.open(undefined, 'passkey'), await on.open(undefined, 'passkey')];
    const soft = softPasskey();
    const add = async (who: typeof page, made = soft) => {
      const options = await who.post('/desk/passkeys/options', { name: 'Mine' });
      if (options.status !== 200) return options;
      const response = made.create(options.json, { origin: on.url });
      return who.post('/desk/passkeys', { name: 'Mine', response, demand_signed: false });
    };
    expect((await add(page)).json).toMatchObject({ passkeys: [{ by_button: false }] });
    expect((await add(late, softPasskey())).status).toBe(403);
    const by = { user: 'owner', client: 'countersign passkey' };
    await removePasskey(on.house, by, { id: soft.id, via: 'human' });
    on.clock.ahead += 16 * 60_000;
    expect((await add(page, softPasskey())).status).toBe(403);
    expect((await add(await on.open(), softPasskey())).status).toBe(403);
    expect((await add(await on.open(undefined, 'passkey'), softPasskey())).status).toBe(200);
  });

  it('isn’t made for another site, by another page’s answer, or without the person', async () => {
    const on = await deskScene();
    const [page, other] = [await on.open(), await on.open()];
    const { json } = await page.post('/desk/passkeys/options', { name: 'x' });
    const soft = softPasskey();
    for (const [what, who, response, status] of [
      ['another origin', page, soft.create(json, { origin: 'http://localhost:1' }), 403],
      ['another site', page, soft.create(json, { origin: on.url, rpId: 'evil.example' }), 403],
      ['nobody verified', page, soft.create(json, { origin: on.url, flags: 0x41 }), 403],
      ['another page', other, soft.create(json, { origin: on.url }), 409],
      ['nothing', page, {}, 400],
    ] as const) {
      const refused = await who.post('/desk/passkeys', { name: 'x', response, demand_signed: false });
      expect([what, refused.status]).toEqual([what, status]);
    }
    expect((await page.get('/desk/passkeys')).json).toMatchObject({ passkeys: [], may_enrol: true });
  });

  it('is its person’s own: another one of the team has none of it', async () => {
    const { on } = await signing();
    const kim = await on.open(on.token({ name: 'Kim', person: 'p_kim' }));
    expect((await kim.get('/desk/passkeys')).json).toMatchObject({ passkeys: [] });
  });
});
