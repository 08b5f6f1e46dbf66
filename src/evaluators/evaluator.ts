import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import type { KeyTerms } from '../domain/agents/model-key.ts';
import type { Offers } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import { AppError, type ErrorCode } from '../domain/base/errors.ts';
import type { Usage } from '../domain/base/usage.ts';
import type { Contact, ContactEvent, RecentAction, Rejection, UnifiedProfile } from '../domain/contacts/contact.ts';

/** All that an evaluator may know of one contact. */
export type EvaluationContext = {
  contact: Contact;
  /** Oldest first. */
  events: readonly ContactEvent[];
  /** Newest first. */
  recent_actions: readonly RecentAction[];
  /** The actions that people rejected for this contact, newest first. */
  rejections: readonly Rejection[];
  unified_profile: UnifiedProfile;
  /** The action that a person sent back, where that is what the evaluation is for. */
  revision?: SentBack;
  agent: Agent;
  identity: Identity | undefined;
  now: Date;
};

/** An action that a person sent back: its draft, and how the person wants it. */
export type SentBack = { action_index: number; draft: Proposal; feedback: string };

export type Proposal = { type: string; params: Record<string, unknown> };
/** What came of reasoning about one contact. Its proposals still have to pass the gate. */
export type Evaluation = {
  reasoning: string;
  proposed_actions: Proposal[];
  /** By rules: which rule proposed each of the actions, by its place among the playbook's rules. */
  rules?: number[];
  usage?: Usage;
};

/** Reasons about one contact. What it throws becomes the contact's error. */
export type Evaluate = (context: EvaluationContext, signal: AbortSignal) => Evaluation | Promise<Evaluation>;

/** One contact's error, with the usage that the failed evaluation took all the same. */
export class EvaluationFailed extends AppError {
  readonly usage: Usage | undefined;
  /** The model gives no answers at all, so the run's other contacts are likely to fail too. */
  readonly isOutage: boolean;

  constructor(message: string, facts: { usage?: Usage | undefined; isOutage?: boolean; code?: ErrorCode | undefined }) {
    super(facts.code ?? 'PROVIDER_ERROR', message);
    this.usage = facts.usage;
    this.isOutage = facts.isOutage ?? false;
  }
}

/** The next call to the model could pass the run's cost cap: it isn't made, and its contact is left for a later run. */
export class PurseEmpty extends AppError {
  constructor(message: string) {
    super('LIMIT_EXCEEDED', message);
  }
}

/** Money set aside for one call to a model, until one of these is called. */
export type Aside = {
  /** The call took these tokens. */
  spend: (tokens: { input_tokens: number; output_tokens: number }) => Usage;
  /** Nobody knows what the call took: it counts as what was set aside. */
  lose: () => void;
  /** The call cost nothing. */
  release: () => void;
};

/** Holds a run to `limits.max_cost_usd_per_run`, and knows what tokens cost. */
export type Purse = {
  /**
   * Sets money aside before a call to a model. Waits while calls under way may still turn out to leave enough.
   *
   * @throws PurseEmpty where the call could pass the cap, or where the model has no price
   */
  setAside: (inputTokens: () => number, signal: AbortSignal) => Promise<Aside>;
};

/** What an evaluator works with, beside the agent and the contact. */
export type Means = {
  deps: Deps;
  purse: Purse;
  /** What decides whether a model gets an API key. */
  keys: KeyTerms;
  /** The tools that the agent's MCP servers offer; unset for an agent without such servers. */
  offers?: Offers | undefined;
};

/** One way of reasoning. `prepare` is called once a run, for what all its contacts share. */
export type Evaluator = {
  provider: string;
  /** How many contacts may be under way at once in one process. */
  workers: (agent: Agent) => number;
  /** That number holds for all processes together that share a run, because somebody else's service is asked. */
  isLimited: boolean;
  /** How many contacts a worker takes in one go; their facts are read together. */
  takes: number;
  /** The most results that are written in one go. */
  batch: number;
  prepare: (agent: Agent, means: Means) => Evaluate | Promise<Evaluate>;
};
