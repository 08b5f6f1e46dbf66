import { describe, expect, it } from 'vitest';
import { aDefinition, type RawWords, rawTools } from '../support/raw-tools.ts';
import { desk, proposed, reasons } from '../support/tool-desk.ts';
import { offerOf, problemOf, servers, toolOf } from '../support/tool-pool.ts';

const poolOf = (words: RawWords, env: Record<string, string> = {}) => servers({ crm: rawTools(words, env).entry() });

const page = (from: number, count: number) => Array.from({ length: count }, (_, n) => aDefinition(`t${from + n}`));

describe('a list of tools', () => {
  it.each([true, false])('is read to its last page (2026-07-28: %s)', async (modern) => {
    const offer = await offerOf(poolOf({ pages: [page(0, 3), [null], page(3, 2)], modern }), 'crm');
    if (!offer || !('tools' in offer)) throw new Error(JSON.stringify(offer));
    expect([...offer.tools.keys()]).toEqual(['t0', 't1', 't2', 't3', 't4']);
    expect([...offer.unusable.keys()]).toEqual(['number 4 of its list']);
  });

  it('ends with an empty cursor', async () => {
    expect(await offerOf(poolOf({ pages: [page(0, 1)], cursors: [''] }), 'crm')).toHaveProperty('tools');
  });

  it.each<[string, RawWords]>([
    ['its list of tools leads back to an earlier page', { pages: [page(0, 1), page(1, 1)], cursors: ['1', '1'] }],
    ['its list of tools has more than 100 pages', { pages: Array.from({ length: 200 }, () => []) }],
    ['it offers 1001 tools, and 1000 is the most', { pages: [page(0, 600), page(600, 401)] }],
    ['its list of tools is no list', { pages: [{ send: aDefinition('send') }] }],
    ['its list of tools is no list', { pages: [null] }],
    ['its list of tools is no list', { pages: [] }],
    [
      'its definitions of tools are larger than 4 MB together',
      { pages: [Array.from({ length: 40 }, (_, n) => aDefinition(`t${n}`, { description: 'x'.repeat(240_000) }))] },
    ],
  ])('%s', async (problem, words) => {
    expect(await problemOf(poolOf(words), 'crm')).toBe(problem);
  });

  it('is heard among garbage', async () => {
    const pool = poolOf({
      pages: [page(0, 1)],
      garbage: 'not JSON\n{"jsonrpc":"2.0"}\n[]\n{"id":1,"result":null}\n42',
    });
    expect(await offerOf(pool, 'crm')).toHaveProperty('tools');
  });
});

describe('the words of a server', () => {
  const env = { CRM_KEY: 'env-s3cret' };

  it.each<[string, object]>([
    ['an error', { error: { code: -32000, message: 'denied for env-s3cret' } }],
    ['a failure', { content: [{ type: 'text', text: 'denied for env-s3cret' }], isError: true }],
    ['a result', { content: [{ type: 'text', text: 'done with env-s3cret' }] }],
  ])('hold no value of its env: %s', async (_, answer) => {
    const pool = poolOf({ pages: [[aDefinition('send')]], answers: { send: answer } }, env);
    const tool = await toolOf(pool, 'crm', 'send');
    const { text } = await pool.call({ server: 'crm', tool, args: {}, idempotency_key: 'k' });
    expect(text).toMatch(/(denied for|done with) \[CRM_KEY\]$/);
  });

  it('hold none where they are a definition, or the reason against one', async () => {
    const bad = aDefinition('bad', { inputSchema: { type: 'object', $ref: 'https://x.example/env-s3cret' } });
    const words = { pages: [[aDefinition('send', { description: 'Key env-s3cret.' }), bad]] };
    const offer = await offerOf(poolOf(words, env), 'crm');
    if (!offer || !('tools' in offer)) throw new Error(JSON.stringify(offer));
    expect(offer.tools.get('send')?.description).toBe('Key [CRM_KEY].');
    expect(offer.unusable.get('bad')).toContain('https://x.example/[CRM_KEY]');
  });

  it('are cut where they are long, and end the call where they are beyond measure', async () => {
    const answers = { long: { size: 5_000_000 }, endless: { size: 50_000_000 } };
    const tools = rawTools({ pages: [[aDefinition('long'), aDefinition('endless')]], answers });
    const { server } = await desk(tools);
    const attempt = async (tool: string) => {
      const { at } = await proposed(server, [{ tool, arguments: {} }]);
      return (await server.call('approve_action', await server.shown({ ...at, wait_seconds: 20 }))).action;
    };
    const { result } = await attempt('long');
    expect(result.note).toBe(`${'x'.repeat(500)}…`);
    expect(await attempt('endless')).toMatchObject({ status: 'unknown', error: { code: 'PROVIDER_ERROR' } });
    expect(tools.calls().map(({ name }) => name)).toEqual(['long', 'endless']);
    expect(await server.call('list_agents')).toHaveProperty('agents');
  });
});

describe('a schema that takes long for some arguments', () => {
  it('blocks those, while other calls go on, and takes others', async () => {
    const twice = [{ properties: { x: { $ref: '#' } } }, { properties: { x: { $ref: '#' } } }];
    const tools = rawTools({ pages: [[aDefinition('deep', { inputSchema: { type: 'object', allOf: twice } })]] });
    const { server } = await desk(tools);
    const deep = Array.from({ length: 50 }).reduce<object>((inner) => ({ x: inner }), {});
    const { result } = await proposed(server, [
      { tool: 'deep', arguments: deep },
      { tool: 'deep', arguments: { x: {} } },
    ]);
    expect(reasons(result)).toEqual([
      "wrong shape: params.arguments don't fit crm/deep: could not be checked against its schema, which takes longer than 1 s",
    ]);
    expect(result.proposed_actions).toHaveLength(1);
  });
});
