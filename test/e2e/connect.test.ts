import { describe, expect, it } from 'vitest';
import { forgetKey } from '../support/home-key.ts';
import { accept, EMAIL, waits, withPerson } from '../support/person.ts';
import { startRaw } from '../support/raw-server.ts';
import { command, type Served, serve } from '../support/served.ts';
import { ERAS, startServer, temporaryHome } from '../support/server.ts';

/** What starts a server over stdio that passes on to a served home. */
const connecting = ({ url }: Served, token: string) => ({
  home: temporaryHome(),
  args: ['connect', url],
  env: { COUNTERSIGN_TOKEN: token },
});

describe.each(ERAS)('countersign connect, for a client of %s', (era) => {
  it('has a person decide by a form of their own client on what waits in a home elsewhere', async () => {
    const served = await serve();
    const { env, ...more } = connecting(served, served.token());
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }), env, more);
    const { at } = await waits(server, EMAIL);
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(forms).toHaveLength(1);
    expect(action).toMatchObject({ decided_via: 'elicited', decided_by: expect.stringMatching(/^zoe \(test-sdk/) });
    await server.close();
  });

  it('passes on notices of what it listens to', async () => {
    const served = await serve();
    const server = await startServer({ era, ...connecting(served, served.token()) });
    const { updates, stop } = await server.subscribe('countersign://pending');
    const beside = await startServer({ home: served.home });
    await beside.call('import_contacts', { contacts: [{ id: 'p', email: 'pat@example.com' }] });
    await waits(beside, { type: 'note', params: { body: 'Met Pat' } });
    await expect.poll(() => updates).toContain('countersign://pending');
    await stop();
    await beside.close();
    await server.close();
  });

  it('says why a call doesn’t get there, and goes on once it does', async () => {
    const served = await serve();
    const server = await startServer({ era, ...connecting(served, served.token()) });
    await served.end('SIGKILL');
    await expect(server.call('list_agents')).rejects.toThrow('can’t be reached'.replace('’', "'"));
    await serve({ home: served.home, args: ['--port', new URL(served.url).port] });
    expect(await server.call('list_agents')).toMatchObject({ total: 0 });
    await server.close();
  });
});

describe('countersign connect', () => {
  it('holds what a client asks before its greeting is answered, in order, but what it cancels', async () => {
    const served = await serve();
    const { home, args, env } = connecting(served, served.token());
    const list = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/list' });
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    const together = [list(1), { jsonrpc: '2.0', method: 'notifications/initialized' }, list(2), cancelled, list(3)];
    const server = await startRaw(env, home, { args, together });
    for (const id of [2, 3])
      expect(await server.answer(id)).toMatchObject({ result: { tools: expect.arrayContaining([expect.anything()]) } });
    expect(server.output()).not.toContain('"id":1,');
    server.child.kill();
    await server.exit();
  });

  it('begins a forgotten session again unnoticed, however many requests find it gone', async () => {
    const served = await serve();
    const { home, args, env } = connecting(served, served.token());
    const server = await startRaw(env, home, { args });
    await served.end('SIGKILL');
    // A home that signs with another key knows none of its sessions.
    await forgetKey(served.home);
    await serve({ home: served.home, args: ['--port', new URL(served.url).port] });
    const ids = [11, 12, 13, 14, 15];
    for (const id of ids) server.ask(id, 'list_agents');
    for (const id of ids) expect(await server.answer(id)).toMatchObject({ result: { content: expect.any(Array) } });
    expect(server.output().match(/"serverInfo"/g)).toHaveLength(1);
    server.child.kill();
    await server.exit();
  });

  it('begins a session again that the server has forgotten', async () => {
    const served = await serve();
    const server = await startServer({ era: 'sdk-1', ...connecting(served, served.token()) });
    const { url } = served;
    await served.end('SIGKILL');
    // Another home at the same address signs with another key: it knows nothing of the session.
    const other = await serve({ args: ['--port', new URL(url).port] });
    await expect(server.call('list_agents')).rejects.toThrow('COUNTERSIGN_TOKEN');
    await other.end();
    await serve({ home: served.home, args: ['--port', new URL(url).port] });
    expect(await server.call('list_agents')).toMatchObject({ total: 0 });
    await server.close();
  });

  it.each([
    [[], {}, 'takes the URL'],
    [['no url'], {}, 'takes the URL'],
    [['http://localhost:1'], {}, 'COUNTERSIGN_TOKEN is not set'],
    [['http://localhost:1'], { COUNTERSIGN_TOKEN: 'a\nb' }, 'what no token does'],
    [['http://zoe:cs_x@localhost:1'], { COUNTERSIGN_TOKEN: 'x' }, 'never stands in a URL'],
    [['http://agents.example.com'], { COUNTERSIGN_TOKEN: 'x' }, 'unencrypted'],
  ])('doesn’t begin with %j, %j', (args, env, why) => {
    const { status, stderr } = command(temporaryHome(), ['connect', ...args], { ...env });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(why) });
  });

  it('answers with the reason where the token isn’t taken', async () => {
    const served = await serve();
    const start = startServer({ era: 'sdk-1', ...connecting(served, 'cs_wrong') });
    await expect(start).rejects.toThrow('COUNTERSIGN_TOKEN is wrong');
  });
});
