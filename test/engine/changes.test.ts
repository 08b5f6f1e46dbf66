import { describe, expect, it } from 'vitest';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { KeptCall } from '../../src/domain/state/kept-change.ts';
import { saveIdentity } from '../../src/engine/agents/identities.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { listChanges } from '../../src/engine/changes/list.ts';
import { agentOf, aHouse, allow, anActor, EMAIL, HOOK, kept, maya, update } from '../support/changes-scene.ts';

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
