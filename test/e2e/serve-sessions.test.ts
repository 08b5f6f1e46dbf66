import { describe, expect, it } from 'vitest';
import { aSession, listTools, post, toolCall } from '../support/http-wire.ts';
import { accept, EMAIL, waits, withPerson } from '../support/person.ts';
import { command, serve } from '../support/served.ts';

const portOf = (url: string) => new URL(url).port;
const session = (id: string) => ({ 'mcp-session-id': id });

describe('a session over HTTP', () => {
  it('goes on after the server was killed, with the forms that its client draws', async () => {
    const before = await serve();
    const over = { url: before.url, token: before.token() };
    const { server, forms } = await withPerson('sdk-1', () => accept({ decision: 'approve' }), {}, { over });
    const { at } = await waits(server, EMAIL);
    await before.end('SIGKILL');
    await serve({ home: before.home, args: ['--port', portOf(before.url)] });
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({ status: 'executed', decided_via: 'elicited', decided_by: 'zoe (test-sdk-1 1.2.3)' });
    expect(forms).toHaveLength(1);
    await server.close();
  });

  it('stays dead once it was deleted, in another process too', async () => {
    const before = await serve();
    const token = before.token();
    const id = await aSession(before.url, token);
    const deleted = await fetch(new URL('/mcp', before.url), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}`, ...session(id) },
    });
    expect(deleted.status).toBe(200);
    expect((await post(before.url, token, listTools, session(id))).status).toBe(404);
    await before.end();
    const after = await serve({ home: before.home });
    expect((await post(after.url, token, listTools, session(id))).status).toBe(404);
  });

  it('has one spelling: no other one lives on after it was deleted', async () => {
    const { url, token } = await serve();
    const mine = token();
    const id = await aSession(url, mine);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last letter holds two bits that no byte needs.
    const alike = [1, 2, 3].map((bits) => `${id.slice(0, -1)}${letters[letters.indexOf(id.slice(-1)) ^ bits]}`);
    for (const other of [...alike, `${id}=`, `${id}!`])
      expect((await post(url, mine, listTools, session(other))).status).toBe(404);
    expect((await post(url, mine, listTools, session(id))).status).toBe(200);
  });

  it('is for its own token alone, and for none that was changed', async () => {
    const { url, token } = await serve();
    const [mine, other] = [token('zoe'), token('ben')];
    const id = await aSession(url, mine);
    expect((await post(url, other, listTools, session(id))).status).toBe(404);
    const [body = '', mac = ''] = id.split('.');
    const facts = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...facts, capabilities: { elicitation: {} } })).toString('base64url');
    for (const made of [`${forged}.${mac}`, `${body}.`, `${body}`, 'x', `${id}.x`, `${body}.${mac.slice(1)}A`])
      expect((await post(url, mine, listTools, session(made))).status).toBe(404);
    expect((await post(url, mine, listTools, session(id))).status).toBe(200);
  });

  it('is another one for each token of one person', async () => {
    const { url, token } = await serve();
    const [one, two] = [token('zoe'), token('zoe')];
    expect((await post(url, two, listTools, session(await aSession(url, one)))).status).toBe(404);
  });

  it('ends with its token, and so does its stream', async () => {
    const { url, token, home } = await serve();
    const mine = token('zoe');
    const id = await aSession(url, mine);
    const stream = await fetch(new URL('/mcp', url), {
      headers: { authorization: `Bearer ${mine}`, accept: 'text/event-stream', ...session(id) },
    });
    expect(stream.status).toBe(200);
    const [, tokenId = ''] = mine.split('_');
    expect(command(home, ['token', 'revoke', tokenId])).toMatchObject({ status: 0 });
    // It ends: whatever else it said before.
    await stream.text();
    expect((await post(url, mine, listTools, session(id))).status).toBe(401);
  });

  it('has an id of at most 2 KB, whatever its client says of itself', async () => {
    const { url, token } = await serve();
    const mine = token();
    const id = await aSession(
      url,
      mine,
      { elicitation: { form: {} }, experimental: { much: { more: 'y'.repeat(5_000) } } },
      { name: '\u{1F600}'.repeat(3_000), version: 'v'.repeat(3_000) },
    );
    expect(id.length).toBeLessThanOrEqual(2_048);
    expect((await post(url, mine, listTools, session(id))).status).toBe(200);
  });

  it('is needed by an older revision: without one nothing is done', async () => {
    const { url, token } = await serve();
    const mine = token();
    const answer = await post(url, mine, toolCall('create_agent', { name: 'A', playbook: { playbook_md: 'Wait.' } }));
    expect(answer).toMatchObject({ status: 400, json: { error: { message: expect.stringContaining('initialize') } } });
    const listed = await post(url, mine, toolCall('list_agents'), session(await aSession(url, mine)));
    expect(listed.json.result.structuredContent.agents).toEqual([]);
  });

  it('is never refused for their number: the one idle longest comes back from its id', async () => {
    const { url, token } = await serve();
    const mine = token();
    const first = await aSession(url, mine);
    for (let round = 0; round < 21; round++)
      await Promise.all(Array.from({ length: 50 }, async () => post(url, mine, INITIALIZE)));
    expect((await post(url, mine, listTools, session(first))).status).toBe(200);
  });
});

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'many', version: '1' } },
};
