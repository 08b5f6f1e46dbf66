import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Deps } from '../domain/base/deps.ts';
import { BLOCKING_FLAGS, type Contact, OWN_FIELDS, TEXT_FIELDS } from '../domain/contacts/contact.ts';
import { fieldOf, nameKey } from '../domain/import/columns.ts';
import { guessedFlag, judge } from '../domain/import/flag-steps.ts';
import { addressRank } from '../domain/import/words/column-names.ts';
import type { ActionScene, ActionType } from './action.ts';
import { hookWarnings, postHook, secretLack } from './hook.ts';
import { jsonObject } from './json-object.ts';

const FIXED: readonly string[] = ['id', 'email', ...BLOCKING_FLAGS, ...OWN_FIELDS];
const FIXED_BY_KEY: ReadonlyMap<string, string> = new Map(FIXED.map((field) => [nameKey(field), field]));
const TEXTS: readonly string[] = TEXT_FIELDS;
const MAX_NAME = 200;

type Fields = Record<string, unknown>;

/**
 * The field that a name and its value would speak for, although no `crm_update` may: one of the names of `FIXED` however
 * it is written, a usual name of an address column, or a name that says an objection or a bounce beside a yes, a no or
 * nothing. A column of such a name would look like the field, and change nothing of it.
 */
function fixedField(name: string, value: unknown): string | undefined {
  const fixed = FIXED_BY_KEY.get(nameKey(name));
  if (fixed !== undefined) return fixed;
  if (addressRank(name) === 0) return 'email';
  const step = guessedFlag(name, false);
  if (step?.how !== 'own') return undefined;
  const said = value === null ? 'clear' : judge(step, value)?.what;
  return said === 'set' || said === 'clear' ? step.flag : undefined;
}

function problemOf(name: string, value: unknown): string | undefined {
  const fixed = fixedField(name, value);
  if (fixed !== undefined)
    return `crm_update can't change ${fixed} (nor ${FIXED.filter((other) => other !== fixed).join(', ')}): leave it out`;
  if (name.trim() === '' || name.length > MAX_NAME) return `the name of a field has 1 to ${MAX_NAME} characters`;
  const field = fieldOf(name) ?? name;
  if (TEXTS.includes(field) && typeof value !== 'string') return `${field} must be a string; "" empties it`;
  return undefined;
}

const fields = jsonObject.superRefine((given, context) => {
  const entries = Object.entries(given);
  if (entries.length === 0) context.addIssue({ code: 'custom', message: 'empty: name at least one field to change' });
  const names = new Map<string, string>();
  for (const [name, value] of entries) {
    const same = names.get(nameKey(name));
    names.set(nameKey(name), name);
    const twice =
      same === undefined ? undefined : `${JSON.stringify(same)} and this name mean one field: keep one of them`;
    const message = twice ?? problemOf(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});
const params = z.strictObject({ fields });

/** The contact's fields that a name may mean: that of the name itself, else those that differ by case, spaces, `_` and `-`. */
function fieldsFor(contact: Contact, name: string): string[] {
  if (Object.hasOwn(contact, name)) return [name];
  const own = fieldOf(name);
  return own === undefined ? Object.keys(contact).filter((field) => nameKey(field) === nameKey(name)) : [own];
}

/** The fields by the names that the contact has for them: no second spelling stands beside a field that is there. */
function asThere(contact: Contact, given: Fields): Fields {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const [field = name, ...others] = fieldsFor(contact, name);
      return [others.length > 0 ? name : field, value];
    }),
  );
}

function inScene({ contact }: Pick<ActionScene, 'contact'>, given: Fields): Fields {
  const read = params.safeParse(given);
  return read.success ? { fields: asThere(contact, read.data.fields) } : given;
}

function obstacle({ contact }: ActionScene, given: Fields): string | undefined {
  for (const name of Object.keys(params.safeParse(given).data?.fields ?? {})) {
    const found = fieldsFor(contact, name);
    if (found.length > 1)
      return `${JSON.stringify(name)} may mean one of the contact's fields ${found.map((field) => JSON.stringify(field)).join(', ')}: write one of these names`;
  }
  return undefined;
}

function merge(contact: Contact, changes: Record<string, unknown>, at: string): Contact {
  const merged: Contact = { ...contact, ...changes, updated_at: at };
  for (const [name, value] of Object.entries(changes)) if (value === null) delete merged[name];
  return merged;
}

function warnings(agent: Agent, { env }: Pick<Deps, 'env'>): string[] {
  if (agent.connections.crm_sync_url === undefined) return [];
  const unused = 'connections.crm_sync_url has no effect without the capability "crm_sync".';
  return [...(agent.capabilities.includes('crm_sync') ? [] : [unused]), ...hookWarnings(agent, env)];
}

/**
 * `crm_update`, params `{fields}`: sets the contact's fields, never id, email, consent or times, however they are
 * written. A name that differs from a field of the contact by case, spaces, `_` and `-` only means that field. firstname,
 * lastname, phone, company and linkedin_url are strings; any other field is any JSON, and `null` removes it. An agent with
 * `connections.crm_sync_url` posts them there first; the contact changes once that was accepted, or not at all.
 */
export const crmUpdate: ActionType = {
  type: 'crm_update',
  noun: 'change of contact fields',
  capability: 'crm_sync',
  outbound: false,
  harmless: false,
  leavesMachine: ({ agent }) => agent.connections.crm_sync_url !== undefined,
  consent: [],
  settings: ['crm_sync_url', 'secret_env'],
  params,
  target: ({ agent }) => agent.connections.crm_sync_url,
  sets: (given) => params.safeParse(given).data?.fields ?? {},
  inScene,
  obstacle,
  lack: (scene, env) => (scene.agent.connections.crm_sync_url === undefined ? undefined : secretLack(scene, env)),
  warnings,
  perform: (attempt) =>
    postHook(attempt, attempt.agent.connections.crm_sync_url, 'crm_update', {
      fields: asThere(attempt.contact, params.parse(attempt.params).fields),
    }),
  apply({ contact, params: given }, at) {
    const changes = asThere(contact, params.parse(given).fields);
    return {
      events: [{ type: 'contacts_saved', contacts: [merge(contact, changes, at)] }],
      result: { channel: 'contacts', note: `changed ${Object.keys(changes).join(', ')}` },
    };
  },
};
