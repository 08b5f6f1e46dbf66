import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import type { Offers } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import type { Usage } from '../domain/base/usage.ts';
import type { Contact, ContactEvent, RecentAction, UnifiedProfile } from '../domain/contacts/contact.ts';

/** All that whoever reasons about one contact may know of it. */
export type EvaluationContext = {
  contact: Contact;
  /** Oldest first. */
  events: readonly ContactEvent[];
  /** Newest first. */
  recent_actions: readonly RecentAction[];
  /** Newest first: what people refused for this contact, and why. */
  rejections: readonly Rejection[];
  unified_profile: UnifiedProfile;
  agent: Agent;
  identity: Identity | undefined;
  now: Date;
};

/** An action that a person rejected. */
export type Rejection = { type: string; params: Record<string, unknown>; reason?: string; at: string };

export type Proposal = { type: string; params: Record<string, unknown> };
/** What came of reasoning about one contact; proposals still have to pass the gate. */
export type Evaluation = { reasoning: string; proposed_actions: Proposal[]; usage?: Usage };

/** Reasons about one contact; throws what becomes that contact's error. */
export type Evaluate = (context: EvaluationContext, signal: AbortSignal) => Evaluation | Promise<Evaluation>;

/** One contact's error, and what thinking about it took all the same. */
export class EvaluationFailed extends AppError {
  readonly usage: Usage | undefined;
  /** Nobody answered: others of the run are likely to fare the same. */
  readonly isOutage: boolean;

  constructor(message: string, facts: { usage?: Usage | undefined; isOutage?: boolean }) {
    super('PROVIDER_ERROR', message);
    this.usage = facts.usage;
    this.isOutage = facts.isOutage ?? false;
  }
}

/** The next call could pass the run's cost cap: it isn't made, and its contact is left for a later run. */
export class PurseEmpty extends AppError {
  constructor(message: string) {
    super('LIMIT_EXCEEDED', message);
  }
}

/** What was set aside for one call: ended by what it really took, by not knowing, or by its not having happened. */
export type Aside = {
  spend: (tokens: { input_tokens: number; output_tokens: number }) => Usage;
  lose: () => void;
  release: () => void;
};

/** Holds a run to `limits.max_cost_usd_per_run`, and knows what tokens cost. */
export type Purse = {
  /**
   * Asked before each call to a model. Waits while calls under way may yet leave enough.
   *
   * @throws PurseEmpty where the call could pass the cap, or nobody knows what it costs
   */
  setAside: (inputTokens: () => number, signal: AbortSignal) => Promise<Aside>;
};

/** What a run lends to its evaluator. */
export type Means = {
  deps: Deps;
  purse: Purse;
  /** Hosts other than a provider's own that may get an API key. */
  keyHosts: readonly string[];
  /** What the agent's MCP servers offer, where it has any. */
  offers?: Offers | undefined;
};

/** One way of reasoning. `prepare` compiles what an agent says once a run. */
export type Evaluator = {
  provider: string;
  /** How many contacts may be under way at once. */
  workers: (agent: Agent) => number;
  /** How many contacts a worker takes, and their facts are read, in one go. */
  takes: number;
  /** How many results are written in one go, at most. */
  batch: number;
  prepare: (agent: Agent, means: Means) => Evaluate | Promise<Evaluate>;
};
