import {
  type Agent,
  type AgentChanges,
  type AgentInput,
  agentFields,
  type Provenance,
} from '../../domain/agents/agent.ts';
import { belongingOf, type Ownership } from '../../domain/agents/audience.ts';
import { invalid, notFound } from '../../domain/base/errors.ts';
import type { AgentUpdate } from '../../domain/state/kept-change.ts';
import { TEMPLATES } from '../../domain/templates/index.ts';
import type { PlaybookTemplate } from '../../domain/templates/template.ts';
import { suggestion } from '../base/lookup.ts';

/** Fields that are objects: an update merges into them. */
const MERGED = ['playbook', 'approval', 'monitoring', 'limits', 'llm_config', 'voice', 'connections'] as const;
/** What `clear` may name as a whole; of the merged objects it may name any field, too. */
const CLEARABLE = [
  'description',
  'identity_id',
  'output_schema',
  'playbook_template',
  'capabilities',
  'tags',
  'enabled_functions',
  'custom_functions',
  ...MERGED,
] as const;

/** The id of a new agent, who made it and whose it is, and when. */
type Stamp = { id: string; by: string; at: string } & Ownership;

export function findTemplate(name: string): PlaybookTemplate {
  const template = TEMPLATES.find((item) => item.name === name);
  if (template) return template;
  const names = TEMPLATES.map((item) => item.name);
  throw notFound(
    `There is no template "${name}".${suggestion(name, names)} list_templates shows all: ${names.join(', ')}.`,
  );
}

/** The status that `status` or `enabled` asks for: both say the same. VALIDATION_ERROR where they contradict. */
function resolveStatus(given: Pick<AgentChanges, 'status' | 'enabled'>, before: Agent['status']): Agent['status'] {
  const { status, enabled } = given;
  if (status !== undefined && enabled !== undefined && (status === 'active') !== enabled) {
    throw invalid(
      `status "${status}" and enabled ${enabled} contradict each other: enabled is true exactly when status is active. Give one of the two.`,
      {
        enabled: `contradicts status "${status}"`,
      },
    );
  }
  if (status !== undefined) return status;
  if (enabled === undefined) return before;
  if (enabled) return 'active';
  return before === 'active' ? 'draft' : before;
}

function playbookOf(given: AgentInput['playbook'], template: PlaybookTemplate | undefined): Agent['playbook'] {
  const hasOwnText = given?.playbook_md !== undefined;
  return {
    playbook_md: given?.playbook_md ?? template?.playbook_md ?? '',
    // A person's own text comes without the template's rules: together they would do what nobody wrote.
    rules: given?.rules ?? (hasOwnText ? [] : (template?.rules ?? [])),
    config: given?.config ?? {},
  };
}

/** A new agent, made of the given fields, its template and the defaults (contract, section 3). */
export function newAgent(input: AgentInput, stamp: Stamp): Agent {
  const template = input.playbook_template === undefined ? undefined : findTemplate(input.playbook_template);
  const status = resolveStatus(input, 'draft');
  const { status: _status, enabled: _enabled, ...rest } = input;
  return {
    ...rest,
    id: stamp.id,
    status,
    enabled: status === 'active',
    version: 1,
    playbook: playbookOf(input.playbook, template),
    capabilities: input.capabilities ?? template?.capabilities ?? [],
    approval: { require_approval: true, auto_approve: [], ...input.approval },
    monitoring: { filter: {}, timezone: 'UTC', max_contacts_per_run: 25, catch_up: 'once', ...input.monitoring },
    limits: { ...input.limits },
    llm_config: { concurrency: 4, ...input.llm_config },
    architecture: input.architecture ?? 'text',
    voice: { ...input.voice },
    language: input.language ?? 'en',
    visibility: input.visibility ?? 'private',
    tags: input.tags ?? [],
    enabled_functions: input.enabled_functions ?? [],
    custom_functions: input.custom_functions ?? [],
    connections: { ...input.connections },
    owner: stamp.owner,
    team: stamp.team,
    created_by: stamp.by,
    created_at: stamp.at,
    updated_at: stamp.at,
  };
}

/**
 * A new agent with its versions, oldest first: one, or as many as an imported agent had. The earlier ones stand
 * as they were saved elsewhere: only the newest counts.
 */
export function madeAgent(
  input: AgentInput,
  { origin, imported }: Provenance,
  stamp: Stamp,
): { agent: Agent; versions: Agent[] } {
  const from = origin ? { origin } : {};
  const made: Agent = { ...newAgent(input, stamp), ...from };
  if (!imported) return { agent: made, versions: [made] };
  const agent = { ...made, version: imported.version };
  const earlier = imported.versions.map(({ fields, version, updated_at }) => ({
    ...newAgent(fields, stamp),
    ...from,
    version,
    updated_at,
  }));
  return { agent, versions: [...earlier, agent] };
}

/** An agent's fields that a person can give: a new version is built from them. */
function givenFields(agent: Agent): AgentInput {
  const {
    id: _id,
    version: _version,
    origin: _origin,
    owner: _owner,
    team: _team,
    created_by: _by,
    created_at: _at,
    updated_at: _updated,
    ...given
  } = agent;
  return given;
}

/** Whether a path leads to a field of a merged object. Deeper paths don't exist: such a field is replaced whole. */
function isFieldOf(merged: (typeof MERGED)[number], [field = '', ...below]: readonly string[]): boolean {
  return below.length === 0 && Object.hasOwn(agentFields[merged].unwrap().shape, field);
}

function cleared(input: AgentInput, paths: readonly string[]): AgentInput {
  const next = structuredClone(input);
  for (const path of paths) {
    const [head = '', ...rest] = path.split('.');
    const field = rest.join('.');
    const whole = CLEARABLE.find((name) => name === head);
    const merged = MERGED.find((name) => name === head);
    if (!whole || (field !== '' && !(merged && isFieldOf(merged, rest)))) {
      throw invalid(
        `clear can't name "${path}". It takes ${CLEARABLE.join(', ')}, or a field of ${MERGED.join(', ')}, such as "limits.cooldown_days".`,
        { clear: path },
      );
    }
    if (field === '') delete next[whole];
    else dropField(next[whole], field);
  }
  return next;
}

function dropField(object: unknown, field: string): void {
  if (typeof object === 'object' && object !== null) Reflect.deleteProperty(object, field);
}

function merged(before: AgentInput, changes: AgentChanges): AgentInput {
  const next: AgentInput = { ...before };
  const { name, ...others } = changes;
  if (name !== undefined) next.name = name;
  Object.assign(next, others);
  for (const field of MERGED) {
    if (changes[field]) Object.assign(next, { [field]: { ...before[field], ...changes[field] } });
  }
  return next;
}

/**
 * The next version of an agent: `base`, which is the current version (`before`) or one to restore, with the changes.
 * Objects merge one level deep; arrays and filters are replaced whole.
 */
export function nextVersion(
  before: Agent,
  base: Agent,
  { changes, clear, origin = before.origin }: Pick<AgentUpdate, 'changes' | 'clear' | 'origin'>,
  at: string,
): Agent {
  const { status: _s, enabled: _e, ...plain } = changes;
  const { playbook_template, ...given } = cleared(merged(givenFields(base), plain), clear);
  const chosen = changes.playbook_template === undefined ? undefined : findTemplate(changes.playbook_template);
  const status = resolveStatus(changes, before.status);
  const built = newAgent(
    { ...given, status, enabled: status === 'active' },
    { id: before.id, by: before.created_by, at, ...belongingOf(before) },
  );
  const next: Agent = {
    ...built,
    version: before.version + 1,
    created_at: before.created_at,
    ...(origin ? { origin } : {}),
    ...(playbook_template === undefined ? {} : { playbook_template }),
  };
  if (!chosen) return next;
  const playbook = playbookOf(changes.playbook, chosen);
  return {
    ...next,
    playbook,
    capabilities: changes.capabilities ?? [...new Set([...next.capabilities, ...chosen.capabilities])],
  };
}
