import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authorAgentPrompt } from '../../../src/mcp/prompts/author-agent.ts';
import { type InProcess, inProcess } from '../../support/in-process.ts';
import { greeted } from '../../support/toys.ts';

// A worker keeps its modules from file to file, and this file's are mocked.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

vi.mock('../../../src/actions/index.ts', async (load) => {
  const { ACTION_TYPES: own } = await load<typeof import('../../../src/actions/index.ts')>();
  const { applause, greeting } = await import('../../support/toys.ts');
  const ACTION_TYPES = [...own, greeting, applause];
  return { ACTION_TYPES, findActionType: (type: string) => ACTION_TYPES.find((known) => known.type === type) };
});

let on: InProcess;
let agents = 0;

beforeEach(async () => {
  on = inProcess();
  const ann = { id: 'ann', email: 'ann@example.com' };
  await on.call('import_contacts', { contacts: [ann, { id: 'bob', email: 'bob@example.com', do_not_contact: true }] });
});

/** Makes an agent whose only rule proposes an action of this type. */
function agentProposing(type: string, params: object, settings: object = {}) {
  agents += 1;
  const playbook = { rules: [{ name: 'all', propose: [{ type, params }] }] };
  return on.call('create_agent', { name: `Agent ${agents}`, playbook, ...settings });
}

const greets = (settings: object) => agentProposing('greeting', { words: 'Good day' }, settings);
const claps = (settings: object) => agentProposing('applause', {}, settings);

async function ran(agent_id: string, contact: string) {
  const { run_id } = await on.call('trigger_agent', { agent_id, contact_ids: [contact] });
  const { run } = await on.call('get_run', { run_id });
  return { run_id, result: run.contact_results[0] };
}

describe('an action type in the list', () => {
  it('is named wherever capabilities are named', async () => {
    const steps = authorAgentPrompt.steps({}).map(({ say }) => say);
    expect(steps.join()).toContain('mcp:<server>, greetings, applause:<hall>');
    expect(on.listed('create_agent').description).toContain('mcp:<server>, greetings, applause:<hall>');
    const { warnings } = await greets({ capabilities: [] });
    expect(warnings[0]).toContain('mcp:<server>, greetings, applause:<hall>');
  });

  it('draws no warning where its capability is given', async () => {
    expect((await greets({ capabilities: ['greetings'] })).warnings).toEqual([]);
    expect((await claps({ capabilities: ['applause:main'] })).warnings).toEqual([]);
  });

  it('draws the warnings of any other type where something is missing', async () => {
    const { warnings } = await greets({ capabilities: ['greeting'] });
    expect(warnings).toEqual([
      expect.stringMatching(/"greeting" isn't known: valid ones are .*greetings/),
      expect.stringContaining('proposes greeting, which is blocked without the capability "greetings"'),
    ]);
    const unheard = await claps({ capabilities: ['notes'] });
    expect(unheard.warnings).toEqual([expect.stringContaining('without a capability "applause:<hall>"')]);
    const wrong = await agentProposing('greting', {}, { capabilities: ['notes'] });
    expect(wrong.warnings).toEqual([expect.stringMatching(/no action type: .*greeting/)]);
  });

  it('draws its own warnings', async () => {
    const { warnings } = await greets({ capabilities: ['greetings'], language: 'tlh' });
    expect(warnings).toEqual(['Nobody can be greeted in Klingon.']);
  });

  it('takes more than a plain call to approve, where it says that it leaves the machine', async () => {
    const { agent } = await greets({ capabilities: ['greetings'], tags: ['by wire'] });
    const { run_id, result } = await ran(agent.id, 'ann');
    const expected_digest = result.proposed_actions[0].digest;
    const approved = on.call('approve_action', { run_id, contact_id: 'ann', action_index: 0, expected_digest });
    await expect(approved).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(/^This greeting leaves your computer, so you approve it yourself: /),
    });
    expect(greeted).toEqual([]);
  });

  it('waits for a person, is carried out once, and counts as contact', async () => {
    const { agent } = await greets({ capabilities: ['greetings'] });
    const { run_id, result } = await ran(agent.id, 'ann');
    expect(result.proposed_actions).toMatchObject([{ type: 'greeting', status: 'pending_approval' }]);
    const { actions } = await on.call('list_pending_actions', { type: 'greeting' });
    expect(actions).toMatchObject([{ type: 'greeting', to: 'ann@example.com' }]);
    const at = { run_id, contact_id: 'ann', action_index: 0 };
    const { action } = await on.call('approve_action', { ...at, expected_digest: actions[0].digest });
    expect(action).toMatchObject({ status: 'executed', result: { channel: 'air' } });
    expect(greeted).toEqual(['Good day, ann@example.com']);
    const { unified_profile } = await on.call('get_contact', { contact_id: 'ann' });
    expect(unified_profile).toHaveProperty('last_contacted_at');
  });

  it('is blocked without capability, consent or the right shape', async () => {
    const without = await greets({ capabilities: ['notes'] });
    const { blocked_actions: incapable } = (await ran(without.agent.id, 'ann')).result;
    expect(incapable).toMatchObject([{ reason: expect.stringContaining('needs the capability "greetings"') }]);
    const { agent } = await greets({ capabilities: ['greetings'] });
    const { blocked_actions: unwanted } = (await ran(agent.id, 'bob')).result;
    expect(unwanted).toMatchObject([{ reason: 'the contact has do_not_contact set' }]);
    const silent = await agentProposing('greeting', {}, { capabilities: ['greetings'] });
    const { blocked_actions: misshapen } = (await ran(silent.agent.id, 'ann')).result;
    expect(misshapen).toMatchObject([{ reason: expect.stringContaining('wrong shape: params.words') }]);
  });

  it('is shown to an assistant with the schema of its params, where the agent is capable of it', async () => {
    const kind = { name: 'Kind', playbook: { playbook_md: 'Be kind.' }, capabilities: ['greetings', 'applause:main'] };
    const { agent } = await on.call('create_agent', kind);
    const { run_id } = await on.call('trigger_agent', { agent_id: agent.id, contact_ids: ['ann'] });
    const { evaluation } = await on.call('next_evaluation', { run_id });
    expect(evaluation.allowed_actions).toMatchObject([
      { type: 'greeting', params: { required: ['words'] } },
      { type: 'applause' },
    ]);
  });

  it('may happen unasked where it is harmless, and otherwise only where a person allowed it', async () => {
    const unasked = { approval: { auto_approve: ['applause', 'greeting'], min_proof: 'human' } };
    const { agent, warnings } = await claps({ capabilities: ['applause:main'], ...unasked });
    expect(warnings).toEqual([]);
    expect(agent.approval.unasked).toEqual({ types: ['applause'], granted: true, earned: [] });
    expect((await ran(agent.id, 'ann')).result.proposed_actions).toMatchObject([
      { type: 'applause', status: 'executed', auto_approved: true },
    ]);
    const never = await greets({
      capabilities: ['greetings'],
      approval: { require_approval: false, min_proof: 'human' },
    });
    expect(never.warnings).toEqual([expect.stringContaining('no person has allowed that yet: greeting.')]);
    expect((await ran(never.agent.id, 'ann')).result.proposed_actions).toMatchObject([{ status: 'pending_approval' }]);
  });
});
