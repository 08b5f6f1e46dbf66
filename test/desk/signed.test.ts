import { describe, expect, it } from 'vitest';
import { challengeOf } from '../../src/domain/decisions/signed-proof.ts';
import { softPasskey } from '../support/authenticator.ts';
import { refOf, type ShownRow, sent } from '../support/desk-scene.ts';
import { signingPage } from '../support/desk-signing.ts';

const approval = (rows: readonly ShownRow[], assertion: object) => ({
  decision: 'approve',
  rows: rows.map(sent),
  assertion,
});

describe('a decision that a passkey signs', () => {
  it('is signed, and the log holds all that it takes to verify it', async () => {
    const { on, page, soft, rows, prompt, answer } = await signingPage();
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
    const { on, page, rows, prompt, answer } = await signingPage();
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
    const { on, page, rows, answer } = await signingPage();
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
    const { on, page, rows, prompt, answer } = await signingPage();
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
    const { on, page, rows, prompt, answer } = await signingPage();
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
    const { on, prompt, rows } = await signingPage();
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
