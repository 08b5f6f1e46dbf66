import fs from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aModelServer } from '../support/fixtures.ts';
import { outboxFolder } from '../support/postgres/outbox-folder.ts';
import { command, type Served, serve } from '../support/served.ts';
import { startServer } from '../support/server.ts';

type Facts = ReturnType<typeof JSON.parse>;
const AGENT = { name: 'Writer', playbook: { playbook_md: 'Be brief.' }, enabled: true };
const MAILING = {
  ...AGENT,
  playbook: {
    rules: [
      { name: 'all', when: {}, propose: [{ type: 'email_message', params: { subject: 'Hi', message: 'Hello.' } }] },
    ],
  },
  capabilities: ['email'],
};

async function ask(
  { url }: Pick<Served, 'url'>,
  method: string,
  target: string,
  authorization: string,
  body?: unknown,
) {
  const response = await fetch(`${url}${target}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: Facts = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, json };
}

describe('the REST mounts of the built program', () => {
  it('are there for tokens of each dialect, at the bare /v1 too', async () => {
    const on = await serve();
    const bearer = (name: string) => `Bearer ${on.token(name, '--dialect', name)}`;
    expect((await ask(on, 'GET', '/v1/agents', bearer('pathbound'))).json.agents).toEqual([]);
    expect((await ask(on, 'GET', '/v1/agents', bearer('converra'))).json.data).toEqual([]);
    expect((await ask(on, 'GET', '/v1/agents', bearer('talkifai'))).json.pagination.hasNext).toBe(false);
    const make = on.token('make', '--dialect', 'make', '--team', '4');
    expect((await ask(on, 'GET', '/v1/agents?teamId=4', `Token ${make}`)).json).toEqual([]);
    expect(await ask(on, 'GET', '/v1/agents?teamId=1', `Token ${make}`)).toMatchObject({
      status: 403,
      json: { code: 'SC403' },
    });
    expect(await ask(on, 'GET', '/v1/agents?teamId=4', `Bearer ${make}`)).toMatchObject({
      status: 401,
      json: { code: 'SC401' },
    });
  });

  it('show what a process over stdio wrote, and the other way round', async () => {
    const on = await serve();
    const stdio = await startServer({ home: on.home });
    onTestFinished(() => stdio.close());
    const token = `Bearer ${on.token()}`;
    const names = async () => (await ask(on, 'GET', '/v1/agents', token)).json.agents.map(({ name }: Facts) => name);
    expect(await names()).toEqual([]);
    const { agent } = await stdio.call('create_agent', AGENT);
    expect(await names()).toEqual(['Writer']);
    await ask(on, 'PATCH', `/v1/agents/${agent.id}`, token, { name: 'Author' });
    expect((await stdio.call('get_agent', { agent_id: agent.id })).agent.name).toBe('Author');
    expect(await names()).toEqual(['Author']);
  });

  it('approve an email that stays on this machine: it is written to the outbox, once', async () => {
    const on = await serve();
    const token = on.token();
    const bearer = `Bearer ${token}`;
    const basic = `Basic ${Buffer.from(`${token}:`).toString('base64')}`;
    await ask(on, 'POST', '/segment/v1/identify', basic, { userId: 'u1', traits: { email: 'ann@example.com' } });
    const { _id } = (await ask(on, 'POST', '/v1/agents', bearer, MAILING)).json.agent;
    await ask(on, 'POST', `/v1/agents/${_id}/trigger`, bearer);
    const runs = () => ask(on, 'GET', `/v1/agents/${_id}/runs?status=completed`, bearer);
    await expect.poll(async () => (await runs()).json.total).toBe(1);
    const run = `/v1/agents/runs/${(await runs()).json.runs[0]._id}`;
    const approve = `${run}/contacts/u1/actions/0/approve`;
    expect((await ask(on, 'POST', approve, bearer)).status).toBe(400);
    await ask(on, 'GET', run, bearer);
    expect(await ask(on, 'POST', approve, bearer)).toMatchObject({
      status: 200,
      json: { action: { decided_by: 'zoe' } },
    });
    expect((await ask(on, 'POST', approve, bearer)).status).toBe(409);
    const outbox = () => fs.readdirSync(outboxFolder(on.home)).filter((name) => name.endsWith('.eml'));
    await expect.poll(outbox).toHaveLength(1);
  });

  it('end the stream of a token that is revoked', async () => {
    const model = await aModelServer({ reply: () => ({ misbehave: 'hang' }) });
    const on = await serve({ env: { COUNTERSIGN_ALLOW_HOSTS: model.host } });
    const token = on.token();
    const made = await ask(on, 'POST', '/pathbound/v1/agents', `Bearer ${token}`, {
      ...AGENT,
      llm_config: { provider: 'openai_compatible', model: 'm-1', base_url: model.url },
    });
    expect(made.status).toBe(201);
    const [{ id }] = (await ask(on, 'GET', '/ai-agents/v1/agents?teamId=1', `Token ${token}`)).json;
    const response = await fetch(`${on.url}/ai-agents/v1/agents/${id}/run/stream?teamId=1`, {
      method: 'POST',
      headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(response.status).toBe(200);
    await expect.poll(() => model.asked.length).toBe(1);
    command(on.home, ['token', 'revoke', token.split('_')[1] ?? '']);
    expect(await response.text()).toContain('"role":"system"');
    await expect.poll(() => model.abandoned()).toBe(1);
  });

  it('tell in the doctor which live events could not be taken', async () => {
    const on = await serve();
    const basic = `Basic ${Buffer.from(`${on.token()}:`).toString('base64')}`;
    const batch = [
      { type: 'identify', userId: 'u1' },
      { type: 'track', event: 'Nobody did this' },
    ];
    expect(await ask(on, 'POST', '/segment/v1/batch', basic, { batch })).toMatchObject({
      status: 200,
      json: { success: true },
    });
    const { stdout, status } = command(on.home, ['doctor']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/warning: 1 live event\(s\) could not be taken, last at .*: track by the token "zoe"/);
  });

  it('change nothing in a server that was started to read alone', async () => {
    const on = await serve({ env: { COUNTERSIGN_READ_ONLY: '1' } });
    const token = `Bearer ${on.token()}`;
    expect((await ask(on, 'GET', '/v1/agents', token)).status).toBe(200);
    expect(await ask(on, 'POST', '/v1/agents', token, AGENT)).toMatchObject({ status: 403, json: { status: 'error' } });
    expect((await ask(on, 'GET', '/v1/agents', token)).json.total).toBe(0);
  });

  it('describe themselves to anybody', async () => {
    const on = await serve();
    const response = await fetch(`${on.url}/openapi.json`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ openapi: '3.1.0' });
  });
});
