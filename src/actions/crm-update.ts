import { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Deps } from '../domain/base/deps.ts';
import { BLOCKING_FLAGS, type Contact, OWN_FIELDS, TEXT_FIELDS } from '../domain/contacts/contact.ts';
import { fieldOf } from '../domain/import/columns.ts';
import type { ActionType } from './action.ts';
import { hookWarnings, postHook, secretLack } from './hook.ts';
import { jsonObject } from './json-object.ts';

const FIXED: readonly string[] = ['id', 'email', ...BLOCKING_FLAGS, ...OWN_FIELDS];
const TEXTS: readonly string[] = TEXT_FIELDS;
const MAX_NAME = 200;

function problemOf(name: string, value: unknown): string | undefined {
  const field = fieldOf(name);
  if (FIXED.includes(field ?? name))
    return `crm_update can't change ${field ?? name} (nor ${FIXED.filter((other) => other !== (field ?? name)).join(', ')}): leave it out`;
  if (name.trim() === '' || name.length > MAX_NAME) return `the name of a field has 1 to ${MAX_NAME} characters`;
  if (field !== undefined && field !== name) return `write ${name} as ${field}: that is the contact's field`;
  if (TEXTS.includes(name) && typeof value !== 'string') return `${name} must be a string; "" empties it`;
  return undefined;
}

const fields = jsonObject.superRefine((given, context) => {
  const entries = Object.entries(given);
  if (entries.length === 0) context.addIssue({ code: 'custom', message: 'empty: name at least one field to change' });
  for (const [name, value] of entries) {
    const message = problemOf(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});
const params = z.strictObject({ fields });

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
 * `crm_update`, params `{fields}`: sets the contact's fields, never id, email, consent or times. firstname, lastname,
 * phone, company and linkedin_url are strings; any other field is any JSON, and `null` removes it. An agent with
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
  obstacle: () => undefined,
  lack: (scene, env) => (scene.agent.connections.crm_sync_url === undefined ? undefined : secretLack(scene, env)),
  warnings,
  perform: (attempt) =>
    postHook(attempt, attempt.agent.connections.crm_sync_url, 'crm_update', {
      fields: params.parse(attempt.params).fields,
    }),
  apply({ contact, params: given }, at) {
    const changes = params.parse(given).fields;
    return {
      events: [{ type: 'contacts_saved', contacts: [merge(contact, changes, at)] }],
      result: { channel: 'contacts', note: `changed ${Object.keys(changes).join(', ')}` },
    };
  },
};
