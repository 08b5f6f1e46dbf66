import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/base/author.ts';
import { type Client, clientOf, type RestServer, restServer } from '../support/rest-server.ts';

const PREFIXES = { pathbound: '/pathbound/v1', converra: '/converra/api/v1', talkifai: '/talkifai/v1' } as const;
const SECRET = 'hush';

type Api = keyof typeof PREFIXES | 'make';

function clientsOf(on: RestServer, person: string, role: Role, team = 1): Record<Api, Client> {
  const token = on.token({ name: person, person, role, team });
  const of = (prefix: string, scheme?: string) => clientOf(on, prefix, token, scheme);
  return {
    pathbound: of(PREFIXES.pathbound),
    make: of('/make/ai-agents/v1', 'Token'),
    converra: of(PREFIXES.converra),
    talkifai: of(PREFIXES.talkifai),
  };
}

/** A team of four, one of them in another team, and the private agent of one member, with a run. */
async function team() {
  const on = await restServer();
  await on.call('import_contacts', { contacts: [{ id: 'c1', email: 'ann@example.com' }] });
  const [ann, bob, eve, zoe] = [
    clientsOf(on, 'ann', 'member'),
    clientsOf(on, 'bob', 'member'),
    clientsOf(on, 'eve', 'admin', 2),
    clientsOf(on, 'zoe', 'owner'),
  ];
  const made = await ann.pathbound.post('/agents', {
    name: SECRET,
    playbook: { rules: [{ name: 'all', when: {}, propose: [{ type: 'note', params: { body: SECRET } }] }] },
    capabilities: ['notes'],
    tags: [SECRET],
  });
  expect(made.status).toBe(201);
  const { _id } = made.json.agent;
  await ann.pathbound.post(`/agents/${_id}/trigger`);
  await expect.poll(async () => (await ann.pathbound.get(`/agents/${_id}/runs?status=completed`)).json.total).toBe(1);
  const [run] = (await ann.pathbound.get(`/agents/${_id}/runs`)).json.runs;
  const [{ id: uuid }] = (await zoe.make.get('/agents?teamId=1')).json;
  return { on, ann, bob, eve, zoe, id: _id, uuid, run: run._id };
}

/** Everything that one can ask for about the agent, by all four APIs. */
function asking(
  { id, uuid, run }: { id: string; uuid: string; run: string },
  teamId: number,
): [Api, keyof Client, string, unknown?][] {
  const action = `/agents/runs/${run}/contacts/c1/actions/0`;
  return [
    ...(['pathbound', 'converra', 'talkifai'] as const).flatMap((api): [Api, keyof Client, string, unknown?][] => [
      [api, 'get', `/agents/${id}`],
      [api, 'patch', `/agents/${id}`, { name: 'Mine now' }],
      [api, 'delete', `/agents/${id}`],
    ]),
    ['pathbound', 'post', `/agents/${id}/trigger`],
    ['pathbound', 'get', `/agents/${id}/runs`],
    ['pathbound', 'get', `/agents/runs/${run}`],
    ['pathbound', 'get', `/agents/runs/${run}?mode=summary`],
    ['pathbound', 'post', `${action}/approve`, { expected_digest: 'x' }],
    ['pathbound', 'post', `${action}/reject`],
    ['converra', 'get', `/agents/${id}/status`],
    ['converra', 'get', `/agents/${id}/insights`],
    ['make', 'get', `/agents/${uuid}?teamId=${teamId}`],
    ['make', 'patch', `/agents/${uuid}?teamId=${teamId}`, { name: 'Mine now' }],
    ['make', 'delete', `/agents/${uuid}?teamId=${teamId}`],
    ['make', 'post', `/agents/${uuid}/run?teamId=${teamId}`, { messages: [{ role: 'user', content: 'Hello' }] }],
  ];
}

describe('the private agent of a member, by REST', () => {
  it.each(['bob', 'eve'] as const)('is not there for %s: not one byte of it', async (who) => {
    const scene = await team();
    const clients = scene[who];
    const teamId = who === 'eve' ? 2 : 1;
    const closest = /closest match is/;
    for (const [api, method, path, body] of asking(scene, teamId)) {
      const got = await clients[api][method](path, body);
      expect({ path, status: got.status }).toEqual({ path, status: 404 });
      expect(got.text).not.toContain(SECRET);
      expect(got.text).not.toMatch(closest);
    }
    const lists = [
      await clients.pathbound.get('/agents'),
      await clients.converra.get(`/agents?tags=${SECRET}`),
      await clients.talkifai.get('/agents?mode=private'),
      await clients.make.get(`/agents?teamId=${teamId}`),
    ];
    for (const { status, text } of lists) {
      expect(status).toBe(200);
      for (const word of [SECRET, scene.id, scene.uuid]) expect(text).not.toContain(word);
      expect(text).toMatch(/^\[\]$|"total":0/);
    }
    expect((await scene.ann.pathbound.get(`/agents/${scene.id}`)).json.agent.name).toBe(SECRET);
  });

  it('is there for its owner, and for whoever owns the team', async () => {
    const scene = await team();
    for (const clients of [scene.ann, scene.zoe]) {
      expect((await clients.pathbound.get('/agents')).json.total).toBe(1);
      expect((await clients.talkifai.get(`/agents/${scene.id}`)).status).toBe(200);
      expect((await clients.make.get(`/agents/${scene.uuid}?teamId=1`)).json.name).toBe(SECRET);
      const run = await clients.pathbound.get(`/agents/runs/${scene.run}`);
      expect(run.json.run.contact_results[0].proposed_actions[0].params).toEqual({ body: SECRET });
    }
  });
});

describe('roles, as TalkifAI documents them', () => {
  const TEXT = { name: 'A', agentArchitecture: 'text', model: 'gpt-4o', systemPrompt: 'x' };

  it('let only owners and admins make, change and delete agents that are not private', async () => {
    const on = await restServer();
    const [ann, zoe] = [clientsOf(on, 'ann', 'member').talkifai, clientsOf(on, 'zoe', 'owner').talkifai];
    const refused = await ann.post('/agents', { ...TEXT, mode: 'public' });
    expect(refused).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(refused.json.error).toContain('leave mode out');
    const { id } = (await zoe.post('/agents', { ...TEXT, mode: 'commercial' })).json.data;
    expect((await ann.get(`/agents/${id}`)).status).toBe(200);
    expect((await ann.patch(`/agents/${id}`, { name: 'B' })).status).toBe(403);
    expect((await ann.delete(`/agents/${id}`)).status).toBe(403);
    const own = (await ann.post('/agents', { ...TEXT, mode: 'private' })).json.data;
    expect((await ann.patch(`/agents/${own.id}`, { mode: 'public' })).status).toBe(403);
    expect((await ann.patch(`/agents/${own.id}`, { name: 'B' })).status).toBe(200);
    expect((await zoe.patch(`/agents/${own.id}`, { mode: 'public' })).status).toBe(200);
    expect((await ann.delete(`/agents/${own.id}`)).status).toBe(403);
    expect((await zoe.delete(`/agents/${own.id}`)).status).toBe(200);
  });
});
