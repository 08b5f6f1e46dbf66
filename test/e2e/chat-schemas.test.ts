import { describe, expect, it } from 'vitest';
import { chatScene, inTurn } from '../support/chat.ts';
import { aDefinition, rawTools } from '../support/raw-tools.ts';

type Asked = { body: { tools?: { function: { name: string; description: string } }[] } };

const toldOf = ({ body }: Asked) => body.tools?.map((tool) => tool.function) ?? [];

describe('a tool that a chat can’t call', () => {
  it('is told of with the reason, and the other tools work', async () => {
    const tools = rawTools({
      pages: [[aDefinition('bad', { inputSchema: { type: 'object', properties: null } }), aDefinition('ok')]],
    });
    const names = ['crm/bad', 'crm/ok', 'crm/none', 'gone/ok'];
    const { model, say } = await chatScene({
      script: {
        reply: inTurn(
          { text: '', calls: [{ name: 'crm_bad', input: {} }] },
          { text: '', calls: [{ name: 'crm_ok', input: {} }] },
          { text: 'Done.' },
        ),
      },
      agent: { custom_functions: names, capabilities: ['mcp:crm'] },
      config: { mcpServers: { crm: tools.entry() }, chatTools: names },
    });
    expect((await say('Use the tools.')).response).toBe('Done.');
    const told = new Map(toldOf(model.asked[0] ?? { body: {} }).map(({ name, description }) => [name, description]));
    expect([...told.keys()]).toEqual(expect.arrayContaining(['crm_bad', 'crm_ok', 'gone_ok']));
    expect([...told.keys()]).not.toContain('crm_none');
    expect(told.get('crm_bad')).toContain("Can't be called now. The tool crm/bad is unusable: its inputSchema");
    expect(told.get('gone_ok')).toContain("its server can't be asked");
    expect(told.get('propose_actions')).toContain('crm/bad');
    expect(model.asked[1]?.said).toContain('properties must be object');
    expect(tools.calls()).toEqual([{ name: 'ok', args: {} }]);
  });

  it('is never taken for another one whose name looks the same to a provider', async () => {
    const tools = rawTools({ pages: [[aDefinition('a.b'), aDefinition('a_b')]] });
    const names = ['crm/a.b', 'crm/a_b'];
    const { model, say } = await chatScene({
      script: { reply: inTurn({ text: '', calls: [{ name: 'crm_a_b_2', input: {} }] }, { text: 'Done.' }) },
      agent: { custom_functions: names },
      config: { mcpServers: { crm: tools.entry() }, chatTools: names },
    });
    await say('Use the second.');
    expect(toldOf(model.asked[0] ?? { body: {} }).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['crm_a_b', 'crm_a_b_2']),
    );
    expect(tools.calls()).toEqual([{ name: 'a_b', args: {} }]);
  });
});

describe('an output_schema', () => {
  it.each<[string, object, string]>([
    ['that would not be checked', { $async: true, type: 'object' }, "uses $async, which isn't part of JSON Schema"],
    ['without an end', { $ref: '#' }, 'leads back to itself'],
    ['of another document', { $ref: 'https://example.com/schema' }, 'another document, and none is ever fetched'],
    ['too large', { anyOf: Array.from({ length: 2_000 }, () => ({})) }, 'more than 1000 schemas'],
    ['with a pattern that looks ahead', { properties: { a: { pattern: '^(?!x)' } } }, "can't run in linear time"],
  ])('%s is refused when it is saved', async (_, output_schema, problem) => {
    const { on, agent_id } = await chatScene({});
    expect(await on.refusal('update_agent', { agent_id, changes: { output_schema } })).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { output_schema: expect.stringContaining(problem) },
    });
  });

  it('of draft-04 checks replies as its dialect says', async () => {
    const score = { type: 'integer', minimum: 0, exclusiveMinimum: true };
    const output_schema = { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object', properties: { score } };
    const { model, say } = await chatScene({
      script: { reply: inTurn({ text: '{"score": 0}' }, { text: '{"score": 1}' }) },
      agent: { output_schema },
    });
    expect((await say('Score Ann.')).output).toEqual({ score: 1 });
    expect(model.asked[1]?.said).toContain('score must be > 0');
  });
});
