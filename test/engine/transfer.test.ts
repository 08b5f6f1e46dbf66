import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { dialectFor } from '../../src/domain/dialects/index.ts';
import { readChanges } from '../../src/domain/dialects/mapping/body.ts';
import { DIALECT_NAMES } from '../../src/domain/dialects/mapping/dialect.ts';
import { patchedOrigin } from '../../src/domain/dialects/mapping/origin.ts';
import { currentAgent } from '../../src/domain/state/view.ts';
import { createAgent, updateAgent } from '../../src/engine/agents/save.ts';
import { decideChange } from '../../src/engine/changes/decide.ts';
import { keepCall } from '../../src/engine/changes/keep.ts';
import { exportAgent } from '../../src/engine/transfer/export-agent.ts';
import { readForImport } from '../../src/engine/transfer/import-agent.ts';
import { BODIES } from '../domain/dialects/bodies.ts';
import {
  CONVERRA_ANSWER,
  CONVERRA_EXAMPLE,
  MAKE_BODY,
  PATHBOUND_EXAMPLE,
  TALKIFAI_ANSWER,
  TALKIFAI_PIPELINE,
} from '../domain/dialects/seeds.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { cases, PATIENCE } from '../support/property.ts';

/** The error of a call that should fail. */
async function refusal({ call }: InProcess, name: string, args: Record<string, unknown>): Promise<AppError> {
  const error = await call(name, args).catch((thrown: unknown) => thrown);
  if (error instanceof AppError) return error;
  throw new Error(`${name} was not refused: ${JSON.stringify(error)}`);
}

describe('import_agent', () => {
  it("takes Pathbound's own example as a draft, and says what became of each field", async () => {
    const { call } = inProcess();
    const result = await call('import_agent', { payload: PATHBOUND_EXAMPLE });
    expect(result).toMatchObject({
      format: 'pathbound',
      agent: { name: 'Pricing visitor follow-up', status: 'draft', enabled: false, origin: { dialect: 'pathbound' } },
      kept: ['identity_id'],
      not_carried: [{ path: 'enabled', why: expect.stringContaining('draft') }],
    });
    expect(result.carried).toEqual([
      ...['name', 'description', 'capabilities'],
      ...['monitoring.filter', 'monitoring.schedule_cron', 'monitoring.max_contacts_per_run'],
      ...['llm_config.model', 'llm_config.temperature', 'playbook', 'llm_config.provider'],
    ]);
    expect(result.warnings.join()).toContain('no identity here has the id "id_123"');
    const { enabled, ...rest } = PATHBOUND_EXAMPLE;
    expect(await call('export_agent', { agent_id: result.agent.id, format: 'pathbound' })).toEqual({
      format: 'pathbound',
      payload: rest,
      not_carried: [],
    });
  });

  it('takes answers as they came, in any of the formats, as text too', async () => {
    const { call } = inProcess();
    const talkifai = await call('import_agent', { payload: JSON.stringify(TALKIFAI_ANSWER) });
    expect(talkifai).toMatchObject({ format: 'talkifai', agent: { origin: { id: 'agent_abc123' } } });
    const converra = await call('import_agent', { payload: CONVERRA_ANSWER });
    expect(converra.not_carried).toEqual([{ path: 'status', why: expect.stringContaining('draft') }]);
    expect(await call('export_agent', { agent_id: converra.agent.id, format: 'converra' })).toMatchObject({
      payload: CONVERRA_EXAMPLE,
    });
    const thinnest = await call('import_agent', { payload: TALKIFAI_PIPELINE, format: 'thinnest' });
    expect(thinnest.format).toBe('talkifai');
  });

  it.each(DIALECT_NAMES)('and an export give any body of %s back', { timeout: PATIENCE }, async (name) => {
    const { house } = inProcess();
    await fc.assert(
      fc.asyncProperty(BODIES[name], async (body) => {
        const { input, from, not_carried } = await readForImport(house, { payload: body, format: name });
        const { agent } = await createAgent(house, 'tester', input, from);
        expect(agent.status).toBe('draft');
        const { payload } = await exportAgent(house, { agent_id: agent.id, format: name, decisions: false });
        expect({ payload, not_carried }).toEqual({ payload: body, not_carried: [] });
      }),
      cases(40),
    );
  });

  it('asks for the format of a payload that may be of several', async () => {
    const error = await refusal(inProcess(), 'import_agent', { payload: { name: 'x', systemPrompt: 'y' } });
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { possible: ['make', 'talkifai'] } });
  });

  it('names what is wrong with a payload in its own words, and changes nothing', async () => {
    const on = inProcess();
    const wrong = { ...PATHBOUND_EXAMPLE, monitoring: { filter: { $where: '1' }, schedule_cron: 'never' } };
    expect((await refusal(on, 'import_agent', { payload: wrong })).details).toHaveProperty([
      'monitoring.schedule_cron',
    ]);
    const filtered = { ...PATHBOUND_EXAMPLE, monitoring: { filter: { $where: '1' } } };
    expect((await refusal(on, 'import_agent', { payload: filtered })).message).toContain('$where');
    expect((await on.call('list_agents')).total).toBe(0);
  });

  it('warns where the name is taken', async () => {
    const { call } = inProcess();
    const first = await call('import_agent', { payload: CONVERRA_EXAMPLE });
    const second = await call('import_agent', { payload: { ...CONVERRA_EXAMPLE, name: 'customer SUPPORT' } });
    expect(second.warnings[0]).toContain(`(${first.agent.id}): name agents by their id`);
  });
});

describe('what an imported agent would do unasked', () => {
  const bold = {
    name: 'Bold',
    playbook: {
      rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 'a', message: 'b' } }] }],
    },
    capabilities: ['email'],
    approval: { require_approval: false },
  };

  it('is carried as a setting and granted to nobody', async () => {
    const { call } = inProcess();
    const { agent, change_id, warnings } = await call('import_agent', { payload: bold });
    expect(agent.approval).toMatchObject({ require_approval: false, unasked: { granted: false } });
    expect(warnings.join()).toContain('no person has allowed that yet');
    const { changes } = await call('list_pending_actions');
    expect(changes).toMatchObject([{ change_id, agent_id: agent.id }]);
  });

  it('is not granted by moving an agent that had the permission', async () => {
    const from = inProcess({ env: { COUNTERSIGN_MIN_PROOF: 'client' } });
    const granted = await from.call('create_agent', bold);
    expect(granted.agent.approval.unasked.granted).toBe(true);
    const { payload } = await from.call('export_agent', { agent_id: granted.agent.id, format: 'countersign' });
    // Even where the person lets a plain call decide.
    const to = inProcess({ env: { COUNTERSIGN_MIN_PROOF: 'client' } });
    const { agent } = await to.call('import_agent', { payload });
    expect(agent.approval).toMatchObject({ require_approval: false, unasked: { granted: false } });
  });
});

describe('an import that would send what contacts say to a host that nobody named', () => {
  it('waits whole for a person, with its versions and its origin', async () => {
    const on = inProcess();
    const payload = {
      ...{ format: 'countersign.agent', format_version: 1 },
      agent: {
        ...{ id: 'ag_elsewhere', name: 'Second', version: 3, updated_at: '2026-02-01T00:00:00.000Z' },
        playbook: { playbook_md: 'Write.' },
        llm_config: { provider: 'openai_compatible', model: 'm', base_url: 'https://models.example/v1' },
      },
      versions: [
        { name: 'First', version: 1, updated_at: '2026-01-01T00:00:00.000Z', playbook: { playbook_md: 'Wait.' } },
      ],
    };
    const error = await refusal(on, 'import_agent', { payload });
    expect(error).toMatchObject({ code: 'FORBIDDEN', details: { change_id: expect.any(String) } });
    expect((await on.call('list_agents')).total).toBe(0);
    const change_id = String(error.details?.change_id);
    await decideChange(on.house, { user: 'maya' }, { change_id, decision: 'approve', via: 'human' });
    const { agent } = await on.call('get_agent', { agent_id: 'Second' });
    expect(agent).toMatchObject({
      status: 'draft',
      version: 3,
      origin: { dialect: 'countersign', id: 'ag_elsewhere' },
    });
    expect(agent.llm_config.base_url).toBe('https://models.example/v1');
    expect((await on.call('get_agent', { agent_id: 'Second', version: 1 })).agent.name).toBe('First');
  });

  it('is allowed to go there by that yes, and to do nothing unasked', async () => {
    const on = inProcess();
    const reached = { provider: 'openai_compatible', model: 'm', base_url: 'https://models.example/v1' };
    const bold = { name: 'Bold', capabilities: ['email'], approval: { require_approval: false }, llm_config: reached };
    const error = await refusal(on, 'import_agent', { payload: { ...bold, playbook: { playbook_md: 'Write.' } } });
    const change_id = String(error.details?.change_id);
    await decideChange(on.house, { user: 'maya' }, { change_id, decision: 'approve', via: 'human' });
    const { agent } = await on.call('get_agent', { agent_id: 'Bold' });
    expect(agent.approval).toMatchObject({ require_approval: false, unasked: { granted: false } });
  });
});

describe('export_agent', () => {
  it('moves an agent whole to another home: its versions can be read and restored there', async () => {
    const from = inProcess();
    const { agent } = await from.call('create_agent', {
      name: 'One',
      playbook: { playbook_md: 'Be brief.' },
      tags: ['a'],
    });
    await from.call('update_agent', {
      agent_id: agent.id,
      changes: { name: 'Two', playbook: { playbook_md: 'Be long.' } },
    });
    const { payload } = await from.call('export_agent', { agent_id: agent.id, format: 'countersign' });
    const to = inProcess();
    const moved = (await to.call('import_agent', { payload })).agent;
    expect(moved).toMatchObject({ name: 'Two', version: 2, versions: [{ version: 2 }, { version: 1 }] });
    await to.call('update_agent', { agent_id: moved.id, restore_version: 1 });
    const { agent: restored } = await to.call('get_agent', { agent_id: moved.id });
    expect(restored).toMatchObject({ name: 'One', version: 3, playbook: { playbook_md: 'Be brief.' }, tags: ['a'] });
  });

  it('names what a format can not say, and why', async () => {
    const { call } = inProcess();
    const { agent } = await call('create_agent', {
      name: 'Native',
      playbook: { rules: [{ name: 'r', propose: [] }] },
      capabilities: ['notes'],
      limits: { cooldown_days: 3 },
      monitoring: { filter: { stage: 'lead' } },
      language: 'nl',
    });
    const { payload, not_carried } = await call('export_agent', { agent_id: agent.id, format: 'make' });
    expect(payload).toEqual({
      name: 'Native',
      systemPrompt: expect.stringContaining('Propose no action'),
      defaultModel: 'rules',
      teamId: 1,
    });
    expect(not_carried.map(({ path }: { path: string }) => path).sort()).toEqual([
      ...['capabilities', 'language', 'limits.cooldown_days', 'llm_config.provider', 'makeConnectionId'],
      ...['monitoring.filter', 'playbook.rules', 'status'],
    ]);
  });

  it('gives to another format nothing of what came by one, and names it', async () => {
    const { call } = inProcess();
    const { agent } = await call('import_agent', { payload: MAKE_BODY });
    const { payload, not_carried } = await call('export_agent', { agent_id: agent.id, format: 'converra' });
    expect(payload).toEqual({ name: 'Order desk', content: MAKE_BODY.systemPrompt, llmModel: 'gpt-4o-mini' });
    expect(not_carried).toContainEqual({
      path: 'origin.fields.makeConnectionId',
      why: expect.stringContaining('make'),
    });
  });

  it('holds decisions in our own format alone', async () => {
    const on = inProcess();
    const { agent } = await on.call('import_agent', { payload: CONVERRA_EXAMPLE });
    const error = await refusal(on, 'export_agent', { agent_id: agent.id, format: 'make', decisions: true });
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { decisions: 'not in make' } });
  });
});

describe("an update by another product's body", () => {
  it('changes the agent and what is kept of its body, in one version', async () => {
    const { call, house } = inProcess();
    const { agent } = await call('import_agent', { payload: MAKE_BODY });
    const before = await house.read((view) => currentAgent(view, agent.id));
    if (!before) throw new Error('the agent is gone');
    const make = dialectFor('make');
    const terms = { hasIdentity: () => false, before };
    const reading = readChanges(make, { outputParserFormat: { type: 'text' } }, terms);
    const { origin } = patchedOrigin(make, before, reading);
    const update = { changes: reading.fields, clear: reading.clear, origin };
    const saved = await updateAgent(house, 'tester', agent.id, update);
    expect(saved.agent).toMatchObject({ version: 2, origin: { fields: { teamId: 7 } } });
    expect(saved.agent).not.toHaveProperty('output_schema');
    const { payload } = await call('export_agent', { agent_id: agent.id, format: 'make' });
    expect(payload).toEqual({ ...MAKE_BODY, outputParserFormat: { type: 'text' } });
    // A version that is restored has the origin as it is now.
    await call('update_agent', { agent_id: agent.id, restore_version: 1 });
    expect((await call('get_agent', { agent_id: agent.id })).agent.origin).toEqual(origin);
  });

  it('is kept whole where it waits for a person', async () => {
    const { call, house } = inProcess();
    const { agent } = await call('import_agent', { payload: { name: 'P', enabled: true } });
    const origin = { dialect: 'pathbound', fields: { identity_id: 'id_9' } };
    const changes = {
      llm_config: { provider: 'openai_compatible', model: 'm', base_url: 'https://models.example/v1' },
    } as const;
    const update = { changes, clear: [], origin };
    const change = await keepCall(house, 'tester', { tool: 'update_agent', agent_id: agent.id, update });
    await decideChange(house, { user: 'maya' }, { change_id: String(change?.id), decision: 'approve', via: 'human' });
    expect((await call('get_agent', { agent_id: agent.id })).agent).toMatchObject({ version: 2, origin });
  });
});
