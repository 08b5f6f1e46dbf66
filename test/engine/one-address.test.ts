import { describe, expect, it } from 'vitest';
import { liftable, liftConsent } from '../../src/engine/contacts/lift-consent.ts';
import { inProcess } from '../support/in-process.ts';

const RULES = [
  { name: 'all', propose: [{ type: 'email_message', params: { subject: 'Hi {{ contact.id }}', message: 'm' } }] },
];

/** A home with an agent that writes to everyone, and what came of a run: whom it proposes to write to, whom it may not. */
function anOffice(limits: object = {}) {
  const { call, house } = inProcess();
  const importing = (args: Record<string, unknown>) => call('import_contacts', args);
  const csv = (text: string, more: Record<string, unknown> = {}) => importing({ csv: text, ...more });
  let agentId = '';
  const run = async () => {
    if (agentId === '') {
      const { agent } = await call('create_agent', {
        name: 'W',
        capabilities: ['email'],
        playbook: { rules: RULES },
        limits,
      });
      agentId = agent.id;
    }
    const { run_id } = await call('trigger_agent', { agent_id: agentId, wait_seconds: 30 });
    const { run: done } = await call('get_run', { run_id });
    type Result = { contact_id: string; proposed_actions: object[]; blocked_actions: { reason: string }[] };
    const results: Result[] = done.contact_results;
    return {
      run_id,
      written: results
        .filter(({ proposed_actions }) => proposed_actions.length > 0)
        .map(({ contact_id }) => contact_id),
      blocked: Object.fromEntries(
        results.map(({ contact_id, blocked_actions }) => [contact_id, blocked_actions[0]?.reason]),
      ),
    };
  };
  return { call, house, csv, importing, run };
}

describe('consent', () => {
  it('holds for every contact with the address, however each is written', async () => {
    const { csv, run } = anOffice();
    await csv('id,Email,Do Not Email\n1,info@alder.example,Yes\n2,new@alder.example,No\n');
    const second = await csv('id,Email\n2,Info@ALDER.example\n');
    expect(second.warnings).toEqual([expect.stringContaining('"1" and "2" (info@alder.example)')]);
    const { written, blocked } = await run();
    expect(written).toEqual([]);
    expect(blocked[2]).toBe('contact "1", which has the same address, has do_not_email set');
  });

  it('holds for an address that bounced', async () => {
    const { csv, run } = anOffice();
    await csv('id,email,Email Bounced\n1,a@b.example,true\n2,A@B.example,false\n');
    const { written, blocked } = await run();
    expect(written).toEqual([]);
    expect(blocked[1]).toContain('the contact has bounced set');
  });

  const MOVING: [string, string[]][] = [
    [
      'over three imports',
      ['id,email,unsubscribed\n1,a@b.example,yes\n', 'id,email\n1,new@b.example\n', 'id,email\n2,A@b.example\n'],
    ],
    ['within one import', ['id,email,unsubscribed\n1,a@b.example,yes\n1,new@b.example,\n2,a@b.example,\n']],
    ['after a bounce', ['id,email,bounced\n1,a@b.example,yes\n', 'id,email\n1,new@b.example\n2,a@b.example\n']],
    [
      'where the other contact was there before',
      ['id,email,unsubscribed\n1,a@b.example,yes\n2,c@b.example,\n', 'id,email\n2,a@b.example\n1,new@b.example\n'],
    ],
  ];
  it.each(MOVING)('stays with an address that its contact leaves, %s', async (_, imports) => {
    const { csv, house, run } = anOffice();
    for (const text of imports) await csv(text);
    expect((await run()).written).toEqual([]);
    const wanted = { address: 'a@b.example' };
    await liftConsent(house, { user: 'maya' }, wanted, (await liftable(house, wanted)).digest);
    expect((await run()).written).toEqual(['2']);
    for (const text of imports.slice(1)) await csv(text);
    expect((await house.store.audit()).faults).toEqual([]);
  });

  it('stays with the address where the contact that left it is erased, and tells nothing of the person', async () => {
    const { call, csv, house, run } = anOffice();
    await csv('id,email,unsubscribed\n1,gone@b.example,yes\n');
    await csv('id,email\n1,new@b.example\n');
    await call('delete_contact', { contact_id: '1' });
    await csv('id,email\n2,gone@b.example\n3,new@b.example\n');
    expect((await run()).written).toEqual([]);
    const erasures = await house.read((view) => view.erasures());
    expect(JSON.stringify(erasures.objections)).not.toContain('@');
  });

  it('stays with the address of an anonymous contact that melts into one with another address', async () => {
    const { importing, run } = anOffice();
    await importing({ contacts: [{ id: 'an1', email: 'old@b.example', do_not_email: true }] });
    const calls = [
      { type: 'identify', userId: 'u1', anonymousId: 'an1', traits: {} },
      { type: 'identify', userId: 'u1', traits: { email: 'new@b.example' } },
    ];
    await importing({ csv: JSON.stringify(calls), format: 'segment' });
    await importing({ csv: 'id,email\n2,old@b.example\n' });
    expect(await run()).toMatchObject({ written: [], blocked: { u1: expect.anything(), 2: expect.anything() } });
  });

  it('outlives an erasure by a digest that tells nothing, and a person lifts it', async () => {
    const { call, csv, house, run } = anOffice();
    await csv('id,email,unsubscribed\n1,gone@b.example,yes\n');
    await call('delete_contact', { contact_id: '1' });
    const back = await csv('id,email\n9,Gone@B.example\n');
    expect(back.warnings.join()).toContain('1 contact came with an address that had objected');
    expect((await run()).written).toEqual([]);
    const erasures = await house.read((view) => view.erasures());
    expect(JSON.stringify(erasures.objections)).not.toContain('gone');
    const wanted = { address: 'gone@b.example' };
    const seen = await liftable(house, wanted);
    expect(seen).toMatchObject({ rows: [{ id: '9', flags: ['do_not_email'] }], kept: ['do_not_email'] });
    await liftConsent(house, { user: 'maya' }, wanted, seen.digest);
    expect((await run()).written).toEqual(['9']);
    const entries = await house.read((view) => view.decisions('000000000001'));
    expect(entries).toMatchObject([
      {
        decision: 'consent_lifted',
        by: 'maya',
        via: 'human',
        loosened: ['do_not_email'],
        personal: { contact_id: '9' },
      },
      { decision: 'consent_lifted', by: 'maya', via: 'human' },
    ]);
    await call('delete_contact', { contact_id: '9' });
    expect(JSON.stringify(await house.read((view) => view.decisions('000000000001')))).not.toContain('"contact_id"');
    expect((await house.store.audit()).faults).toEqual([]);
  });

  it('that one column of one import alone set is lifted at once, and nothing else', async () => {
    const { csv, house } = anOffice();
    const first = await csv('id,Notes opt out\n1,x\n2,x\n3,no\n');
    await csv('id,Unsubscribed\n2,yes\n3,yes\n');
    const wanted = { column: 'Notes opt out', import_id: first.import_id };
    const seen = await liftable(house, wanted);
    expect(seen.rows.map(({ id }) => id)).toEqual(['1']);
    await expect(liftConsent(house, { user: 'maya' }, wanted, 'other')).rejects.toMatchObject({ code: 'CONFLICT' });
    await liftConsent(house, { user: 'maya' }, wanted, seen.digest);
    const flags = await house.read((view) => ['1', '2', '3'].map((id) => view.contact(id)?.do_not_email));
    expect(flags).toEqual([false, true, true]);
  });

  it('is lifted by nothing but a person in a terminal', async () => {
    const { csv, house } = anOffice();
    await csv('id,email,do_not_email\n1,a@b.example,yes\n');
    const cleared = house.commit('somebody', (view) => {
      const contact = view.contact('1');
      return {
        events: contact ? [{ type: 'contacts_saved', contacts: [{ ...contact, do_not_email: false }] }] : [],
        value: 0,
      };
    });
    await expect(cleared).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('cadence', () => {
  it('counts what was sent to an address for whoever has it later, and not for another address', async () => {
    const { call, csv, run } = anOffice({ cooldown_days: 7 });
    await csv('id,email\n1,a@b.example\n');
    const { run_id } = await run();
    const { actions } = await call('list_pending_actions', { run_id });
    const ref = { run_id, contact_id: '1', action_index: 0, expected_digest: actions[0].digest };
    await call('approve_action', { ...ref, wait_seconds: 10 });
    await csv('id,email\n1,new@b.example\n2,A@b.example\n3,new@b.example\n');
    const { written, blocked } = await run();
    expect(written).toEqual([]);
    expect(blocked[2]).toContain('cooldown');
    await csv('id,email\n1,third@b.example\n');
    expect((await run()).written).toEqual(['3']);
  });

  it('belongs to the address: one message, not one a contact', async () => {
    const { call, csv, run } = anOffice({ cooldown_days: 7 });
    await csv('id,email\n1,info@b.example\n2,INFO@b.example\n3,other@b.example\n');
    const { run_id, written } = await run();
    expect(written).toEqual(['1', '2', '3']);
    for (const contact_id of ['1', '2']) {
      const { actions } = await call('list_pending_actions', { run_id, contact_id });
      const { digest } = actions[0];
      await call('approve_action', { run_id, contact_id, action_index: 0, expected_digest: digest, wait_seconds: 10 });
    }
    const { actions } = await call('list_pending_actions', { run_id });
    expect(actions.map(({ contact_id }: { contact_id: string }) => contact_id)).toEqual(['2', '3']);
    expect((await run()).blocked).toMatchObject({
      1: expect.stringContaining('cooldown'),
      2: expect.stringContaining('cooldown'),
    });
  });
});

describe('duplicates', () => {
  it('belong to the address, within one run too', async () => {
    const { call, csv } = anOffice();
    await csv('id,email\n1,info@b.example\n2,INFO@b.example\n');
    const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 's', message: 'm' } }] }];
    const { agent } = await call('create_agent', { name: 'Same', capabilities: ['email'], playbook: { rules } });
    const { summary } = await call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
    expect(summary).toMatchObject({ actions_proposed: 1, actions_blocked: 1 });
  });
});

describe('an import', () => {
  it('says what it did with each column, in a dry run too', async () => {
    const { csv } = anOffice();
    const text =
      'Record ID,First Name,Email,Unsubscribed,City,Empty,\n1,Mira,m@b.example,Yes,Rome,,\n2,Jon,j@b.example,No,,,\n';
    for (const dry_run of [true, false]) {
      const result = await csv(text, { dry_run });
      expect(result.import_id).toMatch(/^imp_/);
      expect(result.columns).toEqual({
        taken: { 'First Name': 'firstname', Email: 'email', Unsubscribed: 'do_not_email (1 contact)' },
        kept: ['Record ID', 'City'],
        left_out: ['Empty', 'column 7, without a name'],
      });
    }
  });

  it('is refused where its mapping would overlook objections, and passes where there are none', async () => {
    const { csv } = anOffice();
    const mapping = { do_not_email: null };
    await expect(csv('id,Unsubscribed\n1,yes\n', { mapping })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await csv('id,Unsubscribed\n1,no\n', { mapping })).toMatchObject({ created: 1 });
  });

  it('melts a stored anonymous contact, and its id is gone from the home', async () => {
    const { importing, house } = anOffice();
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();
    await importing({ events: [{ anonymousId: 'an1', type: 'page', properties: { path: '/pricing' }, timestamp }] });
    const calls = [{ type: 'identify', anonymousId: 'an1', userId: 'u9', traits: { email: 'u9@b.example' } }];
    await importing({ csv: JSON.stringify(calls), format: 'segment' });
    const kept = await house.read((view) => [
      view.contact('an1'),
      view.aliasOf('an1'),
      view.activity('u9').events.length,
    ]);
    expect(kept).toEqual([undefined, 'u9', 1]);
    await importing({ events: [{ anonymousId: 'an1', type: 'page', properties: { path: '/docs' }, timestamp }] });
    expect(await house.read((view) => view.activity('u9').events.length)).toBe(2);
  });
});
