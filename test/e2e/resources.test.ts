import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, ERAS, startServer, temporaryHome } from '../support/server.ts';

const RULES = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call {{ contact.firstname }}' } }] }];
const AGENT = 'countersign://agents/{agent_id}';
const RUN = 'countersign://runs/{run_id}';
const RUN_CONTACT = 'countersign://runs/{run_id}/contacts/{contact_id}';
const THREAD = 'countersign://threads/{thread_id}';
const CONTACT = 'countersign://contacts/{contact_id}';
const PLAYBOOK = 'countersign://playbooks/{template}';

const home = temporaryHome();
let agentId: string;
let runId: string;

beforeAll(async () => {
  const server = await startServer({ home });
  const contacts = Array.from({ length: 250 }, (_, i) => ({
    id: `lead-${i}`,
    email: `lead${i}@example.com`,
    firstname: i === 7 ? 'Sanne' : 'Pat',
    company: i === 8 ? 'Ünïcode BV' : 'Acme',
  }));
  await server.call('import_contacts', { contacts: [...contacts, { id: 'a/b c%,d', firstname: 'Odd' }] });
  const { agent } = await server.call('create_agent', {
    name: 'Follow up, daily',
    capabilities: ['notes'],
    playbook: { rules: RULES },
  });
  await server.call('create_agent', { name: 'Twin', playbook: { rules: RULES } });
  await server.call('create_agent', { name: 'twin', playbook: { rules: RULES } });
  agentId = agent.id;
  const run = await server.call('trigger_agent', { agent_id: agentId, contact_ids: ['lead-1', 'lead-7', 'a/b c%,d'] });
  runId = run.run_id;
  await server.close();
});

describe.each(ERAS)('resources with %s', (era) => {
  let server: Connection;
  beforeAll(async () => {
    server = await startServer({ home, era });
  });
  afterAll(() => server.close());

  it('declares what it does', () => {
    expect(server.capabilities()).toMatchObject({ tools: { listChanged: false }, resources: {}, completions: {} });
  });

  it('gives the same JSON as the tool that reads the same', async () => {
    const odd = encodeURIComponent('a/b c%,d');
    const pairs: [string, string, Record<string, unknown>][] = [
      [`countersign://agents/${agentId}`, 'get_agent', { agent_id: agentId }],
      [`countersign://agents/${encodeURIComponent('Follow up, daily')}`, 'get_agent', { agent_id: agentId }],
      [`countersign://runs/${runId}`, 'get_run', { run_id: runId }],
      [`countersign://runs/${runId}/contacts/lead-7`, 'get_run', { run_id: runId, contact_id: 'lead-7' }],
      [`countersign://runs/${runId}/contacts/${odd}`, 'get_run', { run_id: runId, contact_id: 'a/b c%,d' }],
      ['countersign://contacts/lead-7', 'get_contact', { contact_id: 'lead-7' }],
      [`countersign://contacts/${odd}`, 'get_contact', { contact_id: 'a/b c%,d' }],
      ['countersign://playbooks/cold_outreach', 'list_templates', { template: 'cold_outreach' }],
    ];
    for (const [uri, tool, args] of pairs)
      expect(await server.resource(uri), uri).toEqual(await server.call(tool, args));
    const pending = await server.resource('countersign://pending');
    expect(pending).toEqual(await server.call('list_pending_actions'));
    expect(pending.review_token).toMatch(/^rev_/);
    expect(pending.total).toBe(3);
  });

  it('says which resource there is not, and what to do', async () => {
    await expect(server.resource('countersign://contacts/lead-7x')).rejects.toThrow(
      /NOT_FOUND: .*lead-7x.*list_contacts/,
    );
    await expect(server.resource('countersign://playbooks/nope')).rejects.toThrow(/nope/);
    await expect(server.resource('countersign://contacts/%E0%A4%A')).rejects.toThrow(/percent-encoded/);
  });

  it('lists what waits, the newest agents and runs, and the playbooks', async () => {
    const { listed, templates } = await server.resources();
    expect(templates.sort()).toEqual([AGENT, `${AGENT}/insights`, CONTACT, PLAYBOOK, RUN, RUN_CONTACT, THREAD].sort());
    const uris = listed.map((item) => item.uri);
    expect(uris).toContain('countersign://pending');
    expect(uris).toContain(`countersign://runs/${runId}`);
    expect(uris).toContain('countersign://playbooks/trial_ending');
    expect(listed.find((item) => item.uri === `countersign://agents/${agentId}`)).toMatchObject({
      title: 'Follow up, daily',
      mimeType: 'application/json',
    });
    for (const uri of uris) expect(await server.resource(uri)).toBeTypeOf('object');
  });

  it('completes every variable, by what a person would type', async () => {
    expect((await server.complete(AGENT, 'agent_id', 'FOLLOW')).values).toEqual(['Follow up, daily']);
    expect((await server.complete(AGENT, 'agent_id', agentId)).values).toEqual([agentId]);
    // Two agents bear this name, so only ids tell them apart.
    const twins = await server.complete(AGENT, 'agent_id', 'twin');
    expect(twins).toMatchObject({ total: 2, hasMore: false });
    for (const value of twins.values)
      expect((await server.call('get_agent', { agent_id: value })).agent.id).toBe(value);
    expect((await server.complete(RUN, 'run_id', '')).values).toEqual([runId]);
    expect((await server.complete(RUN, 'run_id', 'follow up')).values).toEqual([runId]);
    expect((await server.complete(CONTACT, 'contact_id', 'sanne')).values).toEqual(['lead-7']);
    expect((await server.complete(CONTACT, 'contact_id', 'ünï')).values).toEqual(['lead-8']);
    expect((await server.complete(CONTACT, 'contact_id', 'lead7@')).values).toEqual(['lead-7']);
    expect((await server.complete(RUN_CONTACT, 'run_id', 'run_')).values).toEqual([runId]);
    expect((await server.complete(RUN_CONTACT, 'contact_id', 'lead', { run_id: runId })).values).toEqual([
      'lead-1',
      'lead-7',
    ]);
    expect(await server.complete(RUN_CONTACT, 'contact_id', '', { run_id: 'run_nope' })).toMatchObject({ values: [] });
    expect((await server.complete(PLAYBOOK, 'template', 'trial')).values).toEqual(['trial_ending']);
  });

  it('has an answer for every variable that there is', async () => {
    const { templates } = await server.resources();
    for (const uri of templates)
      for (const [, name = ''] of uri.matchAll(/\{(\w+)\}/g))
        expect((await server.complete(uri, name, '')).values, `${uri} ${name}`).toBeInstanceOf(Array);
  });

  it('gives at most 100 values, those that begin with what was typed first, and says how many there are', async () => {
    const many = await server.complete(CONTACT, 'contact_id', 'lead');
    expect(many).toMatchObject({ total: 250, hasMore: true });
    expect(many.values).toHaveLength(100);
    const some = await server.complete(CONTACT, 'contact_id', '24');
    expect(some.values).toContain('lead-124');
    expect(await server.complete(CONTACT, 'contact_id', 'nobody')).toMatchObject({
      values: [],
      total: 0,
      hasMore: false,
    });
  });

  it('refuses to complete what there is not, naming what there is', async () => {
    await expect(server.complete('countersign://nope/{x}', 'x', '')).rejects.toThrow(/countersign:\/\/agents/);
    await expect(server.complete(AGENT, 'agent', '')).rejects.toThrow(/agent_id/);
  });
});

describe('toolsets and read-only mode', () => {
  it('offer the resources of the tools that they offer', async () => {
    const some = await startServer({ home, env: { COUNTERSIGN_TOOLSETS: 'contacts', COUNTERSIGN_READ_ONLY: '1' } });
    expect(await some.resources()).toEqual({ listed: [], templates: [CONTACT] });
    await expect(some.resource('countersign://pending')).rejects.toThrow();
    await expect(some.complete(AGENT, 'agent_id', '')).rejects.toThrow();
    await some.close();
  });

  it('tell a model of no tool that is not offered', async () => {
    const all = await startServer({ home });
    expect(Buffer.byteLength(all.instructions() ?? '')).toBeLessThan(1024);
    expect(all.instructions()).toContain('create_agent');
    const some = await startServer({ home, env: { COUNTERSIGN_READ_ONLY: '1' } });
    expect(some.instructions()).not.toMatch(/create_agent|trigger_agent|approve_action/);
    await Promise.all([all.close(), some.close()]);
  });
});
