import { describe, expect, it } from 'vitest';
import { aDefinition, type RawWords, rawTools } from '../support/raw-tools.ts';
import { command } from '../support/served.ts';
import { desk, proposed, reasons } from '../support/tool-desk.ts';
import { offerOf, servers } from '../support/tool-pool.ts';

/** A list as a server out there sent it: one tool is fine, and the other has null where its properties should be. */
const ONE_BAD = JSON.parse(
  '{"tools":[{"name":"ok","inputSchema":{"type":"object","properties":{"q":{"type":"string"}}}},{"name":"bad","inputSchema":{"type":"object","properties":null}}]}',
).tools;

async function offeringOf(words: RawWords) {
  const offer = await offerOf(servers({ crm: rawTools(words).entry() }), 'crm');
  if (!offer || !('tools' in offer)) throw new Error(`crm offers nothing: ${JSON.stringify(offer)}`);
  return { usable: [...offer.tools.keys()], unusable: Object.fromEntries(offer.unusable) };
}

const nested = (levels: number): object => (levels === 0 ? {} : { not: nested(levels - 1) });

describe('one bad definition', () => {
  it.each([true, false])('is unusable by name, and the other tools work (2026-07-28: %s)', async (modern) => {
    const tools = rawTools({ pages: [ONE_BAD], modern });
    const { server } = await desk(tools);
    const { result, at } = await proposed(server, [
      { tool: 'bad', arguments: {} },
      { tool: 'crm/bad', arguments: {} },
      { tool: 'ok', arguments: { q: 1 } },
      { tool: 'ok', arguments: { q: 'x' } },
    ]);
    const reason = "the tool crm/bad is unusable: its inputSchema can't be used: properties must be object";
    expect(reasons(result)).toEqual([reason, reason, expect.stringContaining('q must be string')]);
    expect((await server.call('approve_action', await server.shown(at))).action).toMatchObject({
      status: 'executed',
      result: { note: 'called ok' },
    });
    expect(tools.calls()).toEqual([{ name: 'ok', args: { q: 'x' } }]);
  });

  it('is told of wherever tools are listed', async () => {
    const { server, home } = await desk(rawTools({ pages: [ONE_BAD] }));
    const { agent } = await server.call('create_agent', {
      name: 'Mind',
      capabilities: ['mcp:crm', 'mcp:gone'],
      playbook: { playbook_md: 'Look.' },
    });
    const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['ada'] });
    const { evaluation } = await server.call('next_evaluation', { run_id });
    expect(evaluation.allowed_actions).toHaveLength(1);
    expect(evaluation.unusable_tools).toEqual({
      'crm/bad': expect.stringContaining('properties must be object'),
      gone: expect.stringMatching(/^it can't be asked: .* has no such entry/),
    });
    const { stdout, status } = command(home, ['doctor']);
    expect(stdout).toContain('mcp servers: crm\n');
    expect(stdout).toMatch(/^warning: the tool crm\/bad is unusable: .*properties must be object/m);
    expect(status).toBe(0);
  });

  it('sends an approved action back to the person, with the reason', async () => {
    const tools = rawTools({ pages: [[aDefinition('send')]] });
    const { server } = await desk(tools);
    const { at } = await proposed(server, [{ tool: 'send', arguments: {} }]);
    const args = await server.shown(at);
    tools.say({ pages: [[aDefinition('send', { inputSchema: { type: 'object', required: 'to' } })]] });
    expect((await server.call('approve_action', args)).action).toMatchObject({
      status: 'pending_approval',
      reason: expect.stringContaining(
        "the tool crm/send is unusable: its inputSchema can't be used: required must be array",
      ),
    });
    expect(tools.calls()).toEqual([]);
  });

  it('is any that nobody could call, each with its own reason', async () => {
    const page = [
      aDefinition('good'),
      null,
      'tool',
      aDefinition(undefined),
      aDefinition(7),
      aDefinition('  '),
      aDefinition('n'.repeat(201)),
      aDefinition('hid\u200bden'),
      aDefinition('told', { description: { en: 'x' } }),
      aDefinition('titled', { title: 5 }),
      aDefinition('none', { inputSchema: undefined }),
      aDefinition('text', { inputSchema: '{}' }),
      aDefinition('list', { inputSchema: [] }),
      aDefinition('string', { inputSchema: { type: 'string' } }),
      aDefinition('typo', { inputSchema: { type: 'object', properties: { q: { type: 'strnig' } } } }),
      aDefinition('remote', { inputSchema: { type: 'object', properties: { q: { $ref: 'https://example.com/q' } } } }),
      aDefinition('deep', { inputSchema: nested(70) }),
      aDefinition('long', { description: 'x'.repeat(300_000) }),
      aDefinition('twice'),
      aDefinition('twice', { description: 'Something else.' }),
      aDefinition('same'),
      aDefinition('same'),
      aDefinition('null', { title: null, description: null, annotations: 'x', outputSchema: { $async: true } }),
      aDefinition('__proto__'),
      aDefinition('constructor'),
    ];
    const { usable, unusable } = await offeringOf({ pages: [page] });
    expect(usable).toEqual(['good', 'same', 'null', '__proto__', 'constructor']);
    expect(unusable).toEqual({
      'number 2 of its list': "it isn't an object",
      'number 3 of its list': "it isn't an object",
      'number 4 of its list': 'it has no name',
      'number 5 of its list': "its name isn't a text",
      'number 6 of its list': 'its name is empty',
      ['n'.repeat(200)]: 'its name has 201 characters, and 200 is the most',
      'hid⟨U+200B⟩den': "its name holds characters that can't be seen",
      told: "its description isn't a text",
      titled: "its title isn't a text",
      none: 'it has no inputSchema',
      text: "its inputSchema isn't an object",
      list: "its inputSchema isn't an object",
      string: 'its inputSchema takes no object: its type is "string"',
      typo: expect.stringContaining("its inputSchema can't be used: properties.q.type must "),
      remote: expect.stringContaining('another document, and none is ever fetched'),
      deep: 'its definition nests deeper than 64 levels',
      long: 'its definition is larger than 256 kB',
      twice: 'it is listed twice, and differently',
    });
  });

  it('by its schema alone never ends or stalls the process', async () => {
    const anyOf = Array.from({ length: 60_000 }, (_, n) => ({
      type: 'object',
      required: [`aaaaaaaaaaaaaaaaaaaaaaaaaaaa${n}`],
    }));
    const twice = (n: number) => ({ allOf: [{ $ref: `#/$defs/a${n + 1}` }, { $ref: `#/$defs/a${n + 1}` }] });
    const bomb = { ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${n}`, twice(n)])), a40: {} };
    const schemas = {
      async: { type: 'object', $async: true },
      inner: { type: 'object', properties: { q: { $async: true, type: 'string' } } },
      loop: { type: 'object', $ref: '#' },
      ring: { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      bomb: { $ref: '#/$defs/a0', $defs: bomb },
      wide: { type: 'object', anyOf },
    };
    const page = Object.entries(schemas).map(([name, inputSchema]) => aDefinition(name, { inputSchema }));
    const tools = rawTools({ pages: [[...page, aDefinition('ok')]] });
    const { server } = await desk(tools);
    const { result } = await proposed(server, [
      ...Object.keys(schemas).map((tool) => ({ tool, arguments: { q: 1 } })),
      { tool: 'ok', arguments: {} },
    ]);
    expect(reasons(result)).toEqual([
      expect.stringContaining("crm/async is unusable: its inputSchema can't be used: it uses $async, which isn't part"),
      expect.stringContaining('properties.q uses $async'),
      expect.stringContaining('leads back to itself'),
      expect.stringContaining('leads back to itself'),
      expect.stringContaining('its schema, which takes longer than 1 s'),
      expect.stringContaining('crm/wide is unusable: its definition is larger than 256 kB'),
    ]);
    expect(result.proposed_actions).toHaveLength(1);
  });
});
