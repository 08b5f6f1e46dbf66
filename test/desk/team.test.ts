import { describe, expect, it } from 'vitest';
import type { Token } from '../../src/domain/access/token.ts';
import { SCOPES } from '../../src/domain/base/author.ts';
import { tokenFilesOf } from '../../src/files/token-files.ts';
import { deskScene, pathOf, refOf, sent } from '../support/desk-scene.ts';
import type { DeskServer } from '../support/desk-server.ts';

/** Writes what a token is from now on. */
function changeToken({ home }: DeskServer, text: string, change: Partial<Token>): void {
  const files = tokenFilesOf(home);
  const found = files.read(text.split('_')[1] ?? '');
  if (!found) throw new Error('there is no such token');
  files.write({ ...found, ...change });
}

const WITHOUT_APPROVE = SCOPES.filter((scope) => scope !== 'agents:approve');

describe('two of a team at the desk', () => {
  it('decide a row each, and each decision is theirs', async () => {
    const on = await deskScene();
    await on.propose(['ann', 'ben']);
    const kim = await on.open(on.token({ name: 'Kim', person: 'p_kim' }));
    const lee = await on.open(on.token({ name: 'Lee', person: 'p_lee', role: 'owner' }));
    const [ann] = await on.rows(kim);
    const [, ben] = await on.rows(lee);
    if (!ann || !ben) throw new Error('two should wait');
    await Promise.all([
      kim.post('/desk/decide', { decision: 'approve', rows: [sent(ann)] }),
      lee.post('/desk/decide', { decision: 'reject', rows: [sent(ben)], reason: 'Not now' }),
    ]);
    expect((await on.action(ann)).decided_by).toMatch(/^Kim \(countersign desk/);
    expect((await on.action(ben)).decided_by).toMatch(/^Lee \(countersign desk/);
  });

  it('can’t use what the other was shown', async () => {
    const on = await deskScene();
    await on.propose(['ann']);
    const [kim, lee] = [await on.open(on.token({ name: 'Kim' })), await on.open(on.token({ name: 'Lee' }))];
    const [shown] = await on.rows(kim);
    if (!shown) throw new Error('nothing waits');
    expect((await lee.post('/desk/decide', { decision: 'approve', rows: [sent(shown)] })).status).toBe(409);
    expect((await on.action(shown)).status).toBe('pending_approval');
  });
});

describe('one of a team at the desk', () => {
  it('sees and doesn’t decide without the scope for it', async () => {
    const on = await deskScene();
    await on.propose(['ann']);
    const kim = await on.open(on.token({ name: 'Kim', scopes: WITHOUT_APPROVE }));
    expect((await kim.get('/desk/me')).json).toMatchObject({
      person: { name: 'Kim' },
      may: { read: true, approve: false },
    });
    const [row] = await on.rows(kim);
    if (!row) throw new Error('nothing waits');
    for (const [path, body] of [
      ['/desk/decide', { decision: 'approve', rows: [sent(row)] }],
      ['/desk/edit', { ref: refOf(row), params: { body: 'x' } }],
      ['/desk/settle', { ref: refOf(row), digest: row.digest, nonce: row.nonce, outcome: 'sent' }],
      ['/desk/revise', { ref: refOf(row), digest: row.digest, nonce: row.nonce, feedback: 'x' }],
      ['/desk/change', { change_id: 'x', binding: 'x', nonce: 'x', decision: 'approve' }],
      ['/desk/prompt', { decision: 'approve', rows: [] }],
      ['/desk/passkeys/options', { name: 'x' }],
      ['/desk/signing', { on: true }],
    ] as const) {
      const refused = await kim.post(path, body);
      expect([path, refused.status]).toEqual([path, 403]);
      expect(refused.json.error).toMatchObject({ code: 'FORBIDDEN', details: { scope: 'agents:approve' } });
    }
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('sees nothing without the scope for that, and gets no ticket without any', async () => {
    const on = await deskScene();
    await on.propose(['ann']);
    const lee = await on.open(on.token({ name: 'Lee', scopes: ['agents:approve'] }));
    for (const path of ['/desk/queue', '/desk/events', pathOf({ run_id: 'x', contact_id: 'ann', action_index: 0 })])
      expect([path, (await lee.get(path)).status]).toEqual([path, 403]);
    const none = on.token({ name: 'Nil', scopes: [] });
    expect((await on.send('POST', '/desk/entry', { authorization: `Bearer ${none}` }, {})).status).toBe(403);
  });

  it('is told of another’s private agent that there is none', async () => {
    const on = await deskScene();
    const mine = await on.propose(['ann'], [{ type: 'note', params: { body: 'zqbody' } }], { name: 'zqname' });
    const owner = await on.open();
    const [row] = await on.rows(owner);
    if (!row) throw new Error('nothing waits');
    const kim = await on.open(on.token({ name: 'Kim', person: 'p_kim', role: 'member' }));
    const asked = [
      await kim.get('/desk/queue'),
      await kim.get(`/desk/queue?agent_id=${mine}`),
      await kim.get('/desk/queue?agent_id=zqname'),
      await kim.get('/desk/queue?query=zqbody'),
      await kim.get(pathOf(row)),
      await kim.post('/desk/edit', { ref: refOf(row), params: { body: 'x' } }),
      await kim.post('/desk/decide', { decision: 'approve', rows: [sent(row)] }),
      await kim.post('/desk/settle', { ref: refOf(row), digest: row.digest, nonce: row.nonce, outcome: 'sent' }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([200, 404, 404, 200, 404, 404, 409, 409]);
    expect(asked[0]?.json).toMatchObject({ actions: [], total: 0, total_waiting: 0, groups: [] });
    // What was asked for by its name is quoted, and nothing else is told.
    const told = asked.map(({ text }) => text.replaceAll('"zqname"', '').replaceAll('\\"zqname\\"', ''));
    expect(told.filter((text) => /zqbody|zqname/.test(text))).toEqual([]);
    expect((await on.action(row)).status).toBe('pending_approval');
  });

  it('may do there what their token allows now, not when they came', async () => {
    const on = await deskScene();
    await on.propose(['ann']);
    const token = on.token({ name: 'Kim' });
    const kim = await on.open(token);
    const [row] = await on.rows(kim);
    if (!row) throw new Error('nothing waits');
    changeToken(on, token, { scopes: WITHOUT_APPROVE });
    on.clock.ahead += 1_000;
    expect((await kim.post('/desk/decide', { decision: 'approve', rows: [sent(row)] })).status).toBe(403);
    changeToken(on, token, { scopes: [...SCOPES], role: 'member' });
    on.clock.ahead += 1_000;
    expect((await kim.get('/desk/me')).json.person.role).toBe('member');
    expect((await kim.get('/desk/queue')).json.total_waiting).toBe(0);
  });

  it('is out once their token is revoked, or its days are over', async () => {
    const on = await deskScene();
    const [token, short] = [on.token({ name: 'Kim' }), on.token({ name: 'Lee', days: 0.001 })];
    const [kim, lee] = [await on.open(token), await on.open(short)];
    expect((await lee.get('/desk/me')).status).toBe(200);
    changeToken(on, token, { revoked_at: new Date().toISOString() });
    on.clock.ahead += 1_000;
    expect((await kim.get('/desk/me')).status).toBe(401);
    on.clock.ahead += 2 * 86_400_000;
    expect((await lee.get('/desk/me')).status).toBe(401);
  });

  it('gets a ticket by their token in its header, and by nothing else', async () => {
    const on = await deskScene();
    const token = on.token({ name: 'Kim' });
    const given = await on.send('POST', '/desk/entry', { authorization: `Bearer ${token}` }, {});
    expect(given.status).toBe(200);
    expect(given.json.url).toBe(`${on.url}/#ticket=${given.json.ticket}`);
    const page = await on.open();
    for (const headers of [
      {},
      { authorization: `Token ${token}` },
      { 'x-countersign-key': page.key },
      { authorization: `Bearer ${page.key}` },
      { authorization: `Bearer ${token}`, origin: 'https://evil.example' },
    ])
      expect([401, 403]).toContain((await on.send('POST', '/desk/entry', headers, {})).status);
    expect((await on.send('POST', `/desk/entry?token=${token}`, {}, {})).status).toBe(401);
    expect(
      (await on.send('POST', '/desk/entry', { authorization: `Bearer ${token}` }, { kind: 'passkey' })).status,
    ).toBe(400);
  });
});
