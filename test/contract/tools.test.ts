import fs from 'node:fs';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOOLSETS } from '../../src/mcp/toolsets.ts';
import { TOOLS } from '../../tools/index.ts';
import { type Connection, startServer } from '../support/server.ts';

/** The 33 tools that a client may rely on, written down once more, independently of the code. */
const NAMES = [
  'list_agents',
  'get_agent',
  'create_agent',
  'update_agent',
  'delete_agent',
  'list_templates',
  'get_agent_insights',
  'backtest_agent',
  'trigger_agent',
  'list_runs',
  'get_run',
  'cancel_run',
  'next_evaluation',
  'submit_evaluation',
  'list_pending_actions',
  'approve_action',
  'reject_action',
  'review_actions',
  'settle_action',
  'revise_action',
  'set_brake',
  'open_desk',
  'import_contacts',
  'list_contacts',
  'get_contact',
  'delete_contact',
  'save_identity',
  'list_identities',
  'chat_with_agent',
  'list_threads',
  'get_thread',
  'end_thread',
  'import_agent',
  'export_agent',
];

let server: Connection;
let listed: Awaited<ReturnType<Connection['tools']>>;
beforeAll(async () => {
  server = await startServer();
  listed = await server.tools();
});
afterAll(() => server.close());

describe('the tool list', () => {
  it('has a tool in every toolset that a person can choose', () => {
    expect(new Set(TOOLS.map((tool) => tool.toolset))).toEqual(new Set(TOOLSETS));
  });

  it('is what clients rely on, with one file for each tool', () => {
    expect(listed.map((tool) => tool.name)).toEqual(NAMES);
    const files = fs.readdirSync(new URL('../../tools', import.meta.url)).filter((name) => name !== 'index.ts');
    expect(files.map((name) => name.replace(/\.ts$/, '').replaceAll('-', '_')).sort()).toEqual([...NAMES].sort());
  });

  it('fits 9,950 tokens', () => {
    expect(encode(JSON.stringify(listed)).length).toBeLessThanOrEqual(9_950);
  });

  it('stays within 10,000 tokens as a quarter of its bytes', () => {
    expect(Buffer.byteLength(JSON.stringify(listed)) / 4).toBeLessThanOrEqual(10_000);
  });

  it.each(NAMES)('%s has a title, all four hints, a short description, and schemas every client takes', (name) => {
    const tool = listed.find((item) => item.name === name);
    expect(tool.title.length).toBeGreaterThan(3);
    expect(tool.description.length).toBeLessThanOrEqual(600);
    for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'])
      expect(tool.annotations).toHaveProperty(hint, expect.any(Boolean));
    expect(tool.annotations.readOnlyHint).toBe(/^(list|get|export)_/.test(name));
    expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const union of ['oneOf', 'anyOf', 'allOf', '$schema']) expect(tool.inputSchema).not.toHaveProperty(union);
    expect(tool.outputSchema).not.toHaveProperty('additionalProperties');
    expect(Object.keys(tool.outputSchema.properties).length).toBeGreaterThan(0);
  });

  it('names in descriptions only tools and arguments that are there', () => {
    const known = new Set([
      ...NAMES,
      ...TOOLS.flatMap((tool) => [...Object.keys(tool.input.shape), ...Object.keys(tool.output)]),
    ]);
    for (const tool of TOOLS) {
      const mentioned = tool.description.match(/\b[a-z]+(_[a-z]+)+\b/g) ?? [];
      const words = mentioned.filter(
        (word) =>
          !known.has(word) &&
          ![
            'playbook_md',
            'do_not_contact',
            'not_sent',
            'crm_sync',
            'cooldown_days',
            'awaiting_evaluation',
            'allowed_actions',
            'superseded_by',
          ].includes(word),
      );
      expect(words, tool.name).toEqual([]);
    }
  });
});
