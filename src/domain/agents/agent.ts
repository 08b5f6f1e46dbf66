import { z } from 'zod';
import { MODEL_PROVIDERS, type ProviderName } from '../../providers/index.ts';
import { filterSchema, ruleSchema } from './rule.ts';

export const AGENT_STATUSES = ['draft', 'active', 'archived'] as const;
/** The values of `llm_config.provider`, which says who evaluates: the playbook's rules, the assistant, or a model. */
export const PROVIDERS: readonly ('rules' | 'assistant' | ProviderName)[] = [
  'rules',
  'assistant',
  ...MODEL_PROVIDERS.map(({ name }) => name),
];
export const ARCHITECTURES = ['text', 'pipeline', 'realtime'] as const;
export const VISIBILITIES = ['private', 'public', 'commercial'] as const;

const shortText = z.string().min(1).max(200);
const words = z.array(z.string().min(1).max(100)).max(100);
const envName = z
  .string()
  .regex(
    /^COUNTERSIGN_[A-Z0-9_]{1,80}$/,
    'give the name of an environment variable that starts with COUNTERSIGN_, not its value',
  );

const playbookSchema = z.strictObject({
  playbook_md: z.string().max(100_000).exactOptional(),
  rules: z.array(ruleSchema).max(200).exactOptional(),
  config: z.record(z.string(), z.unknown()).exactOptional(),
});
export const approvalSchema = z.strictObject({
  require_approval: z.boolean().exactOptional(),
  auto_approve: words.exactOptional(),
  expires_after_hours: z.number().positive().max(87_600).exactOptional(),
  min_proof: z.enum(['client', 'elicited', 'human', 'signed']).exactOptional(),
});
export const monitoringSchema = z.strictObject({
  filter: filterSchema.exactOptional(),
  schedule_cron: z.string().min(1).max(200).exactOptional(),
  timezone: z.string().min(1).max(100).exactOptional(),
  max_contacts_per_run: z.int().min(1).max(10_000).exactOptional(),
  catch_up: z.enum(['once', 'none']).exactOptional(),
});
export const limitsSchema = z.strictObject({
  max_cost_usd_per_run: z.number().positive().exactOptional(),
  max_cost_usd_per_day: z.number().positive().exactOptional(),
  max_cost_usd_per_month: z.number().positive().exactOptional(),
  cooldown_days: z.number().positive().max(3650).exactOptional(),
  max_per_contact_per_week: z.int().min(0).max(1000).exactOptional(),
});
export const llmConfigSchema = z.strictObject({
  provider: z.enum(PROVIDERS).exactOptional(),
  model: shortText.exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
  max_tokens: z.int().min(1).max(1_000_000).exactOptional(),
  base_url: z.string().max(2000).exactOptional(),
  api_key_env: z.string().max(100).exactOptional(),
  concurrency: z.int().min(1).max(64).exactOptional(),
});
/** A text whose limit a list of tools needn't tell. */
const voiceText = z
  .string()
  .refine((text) => text.length > 0 && text.length <= 2000, 'takes 1 to 2,000 characters')
  .exactOptional();
export const voiceSchema = z.strictObject({
  stt: shortText.exactOptional(),
  tts: shortText.exactOptional(),
  voice_id: shortText.exactOptional(),
  realtime_provider: shortText.exactOptional(),
  stt_model: voiceText,
  tts_model: voiceText,
  stt_base_url: voiceText,
  tts_base_url: voiceText,
  realtime_base_url: voiceText,
  stt_api_key_env: voiceText,
  tts_api_key_env: voiceText,
});
export const connectionsSchema = z.strictObject({
  webhook_url: z.string().max(2000).exactOptional(),
  crm_sync_url: z.string().max(2000).exactOptional(),
  callback_url: z.string().max(2000).exactOptional(),
  secret_env: envName.exactOptional(),
});

/** The fields of an agent that a person sets: arguments of `create_agent`, and `changes` of `update_agent`. */
export const agentFields = {
  name: z.string().trim().min(1).max(200),
  description: z.string().max(2000).exactOptional(),
  status: z.enum(AGENT_STATUSES).exactOptional(),
  enabled: z.boolean().exactOptional(),
  playbook_template: z.string().min(1).max(100).exactOptional(),
  playbook: playbookSchema.exactOptional(),
  capabilities: words.exactOptional(),
  identity_id: z.string().min(1).max(100).exactOptional(),
  approval: approvalSchema.exactOptional(),
  monitoring: monitoringSchema.exactOptional(),
  limits: limitsSchema.exactOptional(),
  llm_config: llmConfigSchema.exactOptional(),
  output_schema: z.record(z.string(), z.unknown()).exactOptional(),
  architecture: z.enum(ARCHITECTURES).exactOptional(),
  voice: voiceSchema.exactOptional(),
  language: z
    .string()
    .min(2)
    .max(35)
    .regex(
      /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/,
      'is no language tag, such as "en" or "pt-BR" (letters, digits and hyphens)',
    )
    .exactOptional(),
  visibility: z.enum(VISIBILITIES).exactOptional(),
  tags: words.exactOptional(),
  enabled_functions: words.exactOptional(),
  custom_functions: words.exactOptional(),
  connections: connectionsSchema.exactOptional(),
};
/** All that a person gives for a new agent. */
export const agentInput = z.strictObject(agentFields);
export const agentChanges = agentInput.partial();
export type AgentInput = z.infer<typeof agentInput>;
export type AgentChanges = z.infer<typeof agentChanges>;

/**
 * Where an agent came from: the format of the body that it was made of, its id there, and what of the body has no field here,
 * so that exporting in that format gives it back.
 */
export type Origin = { dialect: string; id?: string; fields: Record<string, unknown> };

/** An earlier version of an agent that came from another home: what a person gave, its number, and when it was saved. */
export type EarlierVersion = { fields: AgentInput; version: number; updated_at: string };

/** What a new agent brings from elsewhere. `imported`: an agent of another home, whole; nothing of it is granted here. */
export type Provenance = {
  origin?: Origin | undefined;
  imported?: { version: number; versions: EarlierVersion[] } | undefined;
};

/** An agent as stored. Every default is filled in but the provider, which follows from the playbook. */
export type Agent = {
  id: string;
  name: string;
  description?: string;
  status: (typeof AGENT_STATUSES)[number];
  enabled: boolean;
  version: number;
  playbook_template?: string;
  playbook: { playbook_md: string; rules: z.infer<typeof ruleSchema>[]; config: Record<string, unknown> };
  capabilities: string[];
  identity_id?: string;
  approval: z.infer<typeof approvalSchema> & { require_approval: boolean; auto_approve: string[] };
  monitoring: z.infer<typeof monitoringSchema> & {
    filter: Record<string, unknown>;
    timezone: string;
    max_contacts_per_run: number;
    catch_up: 'once' | 'none';
  };
  limits: z.infer<typeof limitsSchema>;
  llm_config: z.infer<typeof llmConfigSchema> & { concurrency: number };
  output_schema?: Record<string, unknown>;
  architecture: (typeof ARCHITECTURES)[number];
  voice: z.infer<typeof voiceSchema>;
  language: string;
  visibility: (typeof VISIBILITIES)[number];
  tags: string[];
  enabled_functions: string[];
  custom_functions: string[];
  connections: z.infer<typeof connectionsSchema>;
  origin?: Origin;
  /** The id of the person whose agent it is, and its team. Absent in homes of before: `belongingOf` says what that means. */
  owner?: string;
  team?: number;
  created_by: string;
  created_at: string;
  updated_at: string;
};

/** The provider in effect: `llm_config.provider` if set, else `rules` if the playbook has rules, else `assistant`. */
export function effectiveProvider(agent: Agent): (typeof PROVIDERS)[number] {
  return agent.llm_config.provider ?? (agent.playbook.rules.length > 0 ? 'rules' : 'assistant');
}
