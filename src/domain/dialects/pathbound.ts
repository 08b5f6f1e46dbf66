import { z } from 'zod';
import {
  type Agent,
  agentFields,
  approvalSchema,
  connectionsSchema,
  limitsSchema,
  llmConfigSchema,
  PROVIDERS,
  voiceSchema,
} from '../agents/agent.ts';
import { invalid } from '../base/errors.ts';
import { templateNamed } from './mapping/defaults.ts';
import type { AgentDialect, BodyFields, BodyReading, FieldPair, ReadingTerms, Written } from './mapping/dialect.ts';
import { namedModel, unknownModel, unreachedProvider } from './mapping/model-name.ts';
import { dropAtPath, putAtPath, valueAtPath } from './mapping/paths.ts';
import { keptFrom } from './mapping/writing.ts';
import { readPlaybook, writePlaybook } from './pathbound-playbook.ts';

const { status: _status, ...own } = agentFields;
const patch = z
  .strictObject({
    ...own,
    require_approval: z.boolean().exactOptional(),
    playbook: z.looseObject({ playbook_md: z.string().max(100_000).exactOptional() }).exactOptional(),
    llm_config: llmConfigSchema.extend({ provider: z.string().min(1).max(100).exactOptional() }).exactOptional(),
  })
  .partial();
const create = patch.extend({ name: agentFields.name });

/** Fields that Pathbound's documentation has under the same name as ours. */
const SHARED = [
  ...['name', 'description', 'capabilities'],
  ...['monitoring.filter', 'monitoring.schedule_cron', 'monitoring.max_contacts_per_run'],
  ...['llm_config.model', 'llm_config.temperature', 'llm_config.max_tokens'],
];
/** Fields of ours that its documentation lacks. Answers hold them, so a body may give them. */
const OURS = [
  ...['monitoring.timezone', 'monitoring.catch_up'],
  ...['llm_config.base_url', 'llm_config.api_key_env', 'llm_config.concurrency'],
  ...Object.keys(approvalSchema.shape).map((name) => `approval.${name}`),
  ...Object.keys(limitsSchema.shape).map((name) => `limits.${name}`),
  ...Object.keys(voiceSchema.shape).map((name) => `voice.${name}`),
  ...Object.keys(connectionsSchema.shape).map((name) => `connections.${name}`),
  ...['output_schema', 'architecture', 'language', 'visibility', 'tags', 'enabled_functions', 'custom_functions'],
];
const PAIRS: FieldPair[] = [
  ...SHARED.map((path): FieldPair => ({ theirs: path, ours: path })),
  ...OURS.map((path): FieldPair => ({ theirs: path, ours: path, isOurs: true })),
  // Its text tells authors to set this, and not where.
  { theirs: 'require_approval', ours: 'approval.require_approval', isOurs: true },
];
const STAMPS = ['id', '_id', 'version', 'created_by', 'created_at', 'updated_at'];

/** Pathbound's agents (`/v1/agents`), which ours are made after: a playbook, a filter, a schedule, a model. */
export const pathboundApi: AgentDialect = {
  name: 'pathbound',
  title: 'Pathbound',
  create,
  patch,
  document: create,
  answerFields: [
    ...[...STAMPS, 'status', 'origin', 'owner', 'team', 'effective_provider', 'versions', 'usage', 'approval.unasked'],
    ...['next_firing', 'next_firing_reason', 'last_firing', 'last_skip'],
  ],
  settled: { status: ({ status }) => status, owner: ({ owner }) => owner, team: ({ team }) => team },
  stamps: STAMPS,
  telling: [
    ...['playbook', 'playbook_template', 'capabilities', 'identity_id', 'monitoring', 'llm_config', 'enabled', '_id'],
  ],
  pairs: PAIRS,
  isBornActive: false,
  says: [
    ...['playbook_template', 'playbook.playbook_md', 'playbook.rules', 'playbook.config'],
    ...['llm_config.provider', 'identity_id'],
  ],
  afterReading(body, reading, terms) {
    demandOneApproval(body);
    readOthers(body, reading, terms);
    readTemplate(body, reading, terms.before);
    readPlaybook(body, reading, terms.before);
    readProvider(body, reading, terms.before);
  },
  afterWriting(agent, written) {
    const { payload } = written;
    if (agent.status === 'active') payload.enabled = true;
    if (agent.playbook_template !== undefined) payload.playbook_template = agent.playbook_template;
    if (agent.identity_id !== undefined) payload.identity_id = agent.identity_id;
    writePlaybook(agent, written);
    writeProvider(agent, written);
  },
};

/** Whether a person decides may be said in two places. VALIDATION_ERROR where they differ. */
function demandOneApproval(body: BodyFields): void {
  const within = valueAtPath(body, 'approval.require_approval');
  const { require_approval: alone } = body;
  if (alone === undefined || within === undefined || alone === within) return;
  throw invalid(
    `require_approval ${alone} and approval.require_approval ${within} contradict each other. Give one of the two.`,
    {
      require_approval: 'contradicts approval.require_approval',
    },
  );
}

function readOthers(body: BodyFields, reading: BodyReading, { hasIdentity, before }: ReadingTerms): void {
  if (typeof body.enabled === 'boolean') reading.active = body.enabled;
  if (body.enabled === false) reading.kept.enabled = false;
  const { identity_id } = body;
  if (typeof identity_id !== 'string') return;
  if (hasIdentity(identity_id)) {
    reading.fields.identity_id = identity_id;
    reading.carried.push('identity_id');
    return;
  }
  reading.kept.identity_id = identity_id;
  // A sender that is here would go on sending in the name of another one.
  if (before?.identity_id !== undefined) reading.clear.push('identity_id');
  reading.warnings.push(
    `identity_id: no identity here has the id "${identity_id}". It is kept and given back, and the agent sends as nobody until update_agent gives it one of list_identities.`,
  );
}

function readTemplate({ playbook_template: name }: BodyFields, reading: BodyReading, before: Agent | undefined): void {
  if (typeof name !== 'string') return;
  if (templateNamed(name)) {
    reading.fields.playbook_template = name;
    reading.carried.push('playbook_template');
    return;
  }
  reading.kept.playbook_template = name;
  if (before?.playbook_template !== undefined) reading.clear.push('playbook_template');
  reading.warnings.push(
    `playbook_template: there is no template "${name}" here (list_templates shows all). It is kept and given back, and the agent has no playbook by it.`,
  );
}

function isProvider(name: unknown): name is (typeof PROVIDERS)[number] {
  return PROVIDERS.some((provider) => provider === name);
}

/** Reads who evaluates: the provider that is given, else the one that the model's name chooses. */
function readProvider(body: BodyFields, reading: BodyReading, before: Agent | undefined): void {
  const given = valueAtPath(body, 'llm_config.provider');
  const model = valueAtPath(body, 'llm_config.model');
  const named = typeof model === 'string' ? namedModel(model) : undefined;
  if (typeof given === 'string') {
    const isKnown = isProvider(given);
    putAtPath(reading.fields, 'llm_config.provider', isKnown ? given : unreachedProvider());
    if (isKnown) reading.carried.push('llm_config.provider');
    else
      reading.warnings.push(
        `llm_config.provider: "${given}" is no provider that is known here (${PROVIDERS.join(', ')}). It is kept and given back, and a run would be a PROVIDER_ERROR until update_agent gives another one, or llm_config.base_url.`,
      );
    if (!isKnown || named?.provider === given) putAtPath(reading.kept, 'llm_config.provider', given);
    return;
  }
  if (!named || before?.llm_config.provider !== undefined) return;
  putAtPath(reading.fields, 'llm_config.provider', named.provider);
  if (!named.isKnown) reading.warnings.push(unknownModel('llm_config.model', String(model)));
}

/** Writes the provider: as it came, or where the model's name doesn't say it. */
function writeProvider({ llm_config }: Agent, { payload }: Written): void {
  const { provider, model, base_url } = llm_config;
  const kept = valueAtPath(payload, 'llm_config.provider');
  const isUnreached = provider === unreachedProvider() && base_url === undefined;
  if (provider === undefined) dropAtPath(payload, 'llm_config.provider');
  else if (isUnreached && typeof kept === 'string' && !isProvider(kept)) return;
  else if (kept === undefined && model !== undefined && namedModel(model).provider === provider) return;
  else putAtPath(payload, 'llm_config.provider', provider);
}

function keptText(kept: BodyFields, name: string): string | undefined {
  const value = valueAtPath(kept, name);
  return typeof value === 'string' ? value : undefined;
}

/** An agent of ours as Pathbound's `GET` answers: with its id under Pathbound's name too, and what is kept of its body. */
export function pathboundAnswer<T extends Agent>(agent: T): T & { _id: string } {
  const kept = keptFrom(pathboundApi, agent);
  const [identity_id, playbook_template] = [keptText(kept, 'identity_id'), keptText(kept, 'playbook_template')];
  return {
    ...agent,
    _id: agent.id,
    ...(agent.identity_id === undefined && identity_id !== undefined ? { identity_id } : {}),
    ...(agent.playbook_template === undefined && playbook_template !== undefined ? { playbook_template } : {}),
  };
}
