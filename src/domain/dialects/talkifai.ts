import { z } from 'zod';
import { type Agent, ARCHITECTURES, agentFields, VISIBILITIES } from '../agents/agent.ts';
import { writtenPrompt } from './mapping/defaults.ts';
import type { AgentDialect, BodyFields, BodyReading } from './mapping/dialect.ts';
import { modelField, promptField, temperatureField } from './mapping/fields.ts';
import { readModel, writeModel } from './mapping/model-field.ts';
import { modelNameOf, namedModel } from './mapping/model-name.ts';
import { putAtPath } from './mapping/paths.ts';

const voiceField = z.string().min(1).max(200).exactOptional();
const VOICE_FIELDS = ['stt', 'tts', 'voiceId', 'realtimeProvider'] as const;
/** The fields that each architecture needs, beside name, architecture and prompt. */
const NEEDED = {
  pipeline: ['model', 'stt', 'tts'],
  realtime: ['realtimeProvider'],
  text: ['model'],
} as const satisfies Record<(typeof ARCHITECTURES)[number], readonly string[]>;

const fields = z.strictObject({
  name: agentFields.name,
  agentArchitecture: z.enum(ARCHITECTURES),
  model: modelField.exactOptional(),
  stt: voiceField,
  tts: voiceField,
  voiceId: voiceField,
  realtimeProvider: voiceField,
  systemPrompt: promptField,
  language: agentFields.language,
  mode: z.enum(VISIBILITIES).exactOptional(),
  active: z.boolean().exactOptional(),
  temperature: temperatureField.exactOptional(),
  enabledFunctions: agentFields.enabled_functions,
  enabledCustomFunctions: agentFields.custom_functions,
});

/** A whole body: with what its architecture needs, and a text agent without a voice. */
const create = fields.superRefine((body, context) => {
  const given = new Map<string, unknown>(Object.entries(body));
  for (const field of NEEDED[body.agentArchitecture])
    if (!given.has(field))
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `required by agentArchitecture "${body.agentArchitecture}"`,
      });
  if (body.agentArchitecture !== 'text') return;
  for (const field of VOICE_FIELDS)
    if (given.has(field))
      context.addIssue({
        code: 'custom',
        path: [field],
        message: 'a text agent has no voice: leave it out, or choose pipeline or realtime',
      });
});

/** An agent in a list of TalkifAI's. */
export const talkifaiRowShape = z.object({
  id: z.string(),
  name: z.string(),
  mode: z.enum(VISIBILITIES),
  agentArchitecture: z.enum(ARCHITECTURES),
  active: z.boolean(),
  createdAt: z.string(),
});
const answer = talkifaiRowShape.extend({
  model: z.string().exactOptional(),
  stt: voiceField,
  tts: voiceField,
  voiceId: voiceField,
  realtimeProvider: voiceField,
  systemPrompt: z.string(),
  language: z.string(),
  temperature: z.number().exactOptional(),
  enabledFunctions: z.array(z.string()),
  enabledCustomFunctions: z.array(z.string()),
  updatedAt: z.string(),
});

/** TalkifAI's agents (`/v1/agents`): a prompt, a model, and a voice. */
export const talkifaiApi: AgentDialect = {
  name: 'talkifai',
  title: 'TalkifAI',
  create,
  patch: fields.partial(),
  document: create,
  answer,
  answerFields: ['id', 'createdAt', 'updatedAt'],
  settled: {},
  stamps: ['id', 'createdAt', 'updatedAt'],
  telling: [
    ...['agentArchitecture', 'systemPrompt', 'stt', 'tts', 'voiceId', 'realtimeProvider', 'mode', 'active'],
    ...['enabledFunctions', 'enabledCustomFunctions'],
  ],
  pairs: [
    { theirs: 'name', ours: 'name' },
    { theirs: 'agentArchitecture', ours: 'architecture' },
    { theirs: 'model', ours: 'llm_config.model' },
    { theirs: 'stt', ours: 'voice.stt' },
    { theirs: 'tts', ours: 'voice.tts' },
    { theirs: 'voiceId', ours: 'voice.voice_id' },
    { theirs: 'realtimeProvider', ours: 'voice.realtime_provider' },
    { theirs: 'systemPrompt', ours: 'playbook.playbook_md' },
    { theirs: 'language', ours: 'language' },
    { theirs: 'mode', ours: 'visibility' },
    { theirs: 'temperature', ours: 'llm_config.temperature' },
    { theirs: 'enabledFunctions', ours: 'enabled_functions' },
    { theirs: 'enabledCustomFunctions', ours: 'custom_functions' },
  ],
  isBornActive: false,
  says: ['llm_config.provider'],
  afterReading(body, reading, { before }) {
    readModel('model', body, reading, before);
    readNoModel(body, reading, body.agentArchitecture ?? before?.architecture);
    if (typeof body.active === 'boolean') reading.active = body.active;
    if (body.active === false) reading.kept.active = false;
    // A text agent has no voice, and a body can't take one away.
    const hadVoice = before !== undefined && Object.keys(before.voice).length > 0;
    if (body.agentArchitecture === 'text' && hadVoice && !hasVoice(body)) reading.clear.push('voice');
  },
  afterWriting(agent, written) {
    const { payload } = written;
    payload.systemPrompt = writtenPrompt(agent);
    if (agent.status === 'active') payload.active = true;
    if (agent.architecture !== 'realtime' || agent.llm_config.model !== undefined) writeModel('model', agent, written);
  },
};

/**
 * Reads `assistant` or `rules` in the place of a model. A pipeline needs a model's name, so that is one there. A realtime agent
 * may do without, so that none is written: the word is kept.
 */
function readNoModel({ model }: BodyFields, reading: BodyReading, architecture: unknown): void {
  if (typeof model !== 'string' || namedModel(model).model !== undefined) return;
  if (architecture === 'realtime') reading.kept.model = model;
  if (architecture !== 'pipeline') return;
  putAtPath(reading.fields, 'llm_config.model', model);
  reading.clear = [];
}

function hasVoice(body: BodyFields): boolean {
  return VOICE_FIELDS.some((field) => body[field] !== undefined);
}

/** An agent as TalkifAI lists it. */
export function talkifaiRow(agent: Agent): z.infer<typeof talkifaiRowShape> {
  return {
    id: agent.id,
    name: agent.name,
    mode: agent.visibility,
    agentArchitecture: agent.architecture,
    active: agent.enabled,
    createdAt: agent.created_at,
  };
}

/** An agent as TalkifAI's `GET` answers. */
export function talkifaiAnswer(agent: Agent): z.infer<typeof answer> {
  const { architecture, voice, llm_config } = agent;
  const { stt, tts, voice_id, realtime_provider } = voice;
  const needsModel = architecture !== 'realtime' || llm_config.model !== undefined;
  return {
    ...talkifaiRow(agent),
    ...(needsModel ? { model: modelNameOf(agent) } : {}),
    ...(stt === undefined ? {} : { stt }),
    ...(tts === undefined ? {} : { tts }),
    ...(voice_id === undefined ? {} : { voiceId: voice_id }),
    ...(realtime_provider === undefined ? {} : { realtimeProvider: realtime_provider }),
    systemPrompt: agent.playbook.playbook_md,
    language: agent.language,
    ...(llm_config.temperature === undefined ? {} : { temperature: llm_config.temperature }),
    enabledFunctions: agent.enabled_functions,
    enabledCustomFunctions: agent.custom_functions,
    updatedAt: agent.updated_at,
  };
}
