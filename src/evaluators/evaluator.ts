import type { Agent } from '../domain/agent.ts';
import type { Contact, ContactEvent, RecentAction, UnifiedProfile } from '../domain/contact.ts';
import type { Identity } from '../domain/identity.ts';

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

/** One type of action that an agent may propose, with the JSON Schema of its params. */
export type AllowedAction = { type: string; params: Record<string, unknown> };

export type Proposal = { type: string; params: Record<string, unknown> };
/** What came of reasoning about one contact; proposals still have to pass the gate. */
export type Evaluation = { reasoning: string; proposed_actions: Proposal[] };

/** Reasons about one contact; throws what becomes that contact's error. */
export type Evaluate = (context: EvaluationContext, signal: AbortSignal) => Evaluation | Promise<Evaluation>;

/** One way of reasoning. `prepare` compiles what an agent says once a run. */
export type Evaluator = {
  provider: string;
  /** How many contacts are evaluated between two writes of their results. */
  batch: number;
  prepare: (agent: Agent) => Evaluate;
};
