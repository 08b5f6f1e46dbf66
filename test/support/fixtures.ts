import { onTestFinished } from 'vitest';
import type { Attempt } from '../../src/actions/action.ts';
import { createSchemas } from '../../src/checks/schemas.ts';
import type { Agent } from '../../src/domain/agents/agent.ts';
import type { Identity } from '../../src/domain/agents/identity.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import { ownFilesOf } from '../../src/files/own-files.ts';
import { createToolServers } from '../../src/net/tools/servers.ts';
import { freshFolder, removeFolder } from './folders.ts';
import { type ModelServer, openModelServer, type Script } from './model-server.ts';

/** The time at which all fixtures were made, and which the clock of `testDeps` shows. */
export const NOW = '2026-03-02T09:30:00.000Z';

/** An active agent with every capability and without rules, whose actions a person approves. */
export function anAgent(overrides: Partial<Agent> = {}): Agent {
  return {
    id: 'ag_test',
    name: 'Follow-up',
    status: 'active',
    enabled: true,
    version: 1,
    playbook: { playbook_md: 'Write to people who asked for prices.', rules: [], config: {} },
    capabilities: ['email', 'linkedin', 'notes', 'crm_sync', 'webhook', 'mcp:files'],
    approval: { require_approval: true, auto_approve: [] },
    monitoring: { filter: {}, timezone: 'UTC', max_contacts_per_run: 25, catch_up: 'once' },
    limits: {},
    llm_config: { concurrency: 4 },
    architecture: 'text',
    voice: {},
    language: 'en',
    visibility: 'private',
    tags: [],
    enabled_functions: [],
    custom_functions: [],
    connections: {},
    created_by: 'tester',
    created_at: NOW,
    updated_at: NOW,
    ...overrides,
  };
}

/** A contact with an address, a LinkedIn profile and the column `plan`, and without an objection. */
export function aContact(overrides: Partial<Contact> = {}): Contact {
  return {
    id: 'ct_sanne',
    email: 'sanne@example.com',
    firstname: 'Sanne',
    lastname: 'de Vries',
    company: 'Example BV',
    linkedin_url: 'https://www.linkedin.com/in/sanne',
    plan: 'trial',
    do_not_email: false,
    do_not_contact: false,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

/** Thirty contacts as a client imports them, told apart by their score. */
export const PEOPLE = Array.from({ length: 30 }, (_, i) => ({
  id: `r${String(i).padStart(2, '0')}`,
  email: `r${i}@example.com`,
  score: i,
}));

/** A sender without a signature, whose messages go to the outbox. */
export function anIdentity(overrides: Partial<Identity> = {}): Identity {
  return {
    id: 'id_test',
    name: 'Maya Chen',
    email: 'maya@sender.example',
    created_by: 'tester',
    created_at: NOW,
    updated_at: NOW,
    ...overrides,
  };
}

/** A fetch for tests that make no request: it fails. */
export const noFetch: typeof globalThis.fetch = () => Promise.reject(new Error('this test makes no request'));

/** Config, prices and outbox below a home. Without a home they are empty, and nothing can be written. */
function ownFiles(home: string | undefined): Pick<Deps, 'config' | 'prices' | 'audioPrices' | 'outbox' | 'servedAt'> {
  if (home !== undefined) return ownFilesOf(home);
  const nowhere = () => Promise.reject(new Error('this test has no home, so it writes no file'));
  return {
    config: () => ({
      file: 'config.json',
      mcpServers: new Map(),
      chatTools: [],
      allowHosts: [],
      desk: 'auto',
      mail: { bodies: false },
      oidc: { groups: new Map() },
      limits: {},
      notify: undefined,
    }),
    prices: () => new Map(),
    audioPrices: () => new Map(),
    servedAt: () => undefined,
    outbox: { write: nowhere, read: async () => undefined, newest: async () => [], remove: async () => undefined },
  };
}

/** Deps with a clock that stands still at `NOW`, counted ids, no log, no network, and only `home` as environment. */
export function testDeps(home?: string): Deps {
  let count = 0;
  const silent = () => undefined;
  return {
    now: () => new Date(NOW),
    newId: (prefix) => `${prefix}_${String(++count).padStart(4, '0')}`,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    env: home === undefined ? {} : { COUNTERSIGN_HOME: home },
    fetch: noFetch,
    openSocket: () => Promise.reject(new Error('this test opens no socket')),
    schemas: createSchemas(),
    ...(home === undefined ? {} : { home }),
    ...ownFiles(home),
  };
}

/** A fresh folder, removed when the test that asked for it is over. */
export function aHome(): string {
  const home = freshFolder('test');
  onTestFinished(() => removeFolder(home));
  return home;
}

/** One attempt at an action of `anAgent` for `aContact`. */
export function anAttempt(home: string, overrides: Partial<Attempt> = {}): Attempt {
  return {
    agent: anAgent(),
    contact: aContact(),
    identity: anIdentity(),
    ref: { run_id: 'run_test', contact_id: 'ct_sanne', action_index: 0 },
    params: {},
    idempotency_key: 'run_test/0/ct_sanne',
    deps: testDeps(home),
    ended: new AbortController().signal,
    toolServers: createToolServers(testDeps(home)),
    secret: async () => Buffer.alloc(32, 7),
    ...overrides,
  };
}

/** A model's API on loopback, closed when the test that asked for it is over. */
export async function aModelServer(script?: Script): Promise<ModelServer> {
  const server = await openModelServer(script);
  onTestFinished(() => server.close());
  return server;
}
