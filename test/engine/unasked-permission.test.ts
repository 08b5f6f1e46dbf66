import { describe, expect, it } from 'vitest';
import { mandateDigest } from '../../src/domain/agents/mandate.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { saveIdentity } from '../../src/engine/agents/identities.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { listChanges } from '../../src/engine/changes/list.ts';
import { askForOldGrants } from '../../src/engine/changes/old-grants.ts';
import { changeQuestion } from '../../src/engine/changes/question.ts';
import { mandateNow } from '../../src/engine/gate/grant.ts';
import { aHouse, anActor, EMAIL, maya } from '../support/changes-scene.ts';
import { anAgent } from '../support/fixtures.ts';

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
