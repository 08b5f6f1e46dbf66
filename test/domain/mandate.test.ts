import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Agent, agentFields } from '../../src/domain/agents/agent.ts';
import type { Identity } from '../../src/domain/agents/identity.ts';
import {
  differences,
  HARMLESS_FIELDS,
  HARMLESS_IDENTITY_FIELDS,
  mandateDigest,
  mandateOf,
} from '../../src/domain/agents/mandate.ts';
import { newAgent } from '../../src/engine/agents/fields.ts';
import { identityShape } from '../../src/engine/base/shown/identity.ts';
import { anAgent, anIdentity } from '../support/fixtures.ts';

const STAMP = { id: 'ag_1', by: 'maya', at: '2026-03-02T09:30:00.000Z', owner: 'owner', team: 1 };
const bare = () => newAgent({ name: 'Ada', playbook: { playbook_md: 'Write.' } }, STAMP);

/** A value that a field's schema takes, and that isn't the field's default. */
function sampleOf(schema: z.ZodType): unknown {
  const json: Record<string, unknown> = { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
  if (Array.isArray(json.enum)) return json.enum.at(-1);
  if (json.type === 'boolean') return false;
  if (json.type === 'array') return ['something'];
  if (json.type === 'object') return { plan: 'trial' };
  return json.type === 'string' ? 'something' : 2;
}

/** The object schema inside a field's schema; undefined for a field of another kind. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const inner = 'unwrap' in schema && typeof schema.unwrap === 'function' ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? inner.shape : undefined;
}

/** Every field that a person can set of an agent, by its path, with an agent that differs from `bare` in it alone. */
function variants(): [path: string, agent: Agent][] {
  return Object.entries(agentFields).flatMap(([name, schema]) => {
    const fields = shapeOf(schema);
    if (!fields) return [[name, { ...bare(), [name]: sampleOf(schema) }] as [string, Agent]];
    const settings = Object.entries(bare()).find(([key]) => key === name)?.[1];
    return Object.entries(fields).map(([field, inner]): [string, Agent] => [
      `${name}.${field}`,
      { ...bare(), [name]: { ...Object(settings), [field]: sampleOf(inner) } },
    ]);
  });
}

describe('the mandate of an agent', () => {
  it.each(variants())('moves with %s, unless that is named as harmless', (path, agent) => {
    const isSame = mandateDigest(mandateOf(agent, undefined)) === mandateDigest(mandateOf(bare(), undefined));
    expect(isSame).toBe(HARMLESS_FIELDS.has(path));
  });

  it.each(Object.keys(identityShape().shape))(
    'moves with %s of its identity, unless that is named as harmless',
    (field) => {
      const identity = anIdentity({ signature: 'Maya', smtp_url_env: 'COUNTERSIGN_SMTP' });
      const other: Identity = { ...identity, [field]: 'another' };
      const isSame = mandateDigest(mandateOf(bare(), other)) === mandateDigest(mandateOf(bare(), identity));
      expect(isSame).toBe(HARMLESS_IDENTITY_FIELDS.has(field));
    },
  );

  it('is the same with the pace of an identity that an unset one has, and another with any other', () => {
    const digest = (pace: object) => mandateDigest(mandateOf(bare(), anIdentity(pace)));
    expect(digest({ max_per_day: 200, gap_seconds: 20 })).toBe(digest({}));
    expect(digest({ gap_seconds: 0 })).not.toBe(digest({}));
    expect(digest({ max_per_day: 201 })).not.toBe(digest({}));
  });

  it('holds only what was set, so that a field that is added later ends no permission', () => {
    expect(mandateOf(bare(), undefined)).toEqual({ 'playbook.playbook_md': 'Write.' });
    const given = newAgent(
      { name: 'Ada', playbook: { playbook_md: 'Write.' }, monitoring: { timezone: 'UTC', catch_up: 'once' } },
      STAMP,
    );
    expect(mandateOf(given, undefined)).toEqual(mandateOf(bare(), undefined));
  });

  it('keeps what a person wrote into a filter or a rule, null too', () => {
    const all = anAgent();
    const none = { ...all, monitoring: { ...all.monitoring, filter: { stage: null } } };
    expect(mandateOf(none, undefined)['monitoring.filter']).toEqual({ stage: null });
  });

  it.each([
    ['{{ agent.description }}', true],
    ['{% assign x = agent %}{{ x.name }}', true],
    ['{% assign x = "ag" | append: "ent" %}{{ [x].name }}', true],
    ['{{ agent.playbook.config.offer }}', false],
    ['The agent writes to {{ contact.firstname }}', false],
  ])('holds the words of the agent where a rule may send them: %s', (message, isHeld) => {
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: [message] } }] }];
    const agent = { ...anAgent(), playbook: { playbook_md: '', rules, config: {} } };
    const moved = differences(mandateOf(agent, undefined), mandateOf({ ...agent, description: 'Other' }, undefined));
    expect(moved.after).toEqual(isHeld ? { description: 'Other' } : {});
  });

  it('is the same in any order of its capabilities', () => {
    const [one, other] = [anAgent({ capabilities: ['email', 'notes'] }), anAgent({ capabilities: ['notes', 'email'] })];
    expect(mandateDigest(mandateOf(one, undefined))).toBe(mandateDigest(mandateOf(other, undefined)));
  });

  it('says by path what differs from another', () => {
    const was = mandateOf(anAgent({ capabilities: ['notes'] }), undefined);
    const is = mandateOf(anAgent({ capabilities: ['notes'], limits: { cooldown_days: 3 } }), undefined);
    expect(differences(was, is)).toEqual({ before: {}, after: { 'limits.cooldown_days': 3 } });
  });
});
