import { describe, expect, it } from 'vitest';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { aServedTeam, decideFirst, ME, runOf } from '../support/desk-team.ts';

/** The names in a list. */
const names = (rows: Record<string, unknown>[], key = 'name') => rows.map((row) => row[key]);

describe('the desk’s agents', () => {
  it('are what list_agents and get_agent show, with how their proposals fared', async () => {
    const { server, owner, shared } = await aServedTeam();
    await runOf(server, shared);
    await decideFirst(owner, shared, 'approve');
    await decideFirst(owner, shared, 'reject', 'not now');
    const list = await owner.get('/desk/agents');
    expect(list.json).toMatchObject({ ...(await server.call('list_agents')), limit: 50 });
    const one = await owner.get(`/desk/agents/${shared}`);
    const { figures, insights, ...shown } = one.json;
    expect(insights).toMatchObject({ summary: { decisions: 2, by_proof: { human: 2 } }, agent_id: shared });
    expect(shown).toEqual(await server.call('get_agent', { agent_id: shared }));
    expect(figures).toMatchObject({
      days: 30,
      now: {
        ...{ approved: 1, edited: 0, rejected: 1 },
        approval_rate: { rate: 0.5, n: 2, low: expect.closeTo(0.0945, 3), high: expect.closeTo(0.9055, 3) },
      },
      before: { approval_rate: { rate: null, n: 0, low: null, high: null } },
    });
    expect(figures.weeks).toHaveLength(12);
    expect(figures.weeks.at(-1)).toMatchObject({ proposed: 2, approved: 1, rejected: 1 });
  });

  it('show what was decided anew at once, and in the period before once that is over', async () => {
    const { server, owner, shared } = await aServedTeam();
    await runOf(server, shared);
    await decideFirst(owner, shared, 'approve');
    await owner.get(`/desk/agents/${shared}?days=7`);
    await decideFirst(owner, shared, 'reject');
    const now = await owner.get(`/desk/agents/${shared}?days=7`);
    expect(now.json.figures.now).toMatchObject({ approved: 1, rejected: 1 });
  });

  it('are to each person those that they see, and no figure tells of others', async () => {
    const { server, owner, admin, member, secret, shared } = await aServedTeam();
    await runOf(server, secret);
    await runOf(server, shared);
    for (const page of [owner, admin]) expect((await page.get('/desk/agents')).json.total).toBe(2);
    expect(names((await member.get('/desk/agents')).json.agents)).toEqual(['Shared notes']);
    const one = await member.get(`/desk/agents/${secret}`);
    expect([one.status, one.json.error.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('are for whoever may read', async () => {
    const { server } = await aServedTeam();
    const page = await server.open(server.token({ name: 'kim', person: 'p_kim', scopes: ['agents:approve'] }));
    for (const path of [
      'agents',
      'runs',
      'contacts',
      'contact?id=ann',
      'log',
      'settings',
      'outbox',
      'consent?address=a@b.example',
    ])
      expect([path, (await page.get(`/desk/${path}`)).status]).toEqual([path, 403]);
    expect((await page.get('/desk/brake')).status).toBe(200);
  });
});

describe('the desk’s runs', () => {
  it('are what list_runs and get_run show, with the names of their agents, each as far as the person sees', async () => {
    const { server, owner, member, secret, shared } = await aServedTeam();
    const [hidden, seen] = [await runOf(server, secret), await runOf(server, shared)];
    const list = await owner.get('/desk/runs');
    const { runs } = await server.call('list_runs');
    expect(list.json).toMatchObject({
      runs,
      total: 2,
      agent_names: { [secret]: 'Zqprivatez', [shared]: 'Shared notes' },
    });
    const one = await owner.get(`/desk/runs/${hidden}`);
    const { agent_names, ...reading } = one.json;
    expect(reading).toEqual(await server.call('get_run', { run_id: hidden }));
    expect(agent_names).toEqual({ [secret]: 'Zqprivatez' });
    const theirs = await member.get('/desk/runs');
    expect(theirs.json.runs.map(({ id }: { id: string }) => id)).toEqual([seen]);
    expect(theirs.text).not.toMatch(/zqprivatez/i);
    expect((await member.get(`/desk/runs/${hidden}`)).status).toBe(404);
    expect((await owner.get('/desk/runs?status=failed')).json.total).toBe(0);
    expect((await owner.get(`/desk/runs?agent_id=${shared}`)).json.total).toBe(1);
  });
});

describe('a contact’s story', () => {
  it('tells what each agent saw and proposed, what was decided, by whom and with what proof', async () => {
    const { server, owner, admin, secret, shared } = await aServedTeam();
    await runOf(server, secret);
    await decideFirst(owner, secret, 'reject', 'too early');
    await runOf(server, shared);
    await decideFirst(admin, shared, 'approve');
    await importContacts(server.house, ME, { contacts: [{ id: 'ann', firstname: 'Anna' }] });
    const { status, json } = await owner.get('/desk/contact?id=ann');
    expect(status).toBe(200);
    expect(json).toMatchObject(await server.call('get_contact', { contact_id: 'ann' }));
    expect(json.encounters_total).toBe(2);
    const [late, early] = json.encounters;
    expect(early).toMatchObject({
      ...{ agent_name: 'Zqprivatez', trigger: 'manual', dry_run: false },
      result: {
        contact: { firstname: 'ann' },
        proposed_actions: [{ type: 'email_message', status: 'rejected', reason: 'too early' }],
      },
      decisions: [{ decision: 'rejected', via: 'human', reason: 'too early', client: expect.stringContaining('desk') }],
    });
    expect(late).toMatchObject({
      agent_name: 'Shared notes',
      decisions: [{ decision: 'approved', by: 'zoe', via: 'human' }],
    });
    const second = await owner.get('/desk/contact?id=ann&limit=1&offset=1');
    expect(second.json.encounters).toEqual([early]);
  });

  it('is to one of a team without what others’ private agents said, and tells of it no more than what, how and when', async () => {
    const { server, owner, member, secret, shared } = await aServedTeam();
    await runOf(server, secret);
    await decideFirst(owner, secret, 'reject', 'Zqwhyz');
    await runOf(server, shared);
    const { text, json } = await member.get('/desk/contact?id=ann');
    expect(names(json.encounters, 'agent_name')).toEqual(['Shared notes']);
    expect(text).not.toMatch(/zq(private|secret|why)z/i);
    expect(text).not.toContain(secret);
    expect(json.recent_actions).toContainEqual({ type: 'email_message', status: 'rejected', at: expect.any(String) });
    const log = await member.get('/desk/log');
    expect(log.text).not.toMatch(/zq(private|secret|why)z/i);
    expect(log.text).not.toContain(secret);
  });

  it('keeps what is left of a run that was deleted with its agent, and who lifted an objection', async () => {
    const { server, owner, shared } = await aServedTeam();
    await runOf(server, shared);
    await decideFirst(owner, shared, 'approve');
    await server.call('delete_agent', { agent_id: shared });
    await importContacts(server.house, ME, { contacts: [{ id: 'ann', do_not_email: true }] });
    const { json } = await owner.get('/desk/consent?address=ann@example.com');
    await owner.post('/desk/consent', { address: 'ann@example.com', nonce: json.nonce });
    const story = (await owner.get('/desk/contact?id=ann')).json;
    expect(story.encounters).toMatchObject([
      { remembered: [{ type: 'note', status: 'executed' }], decisions: [{ decision: 'approved', via: 'human' }] },
    ]);
    expect(story.liftings).toMatchObject([{ decision: 'consent_lifted', via: 'human', loosened: ['do_not_email'] }]);
  });

  it('is found by the search for contacts, which is list_contacts', async () => {
    const { server, owner } = await aServedTeam();
    const { json } = await owner.get('/desk/contacts?query=bob');
    expect(json).toMatchObject({ ...(await server.call('list_contacts', { query: 'bob' })), limit: 50 });
    expect(json.total).toBe(1);
    expect((await owner.get('/desk/contacts?query=')).json.total).toBe(2);
    const missing = await owner.get('/desk/contact?id=nobody');
    expect([missing.status, missing.json.error.message]).toEqual([404, expect.stringContaining('closest match')]);
  });
});

describe('the decision log at the desk', () => {
  it('is shown newest first, a page at a time, of all agents or of one', async () => {
    const { server, owner, secret, shared } = await aServedTeam();
    await runOf(server, shared);
    await runOf(server, secret);
    for (const agent of [shared, secret, shared]) await decideFirst(owner, agent, 'reject', `no to ${agent}`);
    const all = await owner.get('/desk/log');
    expect(all.json).toMatchObject({ total: 3, has_next: false });
    expect(all.json.decisions.map(({ seq }: { seq: number }) => seq)).toEqual([3, 2, 1]);
    expect(all.json.decisions[0]).toMatchObject({
      ...{ decision: 'rejected', via: 'human', agent_name: 'Shared notes', reason: `no to ${shared}` },
      contact: { email: 'bob@example.com' },
    });
    expect(all.json.decisions[0]).not.toHaveProperty('hash');
    const page = await owner.get('/desk/log?limit=1&offset=1');
    expect(page.json).toMatchObject({ decisions: [{ seq: 2 }], total: 3, has_next: true });
    expect((await owner.get('/desk/log?offset=9')).json).toMatchObject({ decisions: [], has_next: false });
    const one = await owner.get(`/desk/log?agent_id=${shared}&limit=1`);
    expect(one.json).toMatchObject({ decisions: [{ seq: 3 }], total: 2, has_next: true });
  });

  it('is narrowed to a person, to a kind, or to both, and says to which it can be', async () => {
    const { server, owner, admin, member, secret, shared } = await aServedTeam();
    await runOf(server, shared);
    await runOf(server, secret);
    await decideFirst(owner, secret, 'reject');
    await decideFirst(admin, shared, 'approve');
    await decideFirst(owner, shared, 'approve');
    const seqs = async (query: string) => {
      const { json } = await owner.get(`/desk/log?${query}`);
      return [json.total, ...json.decisions.map(({ seq }: { seq: number }) => seq)];
    };
    expect(await seqs('by=zoe')).toEqual([1, 2]);
    expect(await seqs('decision=approved&limit=1')).toEqual([2, 3]);
    expect(await seqs('decision=approved&by=zoe')).toEqual([1, 2]);
    expect(await seqs('decision=rejected&by=zoe')).toEqual([0]);
    const { filters } = (await owner.get('/desk/log?by=zoe')).json;
    expect(filters).toEqual({
      agents: expect.arrayContaining([
        { value: secret, name: 'Zqprivatez' },
        { value: shared, name: 'Shared notes' },
      ]),
      people: [expect.objectContaining({ name: expect.any(String) }), { value: 'zoe', name: 'zoe' }],
      kinds: ['approved', 'rejected'].map((value) => ({ value, name: value })),
    });
    const seen = (await member.get('/desk/log')).json.filters;
    expect(seen.agents).toEqual([{ value: shared, name: 'Shared notes' }]);
    expect(names(seen.kinds)).toEqual(['approved']);
  });

  it('tells of an erased contact no more than that there was one', async () => {
    const { server, owner, shared } = await aServedTeam();
    await runOf(server, shared);
    const { contact_id } = await decideFirst(owner, shared, 'reject', 'Zqwhyz');
    await server.call('delete_contact', { contact_id });
    const { text, json } = await owner.get('/desk/log');
    expect(json.decisions.at(-1)).toMatchObject({ decision: 'rejected', erased: true });
    expect(text).not.toMatch(/zqwhyz/i);
  });
});
