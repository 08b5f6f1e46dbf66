import { describe, expect, it } from 'vitest';
import type { Agent, AgentInput } from '../../../src/domain/agents/agent.ts';
import { AppError } from '../../../src/domain/base/errors.ts';
import { readOwn, writeOwn } from '../../../src/domain/dialects/countersign.ts';
import { madeAgent } from '../../../src/engine/agents/fields.ts';
import { AT, anAgent } from './bodies.ts';

const INPUT: AgentInput = {
  name: 'Whole',
  description: 'Everything that an agent has',
  status: 'active',
  playbook: {
    playbook_md: 'Propose {{ a }} note.',
    rules: [{ name: 'one', when: { contact: { stage: 'lead' } }, propose: [{ type: 'note', params: { body: 'x' } }] }],
    config: { offer: 'tea' },
  },
  capabilities: ['notes', 'email'],
  identity_id: 'id_here',
  approval: { require_approval: false, auto_approve: ['note'], expires_after_hours: 12.5, min_proof: 'elicited' },
  monitoring: { filter: { stage: 'lead' }, schedule_cron: '0 9 * * *', timezone: 'Europe/Amsterdam', catch_up: 'none' },
  limits: { cooldown_days: 7, max_cost_usd_per_run: 1 },
  llm_config: { provider: 'anthropic', model: 'claude-x', api_key_env: 'ANTHROPIC_API_KEY', concurrency: 2 },
  output_schema: { type: 'object' },
  language: 'nl',
  visibility: 'public',
  tags: ['a'],
  enabled_functions: ['contact'],
  connections: { webhook_url: 'https://hooks.example/x', secret_env: 'COUNTERSIGN_HOOK' },
};
const terms = { hasIdentity: (id: string) => id === 'id_here' };
const first = anAgent({ ...INPUT, name: 'Before' });
const newest: Agent = { ...anAgent(INPUT), version: 2 };
const { payload } = writeOwn(newest, [first, newest]);

/** The agent that an import of a payload makes. */
function imported(body: unknown, id = 'ag_new') {
  const { fields, origin, version, versions } = readOwn(body, terms);
  return madeAgent(
    fields,
    { origin, imported: { version, versions } },
    { id, by: 'me', at: AT, owner: 'owner', team: 1 },
  );
}

/** A payload with an agent that differs in these fields. */
function withAgent(fields: Record<string, unknown>): Record<string, unknown> {
  return { ...payload, agent: { ...Object(payload.agent), ...fields } };
}

function refusal(body: unknown): AppError {
  try {
    readOwn(body, terms);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('the payload was read');
}

describe('our own format', () => {
  it('carries an agent whole, with its versions, as a draft', () => {
    const { agent, versions } = imported(payload);
    const own = { id: 'ag_new', created_by: 'me', origin: { dialect: 'countersign', id: newest.id, fields: {} } };
    expect(agent).toEqual({ ...newest, ...own, status: 'draft', enabled: false });
    expect(versions.map(({ version, name }) => [version, name])).toEqual([
      [1, 'Before'],
      [2, 'Whole'],
    ]);
    expect(versions[0]).toEqual({ ...first, ...own });
  });

  it('comes back from an import as it was, but for ids, times and the status', () => {
    const { agent, versions } = imported(payload);
    const again = writeOwn(agent, versions).payload;
    expect(again).toEqual(withAgent({ id: 'ag_new', status: 'draft', enabled: false, ...stamps(agent) }));
    expect(readOwn(payload, terms).not_carried).toEqual([
      { path: 'agent.status', why: expect.stringContaining('draft') },
    ]);
  });

  it('keeps an origin in another format, so that exporting there still gives back what came', () => {
    const origin = { dialect: 'make', id: 'a64d23ed', fields: { teamId: 7 } };
    const { agent } = imported(writeOwn({ ...newest, origin }, [newest]).payload);
    expect(agent.origin).toEqual(origin);
  });

  it('gives back a sender that is not here, and says that nobody sends', () => {
    const read = readOwn(withAgent({ identity_id: 'id_gone' }), terms);
    expect(read.fields).not.toHaveProperty('identity_id');
    expect(read.warnings).toEqual([expect.stringContaining('"id_gone"')]);
    const { agent, versions } = imported(withAgent({ identity_id: 'id_gone' }));
    expect(writeOwn(agent, versions).payload.agent).toMatchObject({ identity_id: 'id_gone' });
  });

  it('holds names of variables, and no key', () => {
    const leaky = anAgent({
      ...INPUT,
      playbook: { playbook_md: 'Call with sk-proj-abcDEF0123456789abcDEF.', config: { api_key: 'abc' } },
      connections: { webhook_url: 'https://hooks.example/x?token=abc123' },
    });
    const written = writeOwn(leaky, [leaky]);
    expect(JSON.stringify(written.payload)).not.toMatch(/sk-proj|abc123|"abc"/);
    expect(written.payload.agent).toMatchObject({ llm_config: { api_key_env: 'ANTHROPIC_API_KEY' } });
    expect(written.not_carried.map(({ path }) => path)).toEqual([
      'agent.playbook.playbook_md',
      'agent.playbook.config.api_key',
      'agent.connections.webhook_url',
    ]);
  });

  it('leaves the oldest versions out where there is no room, and says so', () => {
    const long = 'x'.repeat(90_000);
    const many = Array.from(
      { length: 50 },
      (_, at): Agent => ({
        ...anAgent({ name: `v${at + 1}`, playbook: { playbook_md: long } }),
        version: at + 1,
      }),
    );
    const [last] = many.slice(-1);
    if (!last) throw new Error('there is no version');
    const { payload: large, not_carried } = writeOwn(last, many);
    const { versions } = imported(large);
    expect(versions.at(-1)?.version).toBe(50);
    expect(versions[0]?.version).toBeGreaterThan(1);
    expect(not_carried).toEqual([{ path: 'versions', why: expect.stringMatching(/^the oldest \d+ of 49/) }]);
  });
});

function stamps({ created_at, updated_at }: Agent): Record<string, unknown> {
  return { created_at, updated_at };
}

describe('a payload of our own format that does not fit', () => {
  it.each([
    ['a later format', { ...payload, format_version: 2 }, 'format_version'],
    ['a field of the wrong type', withAgent({ tags: 'a' }), 'agent.tags'],
    [
      'an unknown setting of approvals',
      withAgent({ approval: { require_approval: true, skip: true } }),
      'agent.approval.skip',
    ],
    ['no versions', { ...payload, versions: undefined }, 'versions'],
    ['versions out of order', { ...payload, versions: [{ ...Object(payload.agent), version: 2 }] }, 'versions[0].id'],
    ['a time that is none', withAgent({ updated_at: 'yesterday' }), 'agent.updated_at'],
    [
      'a variable that is a key',
      withAgent({ connections: { secret_env: 'whatever' } }),
      'agent.connections.secret_env',
    ],
  ])('is refused: %s', (_what, body, path) => {
    const given = JSON.parse(JSON.stringify(body));
    expect(Object.keys(refusal(given).details ?? {})).toContain(path);
  });

  it('is refused where the versions are out of order', () => {
    const [earlier] = Array.isArray(payload.versions) ? payload.versions : [];
    const body = { ...payload, versions: [{ ...Object(earlier), version: 2 }] };
    expect(refusal(body).details).toEqual({ 'versions[1].version': 'out of order' });
  });

  it('loses what only a later version knows, and says so', () => {
    const { not_carried, fields } = readOwn(withAgent({ mood: 'fine', playbook_template: 'of_later' }), terms);
    expect(not_carried.map(({ path }) => path)).toEqual(['agent.playbook_template', 'agent.mood', 'agent.status']);
    expect(fields.playbook).toEqual(INPUT.playbook);
  });
});
