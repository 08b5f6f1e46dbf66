import { z } from 'zod';
import {
  type Agent,
  type AgentInput,
  agentFields,
  agentInput,
  type EarlierVersion,
  type Origin,
} from '../agents/agent.ts';
import { invalid } from '../base/errors.ts';
import { canonical, isObject } from '../base/json.ts';
import { templateNamed } from './mapping/defaults.ts';
import type { BodyFields, BodyRead, NotCarried, ReadingTerms, Written } from './mapping/dialect.ts';
import { OWN_FORMAT } from './mapping/formats.ts';
import { withoutSecrets } from './mapping/secrets.ts';
import { fittingBody, soundBody } from './mapping/soundness.ts';

const MARK = 'countersign.agent';
/** What is written. A later number has meanings that this version doesn't know. */
const FORMAT_VERSION = 1;
/** The most characters of JSON that an export's earlier versions take: a message has to hold them. */
const MOST_HISTORY = 3_000_000;
const MOST_VERSIONS = 1_000;
const MOST_NAMED = 100;
const MOST_VALUES_OF_ALL = 500_000;

const originField = z.strictObject({
  dialect: z.string().min(1).max(50),
  id: z.string().max(200).exactOptional(),
  fields: z.record(z.string(), z.unknown()),
});
const stamps = { version: z.int().min(1), updated_at: z.iso.datetime() };
const versionField = z.strictObject({ ...agentFields, ...stamps });
const agentField = versionField.extend({
  id: z.string().max(200).exactOptional(),
  created_at: z.iso.datetime().exactOptional(),
  origin: originField.exactOptional(),
});
const envelope = z.strictObject({
  format: z.literal(MARK),
  format_version: z.literal(FORMAT_VERSION, `made by a later version of Countersign: this one reads ${FORMAT_VERSION}`),
  agent: agentField,
  versions: z.array(versionField).max(MOST_VERSIONS),
  decisions: z.array(z.unknown()).exactOptional(),
});

/** An agent in our own format, read. */
export type OwnRead = BodyRead<AgentInput> & { version: number; versions: EarlierVersion[]; origin: Origin };

export function isOwnFormat(body: BodyFields): boolean {
  return body.format === MARK;
}

/** A payload of our own format as an object that can be worked with. Its versions hold many values. Throws as `soundBody` does. */
export function soundOwn(payload: unknown): BodyFields {
  return soundBody(payload, MOST_VALUES_OF_ALL);
}

/** The settings of an agent: all that a person gives. */
function givenSettings(agent: Agent): BodyFields {
  const names = new Set(Object.keys(agentFields));
  return Object.fromEntries(Object.entries(agent).filter(([name]) => names.has(name)));
}

/** As many of the newest earlier versions as there is room for, oldest first. */
function roomForVersions(versions: readonly BodyFields[]): BodyFields[] {
  const taken: BodyFields[] = [];
  let left = MOST_HISTORY;
  for (const version of versions.toReversed()) {
    left -= canonical(version).length;
    if (left < 0 || taken.length === MOST_VERSIONS) break;
    taken.unshift(version);
  }
  return taken;
}

/**
 * An agent in our own format. `versions` are all that it had, oldest first, the newest one included. Who made it, its runs
 * and the permission to act unasked stay here; keys and secrets are taken out, each named.
 */
export function writeOwn(agent: Agent, versions: readonly Agent[]): Written {
  const { id, version, created_at, updated_at, origin } = agent;
  const earlier = versions
    .filter((item) => item.version < version)
    .map((item): BodyFields => ({ version: item.version, updated_at: item.updated_at, ...givenSettings(item) }));
  const taken = roomForVersions(earlier);
  // Of an agent that came in our own format, the origin says nothing but a sender that isn't here.
  const isOwn = origin?.dialect === OWN_FORMAT;
  const settings = isOwn ? { ...origin.fields, ...givenSettings(agent) } : givenSettings(agent);
  const whole = {
    format: MARK,
    format_version: FORMAT_VERSION,
    agent: { id, version, created_at, updated_at, ...settings, ...(origin && !isOwn ? { origin } : {}) },
    versions: taken,
  };
  const { value, removed } = withoutSecrets(whole);
  const lost = earlier.length - taken.length;
  const not_carried: NotCarried[] =
    lost > 0
      ? [{ path: 'versions', why: `the oldest ${lost} of ${earlier.length} earlier versions found no room` }]
      : [];
  return { payload: value, not_carried: [...not_carried, ...removed.slice(0, MOST_NAMED)] };
}

/** Takes the name of a template that isn't here away: the playbook stands whole beside it. */
function withoutUnknownTemplate(version: unknown): unknown {
  if (!isObject(version) || templateNamed(version.playbook_template) || !isObject(version.playbook)) return version;
  const { playbook_template: _unknown, ...rest } = version;
  return rest;
}

/** What only a later version of Countersign knows is left out, so that an agent can move to an older one too. */
function withoutUnknown(body: BodyFields, not_carried: NotCarried[]): BodyFields {
  const versions = Array.isArray(body.versions) ? body.versions.map(withoutUnknownTemplate) : body.versions;
  const agent = withoutUnknownTemplate(body.agent);
  if (!isObject(agent)) return body;
  if (isObject(body.agent) && Object.keys(agent).length < Object.keys(body.agent).length)
    not_carried.push({ path: 'agent.playbook_template', why: 'there is no such template here' });
  const entries = Object.entries(agent);
  const unknown = entries.filter(([name]) => !Object.hasOwn(agentField.shape, name));
  for (const [name] of unknown)
    not_carried.push({ path: `agent.${name.slice(0, 100)}`, why: 'this version of Countersign has no such field' });
  return {
    ...body,
    versions,
    agent: Object.fromEntries(entries.filter(([name]) => Object.hasOwn(agentField.shape, name))),
  };
}

function demandOrder(version: number, versions: readonly { version: number }[]): void {
  const numbers = [...versions.map((item) => item.version), version];
  const wrong = numbers.findIndex((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0));
  if (wrong === -1) return;
  throw invalid('The versions have to stand oldest first, each with a higher number, all below that of the agent.', {
    [`versions[${wrong}].version`]: 'out of order',
  });
}

type Agented = z.infer<typeof agentField>;

/** The settings that an imported agent gets: it is a draft, and a sender that isn't here is left out. */
function importedFields(
  agent: Agented,
  { hasIdentity }: ReadingTerms,
  not_carried: NotCarried[],
): { fields: AgentInput; origin: Origin; warnings: string[] } {
  const { id, version: _version, created_at: _created, updated_at: _updated, origin, ...settings } = agent;
  const { status, enabled: _enabled, identity_id, ...fields } = settings;
  if (status !== undefined && status !== 'draft')
    not_carried.push({ path: 'agent.status', why: 'an imported agent is a draft: update_agent makes it active' });
  const isHere = identity_id !== undefined && hasIdentity(identity_id);
  const isLost = identity_id !== undefined && !isHere;
  const kept = isLost && !origin ? { identity_id } : {};
  if (isLost && origin)
    not_carried.push({ path: 'agent.identity_id', why: `no identity here has the id "${identity_id}"` });
  const warnings = isLost
    ? [
        `agent.identity_id: no identity here has the id "${identity_id}": the agent sends as nobody until update_agent gives it one of list_identities.`,
      ]
    : [];
  const own: Origin = { dialect: OWN_FORMAT, ...(id === undefined ? {} : { id }), fields: kept };
  return {
    fields: agentInput.parse({ ...fields, ...(isHere ? { identity_id } : {}) }),
    origin: origin ?? own,
    warnings,
  };
}

/**
 * An agent in our own format, with its earlier versions.
 *
 * @throws AppError VALIDATION_ERROR that names each field at fault
 */
export function readOwn(payload: unknown, terms: ReadingTerms): OwnRead {
  const clean = withoutSecrets(soundOwn(payload));
  const not_carried: NotCarried[] = clean.removed.slice(0, MOST_NAMED);
  const { agent, versions, decisions } = fittingBody(envelope, withoutUnknown(clean.value, not_carried), 'Countersign');
  demandOrder(agent.version, versions);
  const { fields, origin, warnings } = importedFields(agent, terms, not_carried);
  if (decisions !== undefined)
    not_carried.push({ path: 'decisions', why: 'decisions of another home are a test set: they decide nothing here' });
  return {
    fields,
    origin,
    version: agent.version,
    versions: versions.map(({ version, updated_at, ...earlier }) => ({
      fields: agentInput.parse(earlier),
      version,
      updated_at,
    })),
    clear: [],
    kept: origin.fields,
    active: agent.status === 'active',
    carried: ['agent', ...(versions.length > 0 ? ['versions'] : [])],
    not_carried,
    warnings,
  };
}
