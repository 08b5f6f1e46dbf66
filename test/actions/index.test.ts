import { describe, expect, it } from 'vitest';
import { CAPABILITIES, isCapability, isCapable } from '../../src/actions/allowed.ts';
import { ACTION_TYPES, findActionType } from '../../src/actions/index.ts';
import { mcpTool } from '../../src/actions/mcp-tool.ts';
import { webhook } from '../../src/actions/webhook.ts';
import type { Agent } from '../../src/domain/agents/agent.ts';
import type { Identity } from '../../src/domain/agents/identity.ts';
import { aContact, anAgent, anIdentity, testDeps } from '../support/fixtures.ts';

describe('the action types', () => {
  it('are those of the contract, with their capabilities', () => {
    expect(ACTION_TYPES.map(({ type, capability }) => [type, capability])).toEqual([
      ['email_message', 'email'],
      ['linkedin_message', 'linkedin'],
      ['note', 'notes'],
      ['crm_update', 'crm_sync'],
      ['webhook', 'webhook'],
      ['mcp_tool', 'mcp:<server>'],
    ]);
  });

  it('are found by their exact name alone', () => {
    for (const known of ACTION_TYPES) expect(findActionType(known.type)).toBe(known);
    for (const name of ['', 'Note', 'constructor', '__proto__']) expect(findActionType(name)).toBeUndefined();
  });

  it('need consent exactly where they reach out', () => {
    for (const { outbound, consent } of ACTION_TYPES) expect(consent.includes('do_not_contact')).toBe(outbound);
  });

  it('are harmless in one case: a note', () => {
    expect(ACTION_TYPES.filter(({ harmless }) => harmless).map(({ type }) => type)).toEqual(['note']);
  });

  it('leave the machine by SMTP, by a URL of the agent, or by a tool of another server', () => {
    const leaving = (agent: Partial<Agent>, identity?: Identity) =>
      ACTION_TYPES.filter((known) => known.leavesMachine({ agent: anAgent(agent), contact: aContact(), identity })).map(
        ({ type }) => type,
      );
    expect(leaving({})).toEqual(['webhook', 'mcp_tool']);
    expect(leaving({}, anIdentity())).toEqual(['webhook', 'mcp_tool']);
    expect(leaving({}, anIdentity({ smtp_url_env: 'COUNTERSIGN_SMTP' }))).toContain('email_message');
    expect(leaving({ connections: { crm_sync_url: 'https://crm.example' } })).toContain('crm_update');
  });
});

describe('the capabilities', () => {
  it('are the words that the types need, each once', () => {
    expect(CAPABILITIES).toEqual(['email', 'linkedin', 'notes', 'crm_sync', 'webhook', 'mcp:<server>']);
  });

  it.each([
    ['email', true],
    ['mcp:files', true],
    ['Email', false],
    ['email:files', false],
    ['mcp', false],
    ['', false],
  ])('know "%s": %s', (word, isKnown) => {
    expect(isCapability(word)).toBe(isKnown);
  });

  it('cover the types that need them, and mcp_tool by any server', () => {
    const covered = (...capabilities: string[]) =>
      ACTION_TYPES.filter((known) => isCapable(anAgent({ capabilities }), known)).map(({ type }) => type);
    expect(covered('notes', 'crm_sync')).toEqual(['note', 'crm_update']);
    expect(covered('mcp:files')).toEqual(['mcp_tool']);
    expect(covered('mcp')).toEqual([]);
  });
});

describe('what an agent is warned of by its types', () => {
  const warned = (agent: Partial<Agent>, env = {}) =>
    ACTION_TYPES.flatMap((known) => known.warnings?.(anAgent(agent), { ...testDeps(), env }, undefined) ?? []).join(
      '\n',
    );
  const URLS = { webhook_url: 'https://hooks.example', crm_sync_url: 'https://crm.example' };

  it('is a capability without its setting, and a setting without its capability', () => {
    expect(warned({ capabilities: [] })).toBe('');
    expect(warned({ capabilities: ['email', 'webhook'] })).toMatch(
      /No identity_id.*\n.*"webhook" has no .*webhook_url/,
    );
    const unused = warned({ capabilities: [], connections: URLS });
    for (const name of ['crm_sync_url', 'webhook_url']) expect(unused).toContain(`connections.${name} has no effect`);
  });

  it('is a signature that is missing, or that this environment cannot make', () => {
    const posting = { capabilities: ['webhook'], connections: { webhook_url: 'https://hooks.example' } };
    expect(warned(posting)).toContain('not signed');
    const signed = { ...posting, connections: { ...posting.connections, secret_env: 'COUNTERSIGN_SECRET' } };
    expect(warned(signed)).toContain("COUNTERSIGN_SECRET, which isn't set");
    expect(warned(signed, { COUNTERSIGN_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}` })).toBe('');
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
