import { z } from 'zod';
import { AGENT_STATUSES, type Agent, agentFields } from '../agents/agent.ts';
import { writtenPrompt } from './mapping/defaults.ts';
import type { AgentDialect } from './mapping/dialect.ts';
import { maxTokensField, modelField, promptField, TOLD_BESIDE, temperatureField } from './mapping/fields.ts';
import { readModel, writeModel } from './mapping/model-field.ts';
import { modelNameOf } from './mapping/model-name.ts';

const create = z.strictObject({
  name: agentFields.name,
  content: promptField,
  llmModel: modelField,
  description: agentFields.description,
  tags: agentFields.tags,
  temperature: temperatureField.exactOptional(),
  maxTokens: maxTokensField.exactOptional(),
});
const answer = z.object({
  id: z.string(),
  name: z.string(),
  content: z.string(),
  llmModel: z.string(),
  description: z.string().exactOptional(),
  tags: z.array(z.string()),
  temperature: z.number().exactOptional(),
  maxTokens: z.int().exactOptional(),
  status: z.enum(AGENT_STATUSES),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** Converra's agents (`/api/v1/agents`): a prompt, a model and its settings. */
export const converraApi: AgentDialect = {
  name: 'converra',
  title: 'Converra',
  create,
  patch: create.partial(),
  document: create,
  answer,
  answerFields: ['id', 'status', 'createdAt', 'updatedAt', ...TOLD_BESIDE],
  settled: { status: ({ status }) => status },
  stamps: ['id', 'createdAt', 'updatedAt'],
  telling: ['content', 'llmModel', 'maxTokens'],
  pairs: [
    { theirs: 'name', ours: 'name' },
    { theirs: 'content', ours: 'playbook.playbook_md' },
    { theirs: 'llmModel', ours: 'llm_config.model' },
    { theirs: 'description', ours: 'description' },
    { theirs: 'tags', ours: 'tags' },
    { theirs: 'temperature', ours: 'llm_config.temperature' },
    { theirs: 'maxTokens', ours: 'llm_config.max_tokens' },
  ],
  isBornActive: true,
  says: ['llm_config.provider'],
  afterReading: (body, reading, { before }) => readModel('llmModel', body, reading, before),
  afterWriting(agent, written) {
    writeModel('llmModel', agent, written);
    written.payload.content = writtenPrompt(agent);
  },
};

/** An agent as Converra's `GET` answers. */
export function converraAnswer(agent: Agent): z.infer<typeof answer> {
  const { id, name, description, tags, status, llm_config, created_at, updated_at } = agent;
  const { temperature, max_tokens } = llm_config;
  return {
    id,
    name,
    content: agent.playbook.playbook_md,
    llmModel: modelNameOf(agent),
    ...(description === undefined ? {} : { description }),
    tags,
    ...(temperature === undefined ? {} : { temperature }),
    ...(max_tokens === undefined ? {} : { maxTokens: max_tokens }),
    status,
    createdAt: created_at,
    updatedAt: updated_at,
  };
}
