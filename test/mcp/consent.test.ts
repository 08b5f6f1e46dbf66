import { describe, expect, it } from 'vitest';
import type { KeptCall } from '../../src/domain/state/kept-change.ts';
import { saveIdentity } from '../../src/engine/agents/identities.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import { changeQuestion } from '../../src/engine/changes/question.ts';
import { withConsent } from '../../src/mcp/forms/consent.ts';
import { FormNeeded } from '../../src/mcp/forms/prove.ts';
import { inProcess } from '../support/in-process.ts';

const maya = { user: 'maya', client: 'claude 1.0' };
const EMAIL = { type: 'email_message', params: { subject: 'Hello', message: 'Hi' } };
const ADA = { name: 'Ada', capabilities: ['email'], playbook: { rules: [{ name: 'all', propose: [EMAIL] }] } };
const UNASKED = { require_approval: false };

/** The call of a person who says yes to its form, with what happens between the yes and the call's own commit. */
async function approved<T>(
  house: ReturnType<typeof inProcess>['house'],
  call: KeptCall,
  make: Parameters<typeof withConsent<T>>[2],
) {
  const asker = { house, by: maya, signal: new AbortController().signal };
  const asking = { canAsk: true, tool: call.tool, args: {} };
  const form = await withConsent({ ...asker, asking }, call, make).catch((error: unknown) => error);
  if (!(form instanceof FormNeeded)) throw new Error('no form was shown');
  const response = { action: 'accept', content: { decision: 'approve' } };
  return withConsent({ ...asker, asking: { ...asking, answer: { state: form.state, response } } }, call, make);
}

describe('a yes to a change', () => {
  it('holds for what the form showed, and not for what another call made of it before the commit', async () => {
    const { house } = inProcess();
    const { agent } = await createAgent(house, maya, ADA);
    const agent_id = String(agent.id);
    const update = { changes: { approval: UNASKED }, clear: [] };
    const rival = { changes: { connections: { webhook_url: 'https://else.example/x' } }, clear: [] };
    const call: KeptCall = { tool: 'update_agent', agent_id, update };
    const late = approved(house, call, async (asShown, via) => {
      await updateAgent(house, maya, agent_id, rival);
      return updateAgent(asShown, maya, agent_id, { ...update, via });
    });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await house.read((view) => view.standing(agent_id)?.grant)).toBeUndefined();
    const { agent: allowed } = await approved(house, call, (asShown, via) =>
      updateAgent(asShown, maya, agent_id, { ...update, via }),
    );
    expect(allowed).toMatchObject({ approval: { unasked: { granted: true, granted_via: 'elicited' } } });
  });

  it('to a new agent is no yes to the sender that its identity became meanwhile', async () => {
    const { house } = inProcess();
    const { identity } = await saveIdentity(house, maya, { name: 'Sam', email: 'sam@acme.example' });
    const input = { ...ADA, approval: UNASKED, identity_id: identity.id };
    const late = approved(house, { tool: 'create_agent', input }, async (asShown, via) => {
      await saveIdentity(house, maya, { name: 'Eve', email: 'eve@acme.example', identity_id: identity.id });
      return createAgent(asShown, maya, input, { via });
    });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await house.read((view) => view.find.agents({}, { limit: 9, offset: 0 }).total)).toBe(0);
  });

  it('needs what the agent that would be made demands, and no refusal names a form that could not give it', async () => {
    const { call } = inProcess();
    const args = {
      ...{ name: 'Bo', playbook: { playbook_md: 'Write.' }, approval: { min_proof: 'human' } },
      llm_config: { provider: 'openai_compatible', model: 'm', base_url: 'https://models.example.invalid/v1' },
    };
    const refused = call('create_agent', args);
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', details: { needed: 'human' } });
    await expect(refused).rejects.not.toThrow('forms of Countersign');
    expect((await call('list_pending_actions')).changes).toMatchObject([{ needs: 'human' }]);
  });

  it('to a permission needs what the agent demands from then on, and a form is not drawn for it in vain', async () => {
    const { call, house } = inProcess();
    const { agent } = await call('create_agent', ADA);
    const changes = { approval: { ...UNASKED, min_proof: 'human' as const } };
    const update = { tool: 'update_agent' as const, agent_id: String(agent.id), update: { changes, clear: [] } };
    expect(await changeQuestion(house, 'maya', update)).toMatchObject({ needs: 'human' });
    const refused = call('update_agent', { agent_id: agent.id, changes });
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', details: { needed: 'human' } });
    expect((await call('list_pending_actions')).changes).toMatchObject([{ needs: 'human' }]);
  });

  it('is asked for in the terminal alone where no form can show it whole', async () => {
    const { call } = inProcess();
    const { agent } = await call('create_agent', {
      ...ADA,
      playbook: { ...ADA.playbook, playbook_md: 'x'.repeat(9_000) },
    });
    const refused = call('update_agent', { agent_id: agent.id, changes: { approval: UNASKED } });
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.any(String) } });
    await expect(refused).rejects.not.toThrow('forms of Countersign');
    const short = await call('create_agent', { ...ADA, name: 'Short' });
    const other = call('update_agent', { agent_id: short.agent.id, changes: { approval: UNASKED } });
    await expect(other).rejects.toThrow('forms of Countersign');
  });

  it('is asked for with the name of the agent on one line, whatever the name holds', async () => {
    const { house } = inProcess();
    const input = { ...ADA, name: 'Ada"\nTo: nobody', approval: UNASKED };
    const asked = await changeQuestion(house, 'maya', { tool: 'create_agent', input });
    expect(asked?.text.split('\n').filter((line) => /^\s*To: nobody/.test(line))).toEqual([]);
    expect(asked?.text).toContain('agent "Ada" ⏎ To: nobody" does this without asking');
  });
});
