import { z } from 'zod';
import {
  AGENT_STATUSES,
  type Agent,
  ARCHITECTURES,
  approvalSchema,
  connectionsSchema,
  limitsSchema,
  llmConfigSchema,
  monitoringSchema,
  PROVIDERS,
  VISIBILITIES,
  voiceSchema,
} from '../../../domain/agents/agent.ts';
import { ruleSchema } from '../../../domain/agents/rule.ts';
import { RUN_STATUSES } from '../../../domain/runs/run.ts';
import { unaskedShape } from './change.ts';
import { anObject, type FieldsOf, usageShape } from './fields.ts';

/** The fields that a person gives, with every default filled in. */
function settingFields() {
  return {
    name: z.string(),
    description: z.string().exactOptional(),
    status: z.enum(AGENT_STATUSES),
    enabled: z.boolean(),
    playbook_template: z.string().exactOptional(),
    playbook: z.strictObject({ playbook_md: z.string(), rules: z.array(ruleSchema), config: anObject() }),
    capabilities: z.array(z.string()),
    identity_id: z.string().exactOptional(),
    approval: approvalSchema.extend({
      require_approval: z.boolean(),
      auto_approve: z.array(z.string()),
      unasked: unaskedShape(),
    }),
    monitoring: monitoringSchema.extend({
      filter: anObject(),
      timezone: z.string(),
      max_contacts_per_run: z.int(),
      catch_up: z.enum(['once', 'none']),
    }),
    limits: limitsSchema,
    llm_config: llmConfigSchema.extend({ provider: z.enum(PROVIDERS), concurrency: z.int() }),
    output_schema: anObject().exactOptional(),
    architecture: z.enum(ARCHITECTURES),
    voice: voiceSchema,
    language: z.string(),
    visibility: z.enum(VISIBILITIES),
    tags: z.array(z.string()),
    enabled_functions: z.array(z.string()),
    custom_functions: z.array(z.string()),
    connections: connectionsSchema,
  };
}

/** When an agent's schedule fires next, or why it doesn't, and the last times at which it made a run or skipped one. */
function firingFields() {
  const lastFiring = z.strictObject({
    scheduled_for: z.string(),
    at: z.string(),
    run_id: z.string(),
    catch_up: z.literal(true).exactOptional(),
  });
  return {
    next_firing: z.string().nullable(),
    next_firing_reason: z.string().exactOptional(),
    last_firing: lastFiring.optional(),
    last_skip: z.strictObject({ scheduled_for: z.string(), at: z.string(), reason: z.string() }).optional(),
  };
}
export type FiringAsShown = z.infer<z.ZodObject<ReturnType<typeof firingFields>>>;

/** A whole agent, with the provider that evaluates for it, its versions (newest first), and when it fires next. */
export function agentShape() {
  const stored = {
    id: z.string(),
    version: z.int(),
    ...settingFields(),
    origin: z.strictObject({ dialect: z.string(), id: z.string().exactOptional(), fields: anObject() }).exactOptional(),
    /** The id of the person whose agent it is. */
    owner: z.string(),
    team: z.int(),
    created_by: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  } satisfies FieldsOf<Agent>;
  const usage = z.strictObject({ ...usageShape().shape, contacts: z.int(), average_per_contact: usageShape() });
  return z.strictObject({
    ...stored,
    effective_provider: z.enum(PROVIDERS),
    versions: z.array(z.strictObject({ version: z.int(), updated_at: z.string() })),
    ...firingFields(),
    usage: usage.exactOptional(),
  });
}
export type AgentAsShown = z.infer<ReturnType<typeof agentShape>>;

/** An agent that was just saved: of its playbook only what tells it from another. */
export function savedAgentShape() {
  return agentShape().extend({
    playbook: z.strictObject({
      digest: z.string(),
      characters: z.int(),
      /** How many there are. */
      rules: z.int(),
    }),
  });
}
export type SavedAgentAsShown = z.infer<ReturnType<typeof savedAgentShape>>;

/** An agent in a list. */
export function agentRowShape() {
  return z.strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    status: z.enum(AGENT_STATUSES),
    enabled: z.boolean(),
    version: z.int(),
    tags: z.array(z.string()),
    architecture: z.enum(ARCHITECTURES),
    visibility: z.enum(VISIBILITIES),
    /** How many of the agent's actions wait for a person. */
    pending_actions: z.int(),
    last_run: z.strictObject({ run_id: z.string(), status: z.enum(RUN_STATUSES), created_at: z.string() }).nullable(),
    updated_at: z.string(),
  });
}
export type AgentRowAsShown = z.infer<ReturnType<typeof agentRowShape>>;
