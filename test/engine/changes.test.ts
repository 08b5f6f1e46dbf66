import { describe, expect, it } from 'vitest';
import type { AgentChanges } from '../../src/domain/agents/agent.ts';
import { mandateDigest } from '../../src/domain/agents/mandate.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { KeptCall } from '../../src/domain/state/kept-change.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { saveIdentity } from '../../src/engine/agents/identities.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { listChanges } from '../../src/engine/changes/list.ts';
import { askForOldGrants } from '../../src/engine/changes/old-grants.ts';
import { changeQuestion } from '../../src/engine/changes/question.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { mandateNow } from '../../src/engine/gate/grant.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { aHome, anAgent, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

const maya = { user: 'maya', client: 'claude 1.0' };
const DAY = 24 * 3_600_000;

/** A house with one contact, and a clock that the test moves on. */
async function aHouse(env: Deps['env'] = {}) {
  const home = aHome();
  let now = Date.parse('2026-03-02T09:30:00.000Z');
  const base = testDeps(home);
  const clock = () => new Date(now);
  const deps: Deps = { ...base, env: { ...base.env, ...env }, now: clock, newId: createIds(clock) };
  const store = aStore(home, deps);
  const house = createHouse(store, deps);
  await importContacts(house, maya, { contacts: [{ id: 'c0', email: 'c0@example.com' }] });
  const passDays = (days: number) => {
    now += days * DAY;
  };
  return { house, store, passDays };
}

/** An agent that proposes one action for everybody; `waits`: it has proposed it. */
async function anActor(house: House, propose: object, settings: object = {}, waits = false): Promise<string> {
  const made = await createAgent(house, maya, {
    name: 'Ada',
    capabilities: ['email', 'notes', 'webhook'],
    playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'x' }, ...propose }] }] },
    ...settings,
  });
  const id = String(made.agent.id);
  if (!waits) return id;
  const run = await trigger(house, maya, { agent_id: id }, undefined);
  await waitForRun(house, run.id, 5);
  return id;
}

const HOOK = { type: 'webhook', params: { payload: {} } };
const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
const update = (agent_id: string, changes: AgentChanges): KeptCall => ({
  tool: 'update_agent',
  agent_id,
  update: { changes, clear: [] },
});
const agentOf = (house: House, id: string) => house.read((view) => currentAgent(view, id));
const allow = (house: House, change_id: string, via: 'elicited' | 'human' = 'human') =>
  decideChange(house, maya, { change_id, decision: 'approve', via });

/** Keeps a call, and gives the id of the change; fails where the call needs nobody. */
async function kept(house: House, call: KeptCall): Promise<string> {
  const change = await keepCall(house, maya, call);
  expect(change).toBeDefined();
  return change?.id ?? '';
}

describe('a change that waits', () => {
  it('is a lower min_proof, which needs what the agent demands now, and then holds exactly', async () => {
    const { house } = await aHouse();
    const id = await anActor(house, {}, { approval: { min_proof: 'human' } });
    const change = await kept(house, update(id, { description: 'new', approval: { min_proof: 'client' } }));
    expect(await listChanges(house, {})).toMatchObject({
      changes_total: 1,
      changes: [{ needs: 'human', before: { 'approval.min_proof': 'human' }, after: { description: 'new' } }],
    });
    await expect(allow(house, change, 'elicited')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await allow(house, change);
    expect(await agentOf(house, id)).toMatchObject({
      version: 2,
      description: 'new',
      approval: { min_proof: 'client' },
    });
    expect((await listChanges(house, {})).changes_total).toBe(0);
  });

  it('is the deletion of an agent that demands more than a plain call', async () => {
    const { house } = await aHouse();
    const strict = await anActor(house, {}, { approval: { min_proof: 'elicited' } });
    const plain = await anActor(house, {}, { name: 'Bo' });
    expect(await keepCall(house, maya, { tool: 'delete_agent', agent_id: plain })).toBeUndefined();
    await allow(house, await kept(house, { tool: 'delete_agent', agent_id: 'Ada' }), 'elicited');
    expect(await agentOf(house, strict)).toBeUndefined();
  });

  it.each([
    ['webhook_url', HOOK, { connections: { webhook_url: 'https://two.example/x' } }],
    ['secret_env', HOOK, { connections: { secret_env: 'COUNTERSIGN_OTHER' } }],
    [
      'crm_sync_url',
      { type: 'crm_update', params: { fields: { a: 1 } } },
      { connections: { crm_sync_url: 'https://two.example/x' } },
    ],
  ])('is another %s, as long as an action goes out by it, and no other action', async (name, propose, changes) => {
    const { house } = await aHouse();
    const connections = { webhook_url: 'https://one.example/x', secret_env: 'COUNTERSIGN_HOOK' };
    const settings = { connections, capabilities: ['webhook', 'notes', 'crm_sync'] };
    const busy = await anActor(house, propose, settings, true);
    const idle = await anActor(house, {}, { ...settings, name: 'Bo' }, true);
    expect((await keepCall(house, maya, update(busy, changes)))?.what.join()).toContain(name);
    expect(await keepCall(house, maya, update(idle, changes))).toBeUndefined();
  });

  it('is another identity, or another name or address of it, as long as an email waits', async () => {
    const { house } = await aHouse();
    const sender = { name: 'Sam', email: 'sam@example.com' };
    const { identity } = await saveIdentity(house, maya, sender);
    const id = await anActor(house, EMAIL, { identity_id: identity.id }, true);
    const other = await saveIdentity(house, maya, { name: 'Eve', email: 'eve@evil.example' });
    expect(await keepCall(house, maya, update(id, { identity_id: other.identity.id }))).toBeDefined();
    const args = { ...sender, identity_id: identity.id };
    expect(await keepCall(house, maya, { tool: 'save_identity', args: { ...args, signature: 'S' } })).toBeUndefined();
    const change = await kept(house, { tool: 'save_identity', args: { ...args, email: 'eve@evil.example' } });
    const [row] = (await listChanges(house, { agent_id: 'Ada' })).changes;
    expect(row).toMatchObject({
      change_id: change,
      identity_id: identity.id,
      after: { 'identity.email': 'eve@evil.example' },
    });
    await saveIdentity(house, maya, { ...args, signature: 'S' });
    await expect(allow(house, change)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is another mailbox of its sender, or none, as long as an email waits, and not the first one', async () => {
    const { house } = await aHouse();
    const sender = { name: 'Sam', email: 'sam@example.com' };
    const { identity } = await saveIdentity(house, maya, sender);
    await anActor(house, EMAIL, { identity_id: identity.id }, true);
    const to = (imap_url_env?: string): KeptCall => ({
      tool: 'save_identity',
      args: { ...sender, ...(imap_url_env === undefined ? {} : { imap_url_env }), identity_id: identity.id },
    });
    const first = { ...sender, imap_url_env: 'COUNTERSIGN_IMAP', identity_id: identity.id };
    expect(await keepCall(house, maya, to('COUNTERSIGN_IMAP'))).toBeUndefined();
    await saveIdentity(house, maya, first);
    expect(await keepCall(house, maya, to('COUNTERSIGN_IMAP'))).toBeUndefined();
    for (const call of [to('COUNTERSIGN_OTHER'), to()]) {
      const change = await keepCall(house, maya, call);
      expect(change?.what).toEqual([expect.stringMatching(/^imap_url_env changes for emails that still wait/)]);
    }
    await expect(saveIdentity(house, maya, { ...sender, identity_id: identity.id })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const change = await kept(house, to());
    await allow(house, change);
    expect(await house.read((view) => view.identity(identity.id)?.imap_url_env)).toBeUndefined();
  });

  it('is a model or a callback on a host that is neither the provider’s own nor named', async () => {
    const { house } = await aHouse({ COUNTERSIGN_ALLOW_HOSTS: 'proxy.example' });
    const id = await anActor(house, {});
    const model = (base_url: string) => update(id, { llm_config: { provider: 'openai', base_url } });
    const callback = (callback_url: string) => update(id, { connections: { callback_url } });
    for (const call of [
      model('https://api.openai.com/v1'),
      model('https://proxy.example/v1'),
      callback('https://proxy.example/c'),
    ])
      expect(await keepCall(house, maya, call)).toBeUndefined();
    for (const call of [model('https://else.example/v1'), callback('https://else.example/c')])
      expect((await keepCall(house, maya, call))?.what.join()).toContain('else.example');
    const input = { name: 'Cy', playbook: { playbook_md: 'x' }, llm_config: { base_url: 'https://else.example/v1' } };
    await expect(createAgent(house, maya, input)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await allow(house, await kept(house, { tool: 'create_agent', input }));
    expect(await house.read((view) => view.agentsNamed('Cy'))).toHaveLength(1);
  });

  it('is one row however often it is asked for, and lapses with the agent’s version or after 7 days', async () => {
    const { house, passDays } = await aHouse();
    const id = await anActor(house, {}, { approval: { min_proof: 'elicited' } });
    const call = update(id, { approval: { min_proof: 'client' } });
    const first = await kept(house, call);
    expect(await kept(house, { ...call })).toBe(first);
    expect((await listChanges(house, {})).changes_total).toBe(1);
    await updateAgent(house, maya, id, { changes: { description: 'moved on' }, clear: [] });
    expect((await listChanges(house, {})).changes_total).toBe(0);
    await expect(allow(house, first)).rejects.toMatchObject({ code: 'CONFLICT' });
    const second = await kept(house, call);
    expect(second).not.toBe(first);
    passDays(7);
    expect((await listChanges(house, {})).changes_total).toBe(0);
    await expect(allow(house, second)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('shows long values by their length, and tells why the kept call can’t be made any more', async () => {
    const { house } = await aHouse();
    const id = await anActor(house, {}, { approval: { min_proof: 'elicited' } });
    const { identity } = await saveIdentity(house, maya, { name: 'Sam', email: 'sam@example.com' });
    const changes = { playbook: { playbook_md: 'x'.repeat(600) }, approval: { min_proof: 'client' as const } };
    await kept(house, update(id, changes));
    const [row] = (await listChanges(house, {})).changes;
    expect(row?.after['playbook.playbook_md']).toEqual({ characters: 600, digest: expect.any(String) });
    const unasked = { require_approval: false };
    const change = await kept(house, update(id, { identity_id: identity.id, approval: unasked }));
    await saveIdentity(house, maya, { name: 'Eve', email: 'eve@evil.example', identity_id: identity.id });
    await expect(allow(house, change)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining("can't be made any more"),
    });
    expect(await agentOf(house, id)).toMatchObject({ version: 1 });
  });

  it('stands in the decision log, with what it came by', async () => {
    const { house } = await aHouse();
    const id = await anActor(house, {}, { approval: { min_proof: 'elicited' } });
    const change = await kept(house, update(id, { approval: { auto_approve: ['email_message'] } }));
    await allow(house, change, 'elicited');
    await allow(house, await kept(house, update(id, { approval: { min_proof: 'client' } })), 'human');
    const last = await kept(house, update(id, { approval: { auto_approve: ['email_message'] } }));
    await decideChange(house, maya, { change_id: last, decision: 'decline', via: 'human' });
    const entries: DecisionEntry[] = [];
    const audit = await house.store.audit();
    for await (const entry of audit.entries()) entries.push(entry);
    expect(entries).toMatchObject([
      { decision: 'granted', via: 'elicited', agent_id: id, by: 'maya' },
      { decision: 'loosened', via: 'human' },
      { decision: 'declined', via: 'human', loosened: [expect.stringContaining('without asking: email')] },
    ]);
    expect(audit.faults).toEqual([]);
  });
});

describe('the permission to act unasked', () => {
  it('is asked for once where an agent of an earlier edition acted by itself', async () => {
    const { house, store } = await aHouse();
    const agent = anAgent({ approval: { require_approval: false, auto_approve: [] } });
    // As an earlier edition wrote it: nobody was asked.
    await store.commit('maya', () => ({ events: [{ type: 'agent_saved', agent }], value: undefined }));
    await askForOldGrants(house);
    await askForOldGrants(house);
    const { changes } = await listChanges(house, {});
    expect(changes).toMatchObject([{ agent_id: agent.id, after: { 'approval.require_approval': false } }]);
    await decideChange(house, maya, { change_id: changes[0]?.change_id ?? '', decision: 'decline', via: 'human' });
    await askForOldGrants(house);
    expect((await listChanges(house, {})).changes_total).toBe(0);
  });

  it.each([
    ['a plain call', 'client' as const],
    ['a policy', 'policy' as const],
  ])('is never written by %s: the lock refuses it', async (_, via) => {
    const { house } = await aHouse();
    const id = await anActor(house, EMAIL, { approval: { require_approval: false } });
    const granted = house.commit(maya, (view, { at }) => {
      const agent = currentAgent(view, id) ?? anAgent();
      const mandate = mandateNow(view, agent);
      const grants = [{ agent_id: id, digest: mandateDigest(mandate), mandate }];
      return { events: [{ type: 'mandate_granted', grants, at, by: 'maya', via }], value: undefined };
    });
    await expect(granted).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('is never written for another mandate than the agent has', async () => {
    const { house } = await aHouse();
    const id = await anActor(house, EMAIL, { approval: { require_approval: false } });
    const mandate = { 'approval.require_approval': false };
    const grants = [{ agent_id: id, digest: mandateDigest(mandate), mandate }];
    const granted = house.commit(maya, (_view, { at }) => ({
      events: [{ type: 'mandate_granted', grants, at, by: 'maya', via: 'human' }],
      value: undefined,
    }));
    await expect(granted).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('is asked for with every value of the mandate in the question', async () => {
    const { house } = await aHouse();
    const { identity } = await saveIdentity(house, maya, {
      name: 'Sam Sender',
      email: 'sam@example.com',
      signature: 'Yours, S',
    });
    const input = {
      name: 'Ada',
      capabilities: ['email', 'webhook'],
      identity_id: identity.id,
      playbook: {
        playbook_md: 'Be kind.',
        rules: [{ name: 'first rule', propose: [EMAIL] }],
        config: { tone: 'warm' },
      },
      approval: { require_approval: false },
      monitoring: {
        filter: { plan: 'trial' },
        schedule_cron: '0 9 * * 1',
        timezone: 'Europe/Amsterdam',
        max_contacts_per_run: 7,
      },
      limits: { cooldown_days: 3, max_per_contact_per_week: 2, max_cost_usd_per_run: 1.5 },
      llm_config: { provider: 'openai' as const, model: 'gpt-x', temperature: 0.3, api_key_env: 'COUNTERSIGN_A_KEY' },
      connections: { webhook_url: 'https://hook.example/x', crm_sync_url: 'https://crm.example/x' },
      enabled_functions: ['read_contact'],
    };
    const asked = await changeQuestion(house, 'maya', { tool: 'create_agent', input });
    for (const value of [
      ...[
        'email, post to a web address',
        '{"plan":"trial"} (0 now)',
        '0 9 * * 1',
        'Europe/Amsterdam',
        'at most 7 contacts',
      ],
      ...[
        'Sam Sender <sam@example.com>',
        'Yours, S',
        'written to the outbox',
        'first rule',
        'Be kind.',
        'warm',
        '3 days',
      ],
      ...['at most 2 messages a week', '1.5', 'gpt-x', '0.3', 'COUNTERSIGN_A_KEY', 'https://hook.example/x'],
      ...['https://crm.example/x', 'read_contact'],
    ])
      expect(asked?.text).toContain(value);
    expect(asked?.text).not.toMatch(/\b(elicited|client|digest|mandate)\b/);
  });
});
