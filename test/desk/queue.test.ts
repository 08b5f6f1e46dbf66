import { describe, expect, it } from 'vitest';
import { refKey } from '../../src/domain/state/state.ts';
import { type DeskScene, deskScene, EMAIL, NOTE, pathOf, type Ref, refOf, sent } from '../support/desk-scene.ts';

/** Leaves an attempt as a process leaves it that died before it wrote the outcome. */
async function leaveExecuting({ house }: DeskScene, ref: Ref): Promise<void> {
  await house.commit('test', (view) => {
    const at = '2026-03-01T10:00:00.000Z';
    const change = { ...refOf(ref), agent_id: view.run(ref.run_id)?.agent_id ?? '', auto_approved: false, at };
    const set = { decided_by: 'test', decided_at: at, decided_via: 'client' as const };
    const approved = { ...change, from: 'pending_approval' as const, to: 'approved' as const, set };
    const dead = { attempted_at: at, holder: 'proc_0000000000dead' };
    const executing = { ...change, from: 'approved' as const, to: 'executing' as const, set: dead };
    return { events: [{ type: 'actions_changed', changes: [approved, executing] }], value: undefined };
  });
}

const ids = (rows: readonly Ref[]) => rows.map(({ contact_id }) => contact_id);

describe('the queue', () => {
  it('has unknown outcomes first, then each agent’s rows of a kind together, the oldest first', async () => {
    const on = await deskScene();
    const first = await on.propose(['ann', 'ben'], [EMAIL, NOTE]);
    const second = await on.propose(['cleo'], [NOTE]);
    const page = await on.open();
    const [, , last] = await on.rows(page, '?type=note');
    if (!last) throw new Error('three notes should wait');
    await leaveExecuting(on, last);
    const { json } = await page.get('/desk/queue');
    const shown = json.actions.map((row: Ref & { agent_id: string; type: string; status: string }) => [
      row.status,
      row.agent_id === first ? 'first' : 'second',
      row.type,
      row.contact_id,
    ]);
    expect(shown).toEqual([
      ['unknown', 'second', 'note', 'cleo'],
      ['pending_approval', 'first', 'email_message', 'ann'],
      ['pending_approval', 'first', 'email_message', 'ben'],
      ['pending_approval', 'first', 'note', 'ann'],
      ['pending_approval', 'first', 'note', 'ben'],
    ]);
    expect(json).toMatchObject({ total: 5, total_waiting: 5, unknown: 1 });
    expect(json.groups).toEqual([
      { agent_id: first, agent_name: 'Agent 1', type: 'email_message', count: 2 },
      { agent_id: first, agent_name: 'Agent 1', type: 'note', count: 2 },
      { agent_id: second, agent_name: 'Agent 2', type: 'note', count: 1 },
    ]);
  });

  it('says whom a row is for, who sends it, what it needs, and what moved since', async () => {
    const on = await deskScene({}, { COUNTERSIGN_SMTP_URL: 'smtp://127.0.0.1:1' });
    const { identity } = await on.call('save_identity', {
      ...{ name: 'Sam Rivera', email: 'sam@acme.example', smtp_url_env: 'COUNTERSIGN_SMTP_URL' },
    });
    await on.propose(['ann'], [EMAIL], { identity_id: identity.id });
    const page = await on.open();
    const [row] = await on.rows(page);
    expect(row).toMatchObject({
      to: 'ann@example.com',
      from: 'Sam Rivera <sam@acme.example>',
      subject: 'Hello ann',
      headline: 'Hello ann',
      needs: 'elicited',
      params: { message: 'Hi ann, how are you?' },
      agent_name: 'Agent 1',
    });
    if (!row) throw new Error('nothing waits');
    const { json } = await page.get(pathOf(row));
    expect(json.lines[0]).toEqual(['To', 'ann@example.com']);
    expect(json).toMatchObject({ may_revise: false, why_not_revise: expect.stringContaining('A rule proposed this') });
  });

  it.each([
    ['a name', 'zora'],
    ['a part of an address, in any case', 'ZORA@exam'],
    ['a company', 'northwind'],
    ['a subject', 'quarterly'],
    ['a text', 'harbour'],
    ['words that stand apart', 'harbour zora quarterly'],
    ['an address as somebody else writes it', 'mailto:Zora@Example.com'],
  ])('finds a row by %s', async (_what, query) => {
    const on = await deskScene();
    await on.propose(['ann', 'zed'], [EMAIL]);
    await on.call('import_contacts', {
      contacts: [{ id: 'z1', email: 'zora@example.com', firstname: 'Zora', lastname: 'Quist', company: 'Northwind' }],
    });
    const letter = {
      type: 'email_message',
      params: { subject: 'Quarterly figures', message: 'See you at the harbour.' },
    };
    const { agent } = await on.call('create_agent', {
      ...{ name: 'Writer', capabilities: ['email'], playbook: { rules: [{ name: 'all', propose: [letter] }] } },
    });
    await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ['z1'], wait_seconds: 30 });
    const { json } = await (await on.open()).get(`/desk/queue?query=${encodeURIComponent(query)}`);
    expect([ids(json.actions), json.total, json.total_waiting]).toEqual([['z1'], 1, 3]);
    expect(json.groups).toMatchObject([{ agent_name: 'Writer', type: 'email_message', count: 1 }]);
  });

  it('finds the rows of an agent by its name, of a kind, and nothing where nothing is', async () => {
    const on = await deskScene();
    await on.propose(['ann'], [EMAIL, NOTE]);
    const other = await on.propose(['ben'], [NOTE]);
    const page = await on.open();
    expect(ids(await on.rows(page, '?query=agent+2'))).toEqual(['ben']);
    expect(ids(await on.rows(page, `?agent_id=${other}`))).toEqual(['ben']);
    expect(ids(await on.rows(page, '?type=email_message'))).toEqual(['ann']);
    expect(ids(await on.rows(page, '?query=nobody'))).toEqual([]);
    // The groups are those of all that waits: a filter of theirs is chosen among them.
    expect((await page.get('/desk/queue?type=email_message')).json.groups).toHaveLength(3);
    for (const wrong of [
      '?limit=0',
      '?limit=501',
      '?offset=-1',
      '?limit=x',
      '?sort=1',
      `?query=${'q'.repeat(201)}`,
      '?type=a&type=b',
    ])
      expect([wrong, (await page.get(`/desk/queue${wrong}`)).status]).toEqual([wrong, 400]);
  });

  it('gives page after page, and each row once', async () => {
    const on = await deskScene();
    const people = Array.from({ length: 330 }, (_, n) => `p${String(n).padStart(3, '0')}`);
    await on.propose(people);
    const page = await on.open();
    const pages = [await on.rows(page), await on.rows(page, '?offset=200'), await on.rows(page, '?offset=400')];
    expect(pages.map((rows) => rows.length)).toEqual([200, 130, 0]);
    expect(new Set(pages.flat().map(refKey)).size).toBe(330);
    const all = pages.flat().map(sent);
    expect((await page.post('/desk/decide', { decision: 'approve', rows: all })).json.decided).toBe(330);
    expect((await page.get('/desk/queue')).json.total_waiting).toBe(0);
  });
});

describe('a row that is too long for a list', () => {
  const LONG = { type: 'email_message', params: { subject: 'Long', message: `${'word '.repeat(5_000)}the end` } };

  it('says how much of it is hidden, and is given whole where it is opened', async () => {
    const on = await deskScene();
    await on.propose(['ann'], [LONG]);
    const page = await on.open();
    const { json } = await page.get('/desk/queue');
    const [row] = json.actions;
    expect(row.hidden).toBeGreaterThan(10_000);
    expect(row.params.message.length - '…'.length + row.hidden).toBe(LONG.params.message.length);
    const opened = (await page.get(pathOf(row))).json;
    expect(opened.row).not.toHaveProperty('hidden');
    expect(opened.row.params.message).toBe(LONG.params.message);
  });

  it('is decided once it was opened, and not by the list alone', async () => {
    const on = await deskScene();
    await on.propose(['ann'], [LONG]);
    const page = await on.open();
    const [row] = await on.rows(page);
    if (!row) throw new Error('nothing waits');
    const approval = { decision: 'approve', rows: [sent(row)] };
    const unseen = await page.post('/desk/decide', approval);
    expect(unseen).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('open it first') } },
    });
    expect((await on.action(row)).status).toBe('pending_approval');
    await page.get(pathOf(row));
    expect((await page.post('/desk/decide', approval)).json.decided).toBe(1);
  });
});

describe('an attempt whose outcome nobody knows', () => {
  async function unknown() {
    const on = await deskScene();
    await on.propose(['ann']);
    const page = await on.open();
    const [waiting] = await on.rows(page);
    if (!waiting) throw new Error('nothing waits');
    await leaveExecuting(on, waiting);
    const [row] = await on.rows(page);
    if (row?.status !== 'unknown') throw new Error('it should be unknown');
    const settle = (outcome: string, more: object = {}) =>
      page.post('/desk/settle', { ref: refOf(row), digest: row.digest, nonce: row.nonce, outcome, ...more });
    return { on, row, settle, waiting };
  }

  it('is settled as the person says', async () => {
    const { on, row, settle } = await unknown();
    expect((await settle('sent', { note: 'She answered' })).json.action.status).toBe('executed');
    expect((await on.action(row)).result.note).toContain('A person says it was sent: She answered');
    expect((await settle('sent')).status).toBe(409);
  });

  it('is tried again where the person says so, once', async () => {
    const { on, row, settle } = await unknown();
    expect((await settle('retry')).status).toBe(200);
    expect(await on.action(row)).toMatchObject({ status: 'executed', decided_via: 'human' });
  });

  it('takes the nonce and the digest that it was shown with', async () => {
    const { on, row, settle, waiting } = await unknown();
    for (const wrong of [{ nonce: 'x' }, { digest: waiting.digest }, { digest: waiting.digest, nonce: waiting.nonce }])
      expect((await settle('retry', wrong)).status).toBe(409);
    expect((await on.action(row)).status).toBe('unknown');
  });
});

describe('a change that waits', () => {
  async function aChange() {
    const on = await deskScene();
    const id = await on.propose([], [EMAIL]);
    await on
      .call('update_agent', { agent_id: id, changes: { approval: { auto_approve: ['email_message'] } } })
      .catch(() => undefined);
    const page = await on.open();
    const [change] = (await page.get('/desk/queue')).json.changes;
    const { change_id, binding, nonce } = change;
    const decide = (decision: string, more: object = {}) =>
      page.post('/desk/change', { change_id, binding, nonce, decision, ...more });
    return { on, id, page, change, decide };
  }

  it('is told whole in words, and holds once a person allowed it', async () => {
    const { on, id, page, change, decide } = await aChange();
    expect(change.lines.map(([label]: [string]) => label)).toEqual(
      expect.arrayContaining(['Agent', 'To', 'When', 'How often']),
    );
    const done = await decide('approve');
    expect(done).toMatchObject({ status: 200, json: { told: expect.any(String) } });
    const { agent } = await on.call('get_agent', { agent_id: id });
    expect(agent.approval.unasked).toMatchObject({ granted: true, granted_via: 'human' });
    expect((await page.get('/desk/queue')).json).toMatchObject({ changes: [], changes_total: 0 });
    expect((await decide('approve')).status).toBe(409);
  });

  it('takes its own nonce and what it was shown to let happen', async () => {
    const { on, id, decide } = await aChange();
    for (const wrong of [{ nonce: 'x' }, { binding: 'x' }, { change_id: 'x' }])
      expect((await decide('approve', wrong)).status).toBe(409);
    expect((await decide('decline')).status).toBe(200);
    expect((await on.call('get_agent', { agent_id: id })).agent.approval.auto_approve).toEqual([]);
  });
});
