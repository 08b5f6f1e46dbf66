import { describe, expect, it } from 'vitest';
import { ownEffectAlone } from '../../src/actions/action.ts';
import { crmUpdate } from '../../src/actions/crm-update.ts';
import { note } from '../../src/actions/note.ts';
import { aContact, aHome, anAgent, anAttempt, NOW } from '../support/fixtures.ts';

function apply(type: typeof note, params: Record<string, unknown>) {
  if (!('apply' in type)) throw new Error(`${type.type} must act on our own state`);
  return type.apply(anAttempt(aHome(), { params }), NOW);
}

function problem(params: unknown): string | undefined {
  const issue = crmUpdate.params.safeParse(params).error?.issues[0];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
}

describe('note', () => {
  it('is added to the contact, with where it came from', () => {
    const { events, result } = apply(note, { body: 'Asked for prices.' });
    expect(events).toEqual([
      {
        type: 'note_added',
        note: {
          contact_id: 'ct_sanne',
          run_id: 'run_test',
          action_index: 0,
          agent_id: 'ag_test',
          body: 'Asked for prices.',
          at: NOW,
        },
      },
    ]);
    expect(result.channel).toBe('notes');
  });

  it('takes 1 to 20,000 characters and nothing else', () => {
    const isValid = (params: unknown) => note.params.safeParse(params).success;
    expect(isValid({ body: 'x'.repeat(20_000) })).toBe(true);
    expect([{}, { body: '' }, { body: 'x'.repeat(20_001) }, { body: 'x', contact_id: 'ct_other' }].some(isValid)).toBe(
      false,
    );
  });

  it('needs no consent and reaches nobody', () => {
    expect(note).toMatchObject({ capability: 'notes', outbound: false, consent: [] });
    expect(
      note.obstacle({ agent: anAgent(), contact: aContact(), identity: undefined }, { body: 'x' }),
    ).toBeUndefined();
  });
});

describe('crm_update', () => {
  it('changes the fields it names, drops those set to null, and keeps the rest', () => {
    const { events, result } = apply(crmUpdate, {
      fields: { company: 'New BV', plan: null, score: 7, lifecycle_stage: 'lead', tags: ['a'] },
    });
    const { plan: _, ...kept } = aContact();
    expect(events).toEqual([
      {
        type: 'contacts_saved',
        contacts: [{ ...kept, company: 'New BV', score: 7, lifecycle_stage: 'lead', tags: ['a'], updated_at: NOW }],
      },
    ]);
    expect(events[0]).not.toHaveProperty('contacts.0.plan');
    expect(result.note).toContain('company');
  });

  it('leaves the contact it was given as it was', () => {
    const attempt = anAttempt(aHome(), { params: { fields: { plan: null, company: 'x' } } });
    if ('apply' in crmUpdate) crmUpdate.apply(attempt, NOW);
    expect(attempt.contact).toEqual(aContact());
  });

  it.each(['id', 'email', 'do_not_email', 'do_not_contact', 'created_at', 'updated_at'])('refuses %s', (name) => {
    expect(problem({ fields: { company: 'x', [name]: false } })).toContain(
      `fields.${name}: crm_update can't change ${name}`,
    );
  });

  it.each(['firstname', 'lastname', 'phone', 'company', 'linkedin_url'])('takes text alone for %s', (name) => {
    expect(problem({ fields: { [name]: 5 } })).toContain(`fields.${name}: ${name} must be a string`);
    expect(problem({ fields: { [name]: null } })).toContain('must be a string');
    expect(problem({ fields: { [name]: '' } })).toBeUndefined();
  });

  it.each([
    ['no fields', '{}', 'fields'],
    ['empty fields', '{"fields":{}}', 'name at least one field'],
    ['a list', '{"fields":[1]}', 'fields'],
    ['a nameless field', '{"fields":{" ":1}}', '1 to 200 characters'],
    ['an extra key', '{"fields":{"a":1},"contact_id":"ct_other"}', 'contact_id'],
    ['__proto__', '{"fields":{"a":1,"__proto__":{"do_not_email":false}}}', "__proto__ can't be"],
    ['__proto__ deep down', '{"fields":{"a":[{"__proto__":1}]}}', "__proto__ can't be"],
    ['100,000 levels', `{"fields":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`, 'nested deeper'],
  ])('refuses %s', (_case, json, reason) => {
    expect(problem(JSON.parse(json))).toContain(reason);
  });

  it('keeps a field with the name of an object’s method as data', () => {
    const { events } = apply(crmUpdate, { fields: { constructor: 'x', toString: null } });
    const [contact] = events[0]?.type === 'contacts_saved' ? events[0].contacts : [];
    expect(JSON.parse(JSON.stringify(contact))).toEqual({ ...aContact(), constructor: 'x', updated_at: NOW });
  });

  it('acts on the world too where the agent has a crm_sync_url, and is bound to it', () => {
    const scene = {
      agent: anAgent({ connections: { crm_sync_url: 'https://crm.example/hook' } }),
      contact: aContact(),
      identity: undefined,
    };
    expect(crmUpdate.target(scene)).toBe('https://crm.example/hook');
    expect(ownEffectAlone(crmUpdate, scene)).toBeUndefined();
    expect(ownEffectAlone(crmUpdate, { ...scene, agent: anAgent() })).toBe(crmUpdate);
    expect(crmUpdate).toMatchObject({ capability: 'crm_sync', outbound: false, consent: [] });
  });
});
