import { describe, expect, it } from 'vitest';
import { deskScene, EMAIL, NOTE, pathOf, refOf, sent } from '../support/desk-scene.ts';

/** One note that waits, and a page that was shown it. */
async function aNote() {
  const on = await deskScene();
  await on.propose(['ann']);
  const page = await on.open();
  const [row] = await on.rows(page);
  if (!row) throw new Error('nothing waits');
  return { on, page, row };
}

const approval = (...rows: object[]) => ({ decision: 'approve', rows });

describe('a decision at the desk', () => {
  it('is a person’s: human, by name, in the log', async () => {
    const { on, page, row } = await aNote();
    const { status, json } = await page.post('/desk/decide', approval(sent(row)));
    expect(status).toBe(200);
    expect(json).toMatchObject({ decided: 1, skipped: [], actions: [{ ...refOf(row), decided_via: 'human' }] });
    const me = (await page.get('/desk/me')).json.person.name;
    const action = await on.action(row);
    expect(action).toMatchObject({ status: 'executed', decided_via: 'human' });
    expect(action.decided_by).toMatch(new RegExp(`^${me} \\(countersign desk `));
  });

  it('takes a nonce once', async () => {
    const on = await deskScene();
    await on.propose(['ann', 'ben']);
    const page = await on.open();
    const [ann, ben] = await on.rows(page);
    if (!ann || !ben) throw new Error('two should wait');
    const mixed = await page.post('/desk/decide', approval(sent(ann), { ...sent(ben), nonce: ann.nonce }));
    expect(mixed.json).toMatchObject({
      decided: 1,
      skipped: [{ ...refOf(ben), reason: expect.stringContaining('look at it again') }],
    });
    expect((await on.action(ben)).status).toBe('pending_approval');
    const again = await page.post('/desk/decide', approval(sent(ann)));
    expect(again).toMatchObject({ status: 409, json: { error: { code: 'CONFLICT' } } });
  });

  it('takes no nonce that another page was given, of another digest, or of another row', async () => {
    const { on, page, row } = await aNote();
    const other = await on.open();
    const [seen] = await on.rows(other);
    for (const wrong of [
      { nonce: seen?.nonce },
      { nonce: '' },
      { nonce: 'a'.repeat(22) },
      { digest: 'b'.repeat(22) },
      { action_index: 1 },
      { contact_id: 'ben' },
    ]) {
      const refused = await page.post('/desk/decide', approval({ ...sent(row), ...wrong }));
      expect([wrong, refused.status]).toEqual([wrong, 409]);
    }
    expect((await on.action(row)).status).toBe('pending_approval');
    expect((await page.post('/desk/decide', approval(sent(row)))).json.decided).toBe(1);
  });

  it('takes a nonce for ten minutes', async () => {
    const { on, page, row } = await aNote();
    on.clock.ahead += 10 * 60_000;
    expect((await page.post('/desk/decide', approval(sent(row)))).status).toBe(409);
    expect((await on.action(row)).status).toBe('pending_approval');
    const [fresh] = await on.rows(page);
    if (!fresh) throw new Error('it should wait still');
    on.clock.ahead += 10 * 60_000 - 5_000;
    expect((await page.post('/desk/decide', approval(sent(fresh)))).json.decided).toBe(1);
  });

  it.each([
    ['no origin', { origin: undefined }],
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:1' }],
    ['no word of the browser', { 'sec-fetch-site': undefined }],
    ['another site’s page', { 'sec-fetch-site': 'cross-site' }],
    ['no key', { 'x-countersign-key': undefined }],
  ])('is refused with %s, and nothing is decided', async (_what, headers) => {
    const { on, page, row } = await aNote();
    const refused = await page.post('/desk/decide', approval(sent(row)), headers);
    expect([401, 403]).toContain(refused.status);
    expect((await on.action(row)).status).toBe('pending_approval');
    // The nonce wasn't used up by that.
    expect((await page.post('/desk/decide', approval(sent(row)))).json.decided).toBe(1);
  });

  it('names each row once, and nothing else', async () => {
    const { on, page, row } = await aNote();
    for (const body of [
      approval(sent(row), sent(row)),
      approval(),
      { ...approval(sent(row)), via: 'signed' },
      { decision: 'reject', rows: [{ ...sent(row), params: { body: 'x' } }] },
      { decision: 'executed', rows: [sent(row)] },
      approval({ ...sent(row), action_index: -1 }),
      '{"decision":"approve","rows":[{"__proto__":{}}]}',
    ])
      expect((await page.post('/desk/decide', body)).status).toBe(400);
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('rejects with a reason that later runs are told', async () => {
    const { on, page, row } = await aNote();
    const body = { decision: 'reject', rows: [sent(row)], reason: 'We spoke yesterday' };
    expect((await page.post('/desk/decide', body)).json.decided).toBe(1);
    expect(await on.action(row)).toMatchObject({
      status: 'rejected',
      reason: 'We spoke yesterday',
      decided_via: 'human',
    });
  });

  it('waits where the brake is on, and is made', async () => {
    const { on, page, row } = await aNote();
    await on.call('set_brake', { on: true, reason: 'Stop' });
    expect((await page.get('/desk/queue')).json.brake).toMatchObject({ on: true, reason: 'Stop' });
    expect((await page.post('/desk/decide', approval(sent(row)))).json.decided).toBe(1);
    expect((await on.action(row)).status).toBe('approved');
  });
});

describe('what somebody else decided meanwhile', () => {
  it('is said with who and when, and isn’t decided again', async () => {
    const { on, page, row } = await aNote();
    const other = await on.open(on.token({ name: 'Kim' }));
    const [theirs] = await on.rows(other);
    if (!theirs) throw new Error('Kim should see it');
    expect((await other.post('/desk/decide', { decision: 'reject', rows: [sent(theirs)] })).json.decided).toBe(1);
    const late = await page.post('/desk/decide', approval(sent(row)));
    expect(late.status).toBe(409);
    expect(late.json.error.message).toMatch(/already rejected, decided by Kim \(countersign desk .* at 20/);
    const { json } = await page.get(pathOf(row));
    expect(json.row).toMatchObject({
      status: 'rejected',
      decided_by: expect.stringMatching(/^Kim/),
      decided_at: expect.any(String),
    });
    expect((await page.get('/desk/queue')).json.last_decided).toMatchObject({ by: 'Kim', at: json.row.decided_at });
  });

  it('leaves the other rows of the same decision as they are', async () => {
    const on = await deskScene();
    await on.propose(['ann', 'ben', 'cleo']);
    const [page, other] = [await on.open(), await on.open(on.token({ name: 'Kim' }))];
    const rows = await on.rows(page);
    const [theirs] = await on.rows(other);
    if (!theirs) throw new Error('Kim should see it');
    await other.post('/desk/decide', approval(sent(theirs)));
    const { json } = await page.post('/desk/decide', approval(...rows.map(sent)));
    expect(json).toMatchObject({ decided: 2, skipped: [{ ...refOf(theirs), reason: expect.stringContaining('Kim') }] });
  });

  it('is shown again where something moved, and the yes to what was shown before counts no more', async () => {
    const on = await deskScene();
    await on.propose(['ann'], [EMAIL]);
    const page = await on.open();
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    const timestamp = new Date().toISOString();
    await on.call('import_contacts', {
      events: [{ contact_id: 'ann', type: 'track', name: 'Email Replied', timestamp }],
    });
    const late = await page.post('/desk/decide', approval(sent(row)));
    expect(late).toMatchObject({ status: 409 });
    const [now] = await on.rows(page);
    expect(now).toMatchObject({ changed_since: [{ what: expect.stringContaining('replied') }] });
    expect(now?.digest).not.toBe(row.digest);
  });
});

describe('an edit', () => {
  async function anEdit(params: object) {
    const { on, page, row } = await aNote();
    const { json, status } = await page.post('/desk/edit', { ref: refOf(row), params });
    return { on, page, row, status, json };
  }

  it('is checked, bound and done as it was checked, and both texts are kept', async () => {
    const { on, page, row, json } = await anEdit({ body: 'Write to Ann' });
    expect(json.digest).not.toBe(row.digest);
    const edited = { ...refOf(row), digest: json.digest, nonce: json.nonce, params: { body: 'Write to Ann' } };
    expect((await page.post('/desk/decide', approval(edited))).json.decided).toBe(1);
    expect(await on.action(row)).toMatchObject({
      status: 'executed',
      params: { body: 'Call ann' },
      edited_params: { body: 'Write to Ann' },
    });
  });

  it('counts by the nonce of the row that it is written over, with the digest of either, once', async () => {
    for (const byEdit of [false, true]) {
      const { on, page, row, json } = await anEdit({ body: 'Write to Ann' });
      const edited = { ...sent(row), digest: byEdit ? json.digest : row.digest, params: { body: 'Write to Ann' } };
      expect((await page.post('/desk/decide', approval(edited))).json).toMatchObject({ decided: 1, skipped: [] });
      expect((await page.post('/desk/decide', approval(edited))).status).toBe(409);
      expect(await on.action(row)).toMatchObject({ edited_params: { body: 'Write to Ann' }, decided_via: 'human' });
    }
  });

  it('counts by the nonce of the row for that row as it is now alone', async () => {
    const { on, page, row } = await anEdit({ body: 'Write to Ann' });
    const timestamp = new Date().toISOString();
    await on.call('import_contacts', {
      events: [{ contact_id: 'ann', type: 'track', name: 'Email Replied', timestamp }],
    });
    const [now] = await on.rows(page);
    expect(now?.digest).not.toBe(row.digest);
    const edited = { ...sent(row), params: { body: 'Write to Ann' } };
    expect((await page.post('/desk/decide', approval(edited))).status).toBe(409);
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('counts neither with other params than were checked, nor as the row without it', async () => {
    const { on, page, row, json } = await anEdit({ body: 'Write to Ann' });
    const ref = refOf(row);
    for (const wrong of [
      { ...ref, digest: json.digest, nonce: json.nonce, params: { body: 'Write to Eve' } },
      { ...ref, digest: json.digest, nonce: json.nonce },
      { ...ref, digest: row.digest, nonce: json.nonce, params: { body: 'Write to Ann' } },
    ])
      expect((await page.post('/desk/decide', approval(wrong))).status).toBe(409);
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('is refused where it doesn’t fit its type, with the field', async () => {
    const { status, json } = await anEdit({ text: 'x' });
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 'VALIDATION_ERROR', details: { 'params.body': expect.any(String) } });
  });
});

it('two agents’ same texts for the same person take two nonces', async () => {
  const on = await deskScene();
  await on.propose(['ann'], [NOTE]);
  await on.propose(['ann'], [{ type: 'note', params: { body: 'Write' } }]);
  const page = await on.open();
  const [one, two] = await on.rows(page);
  expect(one?.nonce).not.toBe(two?.nonce);
});
