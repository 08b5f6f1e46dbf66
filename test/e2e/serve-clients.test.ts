import { describe, expect, it } from 'vitest';
import { accept, EMAIL, waits, withPerson } from '../support/person.ts';
import { serve } from '../support/served.ts';
import { ERAS, startServer } from '../support/server.ts';

const RUNS_AND_REVIEWS = ['list_pending_actions', 'approve_action', 'trigger_agent', 'create_agent', 'list_contacts'];

describe.each(ERAS)('a client over HTTP, %s', (era) => {
  it('has every tool, and lives the life of an agent', async () => {
    const served = await serve();
    const server = await startServer({ era, over: { url: served.url, token: served.token() } });
    const names = (await server.tools()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(RUNS_AND_REVIEWS));
    await server.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    const { run_id, agent } = await waits(server, { type: 'note', params: { body: 'Met Pat' } });
    expect(agent.created_by).toBe(era === 'sdk-1' ? 'zoe (test-sdk-1 1.2.3)' : 'zoe (test-sdk-2 1.2.3)');
    expect((await server.resource(`countersign://runs/${run_id}`)).run.summary.actions_pending_approval).toBe(1);
    await server.close();
  });

  it('shows the person our form, and their yes keeps its proof', async () => {
    const served = await serve();
    const over = { url: served.url, token: served.token() };
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }), {}, { over });
    const { at } = await waits(server, EMAIL);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(forms).toHaveLength(1);
    expect(action).toMatchObject({ decided_via: 'elicited', decided_by: expect.stringMatching(/^zoe \(test-sdk-\d/) });
    await server.close();
  });

  it('gives no more than a plain call where its client draws no form', async () => {
    const served = await serve();
    const { server } = await withPerson(era, () => undefined, {}, { over: { url: served.url, token: served.token() } });
    await server.close();
    const plain = await startServer({ era, over: { url: served.url, token: served.token() } });
    const hook = { type: 'webhook', params: { payload: { plan: 'pro' } } };
    const connections = { webhook_url: 'https://example.com/hook' };
    const { at } = await waits(plain, hook, { capabilities: ['webhook'], connections });
    const refusal = await plain.refusal('approve_action', await plain.shown(at));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', details: { needed: 'elicited', given: 'client' } });
    expect(JSON.stringify(refusal)).toContain('countersign review');
    expect(JSON.stringify(refusal)).not.toContain(process.execPath);
    await plain.close();
  });

  it('hears within seconds of a change that a process over stdio made', async () => {
    const served = await serve();
    const server = await startServer({ era, over: { url: served.url, token: served.token() } });
    const beside = await startServer({ home: served.home });
    await beside.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    const { updates, stop } = await server.subscribe('countersign://pending');
    await waits(beside, { type: 'note', params: { body: 'Met Pat' } });
    await expect.poll(() => updates).toContain('countersign://pending');
    await stop();
    await beside.close();
    await server.close();
  });
});

describe('a token', () => {
  it('lists exactly the tools of its scopes, and says of the others which scope they need', async () => {
    const served = await serve();
    const reader = await startServer({ over: { url: served.url, token: served.token('rea', '--scopes', 'read') } });
    const names = (await reader.tools()).map(({ name }) => name);
    expect(names).toContain('get_run');
    expect(names.filter((name) => !/^(list|get|export)_/.test(name))).toEqual([]);
    expect(await reader.refusal('create_agent', { name: 'A' })).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('agents:write'),
    });
    const writer = await startServer({ over: { url: served.url, token: served.token('wri', '--scopes', 'write') } });
    expect((await writer.tools()).map(({ name }) => name)).not.toContain('list_agents');
    expect(writer.capabilities()).not.toHaveProperty('prompts');
    expect(await writer.refusal('list_agents')).toMatchObject({ code: 'FORBIDDEN' });
    await reader.close();
    await writer.close();
  });

  it('may put the brake on with trigger, and takes approve to be taken off', async () => {
    const served = await serve();
    const over = { url: served.url, token: served.token('tri', '--scopes', 'read,trigger') };
    const { server } = await triggerer(over);
    expect((await server.call('set_brake', { on: true })).brake.on).toBe(true);
    expect(await server.refusal('set_brake', { on: false })).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('agents:approve'),
    });
    await server.close();
  });

  it('reads no file of this machine by its path, unless folders are allowed', async () => {
    const served = await serve();
    const server = await startServer({ over: { url: served.url, token: served.token() } });
    expect(await server.refusal('import_contacts', { path: 'package.json' })).toMatchObject({
      message: expect.stringContaining('COUNTERSIGN_ALLOW_DIRS'),
    });
    await server.close();
  });
});

/** A client that could draw forms, and whose person would say yes to any. */
async function triggerer(over: { url: string; token: string }) {
  const server = await startServer({ over, onForm: () => accept({ decision: 'approve' }) });
  return { server };
}
