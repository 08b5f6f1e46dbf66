import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/domain/base/errors.ts';
import { checkArgs } from '../../src/mcp/arguments.ts';
import { toolsYielding, wordsFor } from '../../src/mcp/fields.ts';
import { TOOLS } from '../../tools/index.ts';

const schema = z.strictObject({
  index: z.int().min(0).optional(),
  seconds: z.number().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  changes: z.strictObject({ limit: z.int().optional() }).optional(),
  tags: z.array(z.string()).optional(),
  text: z.string().optional(),
  flag: z.boolean().optional(),
});

function problemsOf(args: unknown): Record<string, unknown> {
  try {
    return { none: checkArgs(schema, args) };
  } catch (error) {
    return error instanceof AppError ? (error.details ?? {}) : { error };
  }
}

describe('a slip of a small model', () => {
  it.each([
    [{ index: '0' }, { index: 0 }],
    [{ seconds: ' 2.5 ' }, { seconds: 2.5 }],
    [{ params: '{"body": "Hi"}' }, { params: { body: 'Hi' } }],
    [{ changes: '{"limit": 3}' }, { changes: { limit: 3 } }],
    [{ tags: '["a", "b"]' }, { tags: ['a', 'b'] }],
    [{ text: '0' }, { text: '0' }],
    [
      { text: '{"a": 1}', index: '1' },
      { text: '{"a": 1}', index: 1 },
    ],
  ])('is taken as meant: %j', (given, meant) => {
    expect(checkArgs(schema, given)).toEqual(meant);
  });

  it.each([
    [{ index: 'one' }, 'index'],
    [{ index: '-1' }, 'index'],
    [{ index: '1.5' }, 'index'],
    [{ index: '' }, 'index'],
    [{ index: '99999999999999999999' }, 'index'],
    [{ params: '["a"]' }, 'params'],
    [{ params: '{"a"' }, 'params'],
    [{ params: '{"__proto__": {"a": 1}}' }, 'arguments'],
    [{ params: `${'{"a":'.repeat(70)}1${'}'.repeat(70)}` }, 'arguments'],
    [{ changes: '{"limit": "3"}' }, 'changes.limit'],
    [{ changes: { limit: '3' } }, 'changes.limit'],
    [{ tags: '{"0": "a"}' }, 'tags'],
    [{ flag: 'yes' }, 'flag'],
  ])('is refused where it could mean anything else: %j', (given, path) => {
    expect(Object.keys(problemsOf(given))).toEqual([path]);
  });
});

describe('a missing argument', () => {
  const required = TOOLS.flatMap((tool) => {
    const missing = new Set(tool.input.safeParse({}).error?.issues.map(({ path }) => String(path[0])));
    const fields = Object.entries(tool.input.shape).filter(([name]) => missing.has(name));
    return fields.map(([name, field]) => ({ tool, name, field }));
  });

  it('is one of a few words, or comes from a tool, or is told in words of our own', () => {
    expect(required.length).toBeGreaterThan(20);
    for (const { tool, name, field } of required) {
      const said = field instanceof z.ZodEnum ? 'one of' : (toolsYielding(field) ?? wordsFor(name));
      expect(said, `${tool.name}: ${name} has no entry in src/mcp/fields.ts`).toBeDefined();
    }
  });

  it('comes from a tool that there is', () => {
    const names = new Set(TOOLS.map(({ name }) => name));
    for (const { field } of required)
      for (const source of toolsYielding(field)?.split(' or ') ?? []) expect(names).toContain(source);
  });

  it('of an action comes from the row of the action, not from the list of contacts', () => {
    for (const { tool, name, field } of required)
      if (name === 'contact_id' && 'action_index' in tool.input.shape)
        expect(toolsYielding(field), tool.name).toBe('list_pending_actions');
  });
});
