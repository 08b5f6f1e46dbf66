import { digest } from '../base/digest.ts';
import { canonical, isObject } from '../base/json.ts';
import type { Agent } from './agent.ts';
import { type Identity, PACE_DEFAULTS } from './identity.ts';

/** Values by their path: `monitoring.filter`, `identity.email`. */
export type Values = Record<string, unknown>;

/**
 * The fields of an agent that don't change what would happen without being asked (contract, section 3). Everything else
 * is part of the mandate, so a field that is added later is part of it until it is named here. A lowered `min_proof` and
 * the revival of an archived agent count all the same: `gate/standing.ts` looks at both.
 */
export const HARMLESS_FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'name', 'description', 'tags', 'language', 'visibility', 'origin', 'version', 'status', 'enabled'],
  ...['created_by', 'created_at', 'updated_at', 'owner', 'team'],
  ...['approval.expires_after_hours', 'approval.min_proof'],
]);
/** Harmless fields that hold a person's own words. A rule's template can put them into what it sends. */
const QUOTABLE_FIELDS: readonly string[] = ['name', 'description', 'tags', 'language', 'visibility', 'origin'];
/** The same as `HARMLESS_FIELDS`, of an identity. */
export const HARMLESS_IDENTITY_FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'version', 'created_by', 'created_at', 'updated_at', 'owner', 'team'],
]);

/** Objects of an agent whose fields are settings of their own. */
const SETTINGS: ReadonlySet<string> = new Set([
  ...['playbook', 'approval', 'monitoring', 'limits', 'llm_config', 'voice', 'connections'],
]);
/** What an unset field means, by its path. Empty texts, lists and objects mean nothing set, too. */
const DEFAULTS: Values = {
  'approval.require_approval': true,
  'monitoring.timezone': 'UTC',
  'monitoring.max_contacts_per_run': 25,
  'monitoring.catch_up': 'once',
  'llm_config.concurrency': 4,
  architecture: 'text',
  // Of an identity.
  ...PACE_DEFAULTS,
};
/** Lists whose order means nothing. */
const SETS: ReadonlySet<string> = new Set([
  ...['capabilities', 'approval.auto_approve', 'enabled_functions', 'custom_functions'],
]);

function isUnset(path: string, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === DEFAULTS[path];
}

/** A record's fields by their paths, those of settings one level deeper, without what isn't set or is the default. */
function setValues(record: object, prefix: string, isLeftOut: (path: string) => boolean): Values {
  const found: Values = {};
  for (const [name, value] of Object.entries(record)) {
    const path = `${prefix}${name}`;
    if (isLeftOut(path)) continue;
    if (prefix === '' && SETTINGS.has(name) && isObject(value))
      Object.assign(found, setValues(value, `${name}.`, isLeftOut));
    else if (!isUnset(path, value))
      found[path] = SETS.has(path) && Array.isArray(value) ? [...new Set(value)].sort() : value;
  }
  return found;
}

/**
 * Whether a template may put words of the agent into what it gives: it names the agent, or works a name out (`[x]`). The
 * playbook is part of the mandate anyway.
 */
function mayQuoteAgent(text: string): boolean {
  const from = text.search(/\{[{%]/);
  return from >= 0 && /agent|\[/.test(text.slice(from).replace(/agent\.playbook\b/g, ''));
}

function someText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === 'string') return holds(value);
  return (isObject(value) || Array.isArray(value)) && Object.values(value).some((item) => someText(item, holds));
}

/**
 * Everything that decides what an agent would do without being asked: its mandate. Words of the agent that are harmless
 * elsewhere are part of it where a rule may put them into what is sent.
 */
export function mandateOf(agent: Agent, identity: Identity | undefined): Values {
  const quoted = someText(agent.playbook.rules, mayQuoteAgent) ? QUOTABLE_FIELDS : [];
  const own = setValues(agent, '', (path) => HARMLESS_FIELDS.has(path) && !quoted.includes(path));
  if (!identity) return own;
  const sender = Object.entries(setValues(identity, '', (path) => HARMLESS_IDENTITY_FIELDS.has(path)));
  return { ...own, ...Object.fromEntries(sender.map(([path, value]) => [`identity.${path}`, value])) };
}

/** The digest that a grant holds for. */
export function mandateDigest(mandate: Values): string {
  return digest(mandate);
}

/** All that a person can set of an agent, by path. */
export function agentSettings(agent: Agent): Values {
  const stamps = new Set([
    ...['id', 'version', 'enabled', 'origin', 'owner', 'team', 'created_by', 'created_at', 'updated_at'],
  ]);
  return setValues(agent, '', (path) => stamps.has(path));
}

/** All that a person can set of an identity, by path. */
export function identitySettings(identity: object): Values {
  return setValues(identity, '', (path) => HARMLESS_IDENTITY_FIELDS.has(path));
}

/** The values that differ, as they were and as they are. A path that is missing on one side wasn't or isn't set. */
export function differences(was: Values, is: Values): { before: Values; after: Values } {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  const moved = paths.filter((path) => canonical(was[path] ?? null) !== canonical(is[path] ?? null));
  const only = (values: Values) =>
    Object.fromEntries(moved.filter((path) => values[path] !== undefined).map((path) => [path, values[path]]));
  return { before: only(was), after: only(is) };
}
