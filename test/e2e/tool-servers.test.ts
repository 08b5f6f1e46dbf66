import { describe, expect, it, vi } from 'vitest';
import { withChecks } from '../../src/domain/base/schema-check.ts';
import { ARGS, offerOf, problemOf, servers, toolOf } from '../support/tool-pool.ts';
import { testTools, testToolsOverHttp } from '../support/tool-server.ts';

describe('servers of every protocol revision', () => {
  it.each(['', 'legacy', 'fragile'])('are started once, asked and called (%s)', async (ways) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry(ways) });
    const send = await toolOf(pool, 'crm', 'send');
    expect(send).toMatchObject({ title: 'Send a message', description: 'Sends a message to one address.' });
    const answer = await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k1' });
    expect(answer).toEqual({ outcome: 'done', text: expect.stringMatching(/^sent to ada@example\.com!+…$/) });
    expect(answer.text.length).toBeLessThanOrEqual(501);
    expect(tools.calls()).toEqual([{ name: 'send', args: ARGS, key: 'k1' }]);
    // A server that dies of the question for its protocol revision is started a second time.
    expect(tools.started()).toHaveLength(ways === 'fragile' ? 2 : 1);
  });

  it('are reached over HTTP with a header from the environment', async () => {
    const tools = testTools();
    const url = await testToolsOverHttp(tools, 's3cret');
    const headers = { Authorization: 'Bearer ${CRM_TOKEN}' };
    const pool = servers({ crm: { type: 'http', url, headers } }, {}, { CRM_TOKEN: 's3cret' });
    const send = await toolOf(pool, 'crm', 'send');
    expect(await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k' })).toMatchObject({
      outcome: 'done',
    });
    const refused = servers({ crm: { url } });
    expect(await problemOf(refused, 'crm')).toContain('wants authorization (HTTP 401)');
    const unset = servers({ crm: { url, headers } });
    expect(await problemOf(unset, 'crm')).toBe(
      'mcpServers.crm.headers.Authorization needs the environment variable CRM_TOKEN',
    );
  });

  it('are reached by the HTTP transport of 2024-11-05', async () => {
    const tools = testTools();
    const url = await testToolsOverHttp(tools, '', '--sse');
    const pool = servers({ crm: { type: 'sse', url } });
    const send = await toolOf(pool, 'crm', 'send');
    const answer = await pool.call({ server: 'crm', tool: send, args: ARGS, idempotency_key: 'k' });
    expect(answer.outcome).toBe('done');
    // Nothing tells this transport that its server is gone: an answer is waited for until there was time enough.
    const brief = servers({ crm: { type: 'sse', url } }, { callMs: 500 });
    const gone = await toolOf(brief, 'crm', 'crash');
    expect(await brief.call({ server: 'crm', tool: gone, args: {}, idempotency_key: 'k' })).toMatchObject({
      outcome: 'unanswered',
    });
  });

  it('are reached anew where they were restarted in between', async () => {
    const tools = testTools();
    const pool = servers({ crm: { url: await testToolsOverHttp(tools) } });
    const gone = await toolOf(pool, 'crm', 'crash');
    expect(await pool.call({ server: 'crm', tool: gone, args: {}, idempotency_key: 'k' })).toMatchObject({
      outcome: 'unanswered',
    });
    expect(await problemOf(pool, 'crm')).toBe("it can't be reached (ECONNREFUSED)");
  });
});

describe('what servers offer', () => {
  it('is asked anew whatever they say of how long it holds', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const before = await toolOf(pool, 'crm', 'send');
    expect((await toolOf(pool, 'crm', 'send')).digest).toBe(before.digest);
    tools.describe('Sends a message, and a copy to us.');
    const held = await offerOf(pool, 'crm', 60_000);
    expect(held && 'tools' in held && held.tools.get('send')?.digest).toBe(before.digest);
    expect((await toolOf(pool, 'crm', 'send')).digest).not.toBe(before.digest);
    expect(tools.started()).toHaveLength(1);
  });

  it('is another tool where another command stands under the name', async () => {
    const tools = testTools();
    const pool = servers({ a: tools.entry(), b: { ...tools.entry(), cwd: tools.folder } });
    const [a, b] = [await toolOf(pool, 'a', 'send'), await toolOf(pool, 'b', 'send')];
    expect(a.digest).not.toBe(b.digest);
  });

  it('checks arguments by its schema, patterns in linear time', async () => {
    const tools = testTools();
    const tool = await toolOf(servers({ crm: tools.entry() }), 'crm', 'send');
    const check = (args: unknown) => withChecks(() => tool.check(args));
    expect(await check(ARGS)).toBeUndefined();
    expect(await check({ to: 'ada@example.com' })).toBe("must have required property 'text'");
    expect(await check({ ...ARGS, to: 'nobody' })).toBe('to must match format "email"');
    expect(await check({ ...ARGS, cc: 'x' })).toBe('must NOT have additional properties (cc)');
    // A matcher that goes back to try again takes minutes for so few letters, which is more time than a test has.
    expect(await check({ ...ARGS, code: `${'a'.repeat(34)}!` })).toContain('code must match pattern');
  });

  it('is nothing, without a word on stdout, where a server has no tools', async () => {
    const print = vi.spyOn(process.stdout, 'write');
    const log = vi.spyOn(console, 'debug');
    const offer = await offerOf(servers({ crm: testTools().entry('toolless') }), 'crm');
    expect(offer && 'tools' in offer && offer.tools.size).toBe(0);
    expect(log).not.toHaveBeenCalled();
    print.mockRestore();
    log.mockRestore();
  });
});

describe('what came of a call', () => {
  it.each([
    ['refuse', 'refused', 'no such mailbox'],
    ['err', 'refused', 'it answered with an error: the ledger is locked'],
    ['crash', 'unanswered', 'it ended before it answered'],
    ['hang', 'unanswered', "it didn't answer within 0.5 s"],
    ['ask', 'refused', expect.stringContaining('it answered with an error: Cannot request input')],
  ])('%s is %s', async (name, outcome, text) => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() }, name === 'hang' ? { callMs: 500 } : {});
    const tool = await toolOf(pool, 'crm', name);
    expect(await pool.call({ server: 'crm', tool, args: {}, idempotency_key: 'k' })).toEqual({ outcome, text });
    await expect.poll(() => tools.calls().length).toBe(1);
  });

  it('is nothing where the definition has changed since', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() }, { idleMs: 10 });
    const tool = await toolOf(pool, 'crm', 'send');
    tools.describe('Another text.');
    // The idle connection goes, and the new one looks first.
    await expect.poll(() => tools.running()).toEqual([]);
    const answer = await pool.call({ server: 'crm', tool, args: ARGS, idempotency_key: 'k' });
    expect(answer).toMatchObject({ outcome: 'not_called', text: expect.stringContaining('changed just now') });
    expect(tools.calls()).toEqual([]);
  });

  it('is nothing where the server is gone, and a new connection where it is back', async () => {
    const tools = testTools();
    const pool = servers({ crm: tools.entry() });
    const tool = await toolOf(pool, 'crm', 'send');
    for (const pid of tools.running()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => tools.running()).toEqual([]);
    // The last look before a call goes over a new connection where the old one is dead.
    expect(await offerOf(pool, 'crm')).toHaveProperty('tools');
    expect(await pool.call({ server: 'crm', tool, args: ARGS, idempotency_key: 'k' })).toMatchObject({
      outcome: 'done',
    });
    expect(tools.started()).toHaveLength(2);
  });
});
