import { describe, expect, it } from 'vitest';
import { keptIn } from '../support/kept-in.ts';
import { CRM, hooks, SECRET, settled, start, waiting } from '../support/poster.ts';
import type { Connection } from '../support/server.ts';
import { aSink } from '../support/sink.ts';

describe('crm_update with a crm_sync_url', () => {
  const stage = async (server: Connection) =>
    (await server.call('get_contact', { contact_id: 'a' })).contact.lifecycle_stage;

  it('posts the fields, then changes the contact, and the receipt tells both', async () => {
    const sink = await aSink();
    const server = await start(sink);
    const { at, agent } = await waiting(server, { crm_sync_url: sink.url('/crm') }, CRM);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(JSON.parse(sink.requests[0]?.body ?? '')).toEqual({
      type: 'crm_update',
      agent_id: agent.id,
      ...at,
      fields: { lifecycle_stage: 'customer' },
    });
    expect(action).toMatchObject({
      status: 'executed',
      result: { channel: 'webhook', status_code: 200, note: expect.stringMatching(/posted.*changed lifecycle_stage/) },
    });
    expect(await stage(server)).toBe('customer');
    expect(sink.requests).toHaveLength(1);
  });

  it('posts a field by the name that it is written under', async () => {
    const sink = await aSink();
    const server = await start(sink);
    const update = { type: 'crm_update', params: { fields: { 'Lifecycle Stage': 'customer' } } };
    const { at } = await waiting(server, { crm_sync_url: sink.url('/crm') }, update);
    await server.call('approve_action', await server.shown(at));
    expect(JSON.parse(sink.requests[0]?.body ?? '').fields).toEqual({ lifecycle_stage: 'customer' });
    expect(await stage(server)).toBe('customer');
  });

  it('leaves the contact as it was when the CRM refuses', async () => {
    const sink = await aSink((_request, response) => response.writeHead(422).end());
    const server = await start(sink);
    const { at } = await waiting(server, { crm_sync_url: sink.url('/crm') }, CRM);
    expect((await server.call('approve_action', await server.shown(at))).action).toMatchObject({ status: 'failed' });
    expect(await stage(server)).toBe('lead');
  });

  it('that a person says was sent changes the contact too, once', async () => {
    const sink = await aSink((_request, response) => response.socket?.destroy());
    const server = await start(sink);
    const { at } = await waiting(server, { crm_sync_url: sink.url('/crm') }, CRM);
    const { action } = await server.call('approve_action', await server.shown({ ...at, wait_seconds: 20 }));
    expect(action).toMatchObject({ status: 'unknown', error: { message: expect.stringContaining('settle_action') } });
    expect(await stage(server)).toBe('lead');
    expect((await server.call('settle_action', { ...at, outcome: 'sent' })).action.status).toBe('executed');
    expect(await stage(server)).toBe('customer');
  });

  it('does both when the policy approves it, as a person allowed', async () => {
    const sink = await aSink();
    const server = await start(sink, { COUNTERSIGN_MIN_PROOF: 'client' });
    const { at } = await waiting(server, { crm_sync_url: sink.url('/crm') }, CRM, {
      approval: { auto_approve: ['crm_update'] },
    });
    await settled(server, at, 'executed');
    expect(await stage(server)).toBe('customer');
    expect(sink.requests).toHaveLength(1);
  });
});

it('keeps no secret in the home', async () => {
  const sink = await aSink();
  const server = await start(sink);
  const { at } = await waiting(server, hooks(sink));
  await server.call('approve_action', await server.shown(at));
  await server.close();
  const kept = await keptIn(server.home);
  expect(kept).toContain(sink.host);
  expect(kept).not.toContain(SECRET.slice(6));
});
