import type { AgentChanges, AgentInput, Origin, Provenance } from '../agents/agent.ts';
import type { Ownership } from '../agents/audience.ts';
import type { Values } from '../agents/mandate.ts';
import type { Proof } from '../runs/run.ts';

/** What `update_agent` is given. `origin`: what another product's body said beside the changes. */
export type AgentUpdate = {
  changes: AgentChanges;
  clear: string[];
  origin?: Origin | undefined;
  restore_version?: number | undefined;
  expected_version?: number | undefined;
};

/** What `save_identity` is given. */
export type IdentityInput = {
  name: string;
  email: string;
  signature?: string | undefined;
  smtp_url_env?: string | undefined;
  reply_to?: string | undefined;
  bcc?: string | undefined;
  unsubscribe_url?: string | undefined;
  unsubscribe_mailto?: string | undefined;
  send_hours?: string | undefined;
  max_per_day?: number | undefined;
  gap_seconds?: number | undefined;
  imap_url_env?: string | undefined;
  identity_id?: string | undefined;
};

/** An agent that is to act unasked, with the digest of the mandate that a person is asked to allow. */
export type WantedGrant = { agent_id: string; digest: string };

/** A call that waits for a person, whole. `grant`: nothing but the permission to act unasked, for agents as they are. */
export type KeptCall =
  | { tool: 'grant'; grants: WantedGrant[] }
  | ({ tool: 'create_agent'; input: AgentInput; key?: string | undefined } & Provenance)
  | { tool: 'update_agent'; agent_id: string; update: AgentUpdate }
  | { tool: 'delete_agent'; agent_id: string }
  | { tool: 'save_identity'; args: IdentityInput }
  /**
   * An import whose mapping overlooks objections. Its rows aren't kept: `source` is the digest of rows and mapping, and
   * `objections` how many rows object, by column.
   */
  | { tool: 'import_contacts'; source: string; objections: Record<string, number> };

/** A change that waits for a person (contract, section 3). */
export type KeptChange = {
  id: string;
  agent_id?: string;
  identity_id?: string;
  call: KeptCall;
  /** What it takes a person for, each in words for that person. */
  what: string[];
  /** What would change, by path. */
  before: Values;
  after: Values;
  /** The agents whose `min_proof` it needs. */
  agent_ids: string[];
  /** What the change was made for, as a digest: it lapses where that moves on. */
  base: string;
  /** The mandates that it would grant, after the change. */
  grants: WantedGrant[];
  asked_at: string;
  asked_by: string;
  /** Whose an agent is that the change makes: whoever asked. Absent for the home's owner. */
  asker?: Ownership;
  lapses_at: string;
};

/** A person's permission for an agent to act unasked. It holds for the digest of one mandate. */
export type Grant = { digest: string; mandate: Values; at: string; by: string; via: Proof; earned?: EarnedTrust };

/**
 * Types of action that were offered when they were granted. One in ten of each is still asked, chosen by its digest under
 * `secret`, which no result ever shows. `lost`: those of which a person has rejected one since.
 */
export type EarnedTrust = { types: string[]; secret: string; lost?: string[] };

/** How an agent stands: the permission in force, and the last one there was. */
export type Standing = { grant?: Grant; last?: Grant };

/**
 * The permissions of all agents by id, the changes that wait, oldest first, and the imports that a person allowed and that
 * weren't made yet: until when, by `source`.
 */
export type ChangeBook = {
  standings: Map<string, Standing>;
  waiting: Map<string, KeptChange>;
  permits: Map<string, string>;
};
