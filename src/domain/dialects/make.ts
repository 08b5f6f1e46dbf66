import { z } from 'zod';
import { type Agent, agentFields } from '../agents/agent.ts';
import { isPlainText, makeFormatOf, outputSchemaOf } from './make-output.ts';
import { writtenPrompt } from './mapping/defaults.ts';
import type { AgentDialect, BodyFields, BodyReading, Written } from './mapping/dialect.ts';
import { modelField, promptField, TOLD_BESIDE } from './mapping/fields.ts';
import { readModel, writeModel } from './mapping/model-field.ts';
import { modelNameOf } from './mapping/model-name.ts';
import { isSameValue } from './mapping/paths.ts';
import { uuidOf } from './mapping/uuid.ts';
import { keptFrom } from './mapping/writing.ts';

const formatField = z.union([z.string().max(1000), z.record(z.string(), z.unknown())]);
const settings = z.strictObject({
  name: agentFields.name,
  systemPrompt: promptField,
  defaultModel: modelField,
  outputParserFormat: formatField.exactOptional(),
});
const create = settings.extend({ teamId: z.int(), makeConnectionId: z.int() });
const document = settings.extend({
  teamId: z.int().exactOptional(),
  makeConnectionId: z.int().exactOptional(),
  makeConnectionType: z.string().max(200).exactOptional(),
  llmProviderId: z.int().exactOptional(),
  outputParser: formatField.exactOptional(),
});

/** An agent in a list of Make's. */
export const makeRowShape = z.object({
  id: z.uuid(),
  name: z.string(),
  teamId: z.int(),
  createdAt: z.string(),
  systemPrompt: z.string(),
  defaultModel: z.string(),
  outputParser: formatField.exactOptional(),
});
const answer = makeRowShape.extend({
  makeConnectionId: z.int().exactOptional(),
  makeConnectionType: z.string().nullable().exactOptional(),
  llmProviderId: z.int().exactOptional(),
});

/** Fields that mean something at Make alone: they are kept as they came. */
const KEPT = ['teamId', 'makeConnectionId', 'makeConnectionType', 'llmProviderId'] as const;
/** The team of an agent that came from elsewhere: the contract's default. */
const DEFAULT_TEAM = 1;

/** Make's AI agents (`/ai-agents/v1/agents`): a prompt, a model, and the form of the answer. */
export const makeApi: AgentDialect = {
  name: 'make',
  title: 'Make',
  create,
  patch: settings.partial(),
  document,
  answer,
  answerFields: ['id', 'createdAt', 'outputParser', ...KEPT, ...TOLD_BESIDE],
  settled: {
    makeConnectionId: (agent) => keptFrom(makeApi, agent).makeConnectionId,
    makeConnectionType: (agent) => keptFrom(makeApi, agent).makeConnectionType,
    llmProviderId: (agent) => keptFrom(makeApi, agent).llmProviderId,
    outputParser: (agent) => formatOf(agent).format,
  },
  stamps: ['id', 'createdAt'],
  telling: ['systemPrompt', 'defaultModel', 'makeConnectionId', 'outputParserFormat', 'outputParser', 'llmProviderId'],
  pairs: [
    { theirs: 'name', ours: 'name' },
    { theirs: 'systemPrompt', ours: 'playbook.playbook_md' },
    { theirs: 'defaultModel', ours: 'llm_config.model' },
  ],
  isBornActive: true,
  says: ['llm_config.provider', 'output_schema'],
  afterReading(body, reading, { before }) {
    readModel('defaultModel', body, reading, before);
    for (const field of KEPT) if (body[field] !== undefined) reading.kept[field] = body[field];
    readFormat(body, reading, before);
  },
  afterWriting(agent, written) {
    const { payload, not_carried } = written;
    payload.systemPrompt = writtenPrompt(agent);
    writeModel('defaultModel', agent, written);
    payload.teamId ??= DEFAULT_TEAM;
    if (payload.makeConnectionId === undefined)
      not_carried.push({
        path: 'makeConnectionId',
        why: 'Make needs it, and nothing here is a connection of Make: put the id of yours into the payload',
      });
    writeFormat(agent, written);
  },
};

function readFormat(body: BodyFields, reading: BodyReading, before: Agent | undefined): void {
  for (const field of ['outputParser', 'outputParserFormat']) {
    const format = body[field];
    if (format === undefined) continue;
    reading.kept[field] = format;
    const schema = outputSchemaOf(format);
    if (schema) {
      reading.fields.output_schema = schema;
      reading.carried.push(field);
      continue;
    }
    if (before?.output_schema !== undefined) reading.clear.push('output_schema');
    if (!isPlainText(format))
      reading.warnings.push(
        `${field} is in a form that is not known here: it is kept and given back, but no answer is held against it. Say output_schema with update_agent.`,
      );
  }
}

/** The output format of an agent as Make says it: as it came, unless the agent's schema is another one by now. */
function formatOf(agent: Agent): { format: unknown; field: string; isWhole: boolean } {
  const kept = keptFrom(makeApi, agent);
  const field =
    kept.outputParserFormat === undefined && kept.outputParser !== undefined ? 'outputParser' : 'outputParserFormat';
  const { output_schema } = agent;
  if (isSameValue(outputSchemaOf(kept[field]), output_schema)) return { format: kept[field], field, isWhole: true };
  const format = output_schema && makeFormatOf(output_schema);
  return { format, field, isWhole: isSameValue(outputSchemaOf(format), output_schema) };
}

function writeFormat(agent: Agent, { payload, not_carried }: Written): void {
  const { format, field, isWhole } = formatOf(agent);
  if (format === undefined) delete payload[field];
  else payload[field] = format;
  if (isWhole) return;
  const why =
    format === undefined
      ? "Make's fields can't say this schema"
      : "of the schema, Make's fields say names, types and what is required";
  not_carried.push({ path: 'output_schema', why });
}

/** An agent as Make's lists answer. Its id is a UUID, which `idFrom` of `uuid.ts` turns back. */
export function makeRow(agent: Agent): z.infer<typeof makeRowShape> {
  const kept = document.partial().loose().safeParse(keptFrom(makeApi, agent)).data ?? {};
  const { format } = formatOf(agent);
  const outputParser = formatField.safeParse(format).data;
  return {
    id: uuidOf(agent.id),
    name: agent.name,
    teamId: kept.teamId ?? DEFAULT_TEAM,
    createdAt: agent.created_at,
    systemPrompt: agent.playbook.playbook_md,
    defaultModel: modelNameOf(agent),
    ...(outputParser === undefined ? {} : { outputParser }),
  };
}

/** An agent as Make's `GET` answers. */
export function makeAnswer(agent: Agent): z.infer<typeof answer> {
  const { makeConnectionId, llmProviderId, makeConnectionType } =
    document.partial().loose().safeParse(keptFrom(makeApi, agent)).data ?? {};
  return {
    ...makeRow(agent),
    ...(makeConnectionId === undefined ? {} : { makeConnectionId }),
    ...(makeConnectionType === undefined ? {} : { makeConnectionType }),
    ...(llmProviderId === undefined ? {} : { llmProviderId }),
  };
}
