import { describe, expect, it } from 'vitest';
import { ACTION_TYPES, findActionType } from '../../src/actions/index.ts';
import { mcpTool } from '../../src/actions/mcp-tool.ts';
import { webhook } from '../../src/actions/webhook.ts';
import { aContact, anAgent } from '../support/fixtures.ts';

describe('the action types', () => {
  it('are those of the contract, with their capabilities', () => {
    expect(ACTION_TYPES.map(({ type, capability }) => [type, capability])).toEqual([
      ['email_message', 'email'],
      ['linkedin_message', 'linkedin'],
      ['note', 'notes'],
      ['crm_update', 'crm_sync'],
      ['webhook', 'webhook'],
      ['mcp_tool', 'mcp:'],
    ]);
  });

  it('are found by their exact name alone', () => {
    for (const known of ACTION_TYPES) expect(findActionType(known.type)).toBe(known);
    for (const name of ['', 'Note', 'constructor', '__proto__']) expect(findActionType(name)).toBeUndefined();
  });

  it('need consent exactly where they reach out', () => {
    for (const { outbound, consent } of ACTION_TYPES) expect(consent.includes('do_not_contact')).toBe(outbound);
  });
});

it.each([
  { kind: webhook, params: { payload: { a: 1 } }, json: '{"payload":{"__proto__":1}}' },
  {
    kind: mcpTool,
    params: { tool: 'files/read', arguments: {} },
    json: '{"tool":"files/read","arguments":{"__proto__":1}}',
  },
])('$kind.type refuses extra keys, missing ones and __proto__', ({ kind, params, json }) => {
  for (const wrong of [{ ...params, url: 'https://evil.example' }, {}, JSON.parse(json)]) {
    expect(kind.params.safeParse(wrong).success).toBe(false);
  }
});

it('a webhook goes to the URL the agent has, never to one of a proposal', () => {
  const agent = anAgent({ connections: { webhook_url: 'https://hooks.example/a' } });
  expect(webhook.target({ agent, contact: aContact(), identity: undefined })).toBe('https://hooks.example/a');
  expect(webhook.target({ agent: anAgent(), contact: aContact(), identity: undefined })).toBeUndefined();
});
