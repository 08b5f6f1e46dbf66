import type { Agent } from '../agents/agent.ts';

/**
 * What a person said of one action of an evaluation: `approved` also where they edited it first. `sent_back_at`: when they
 * first said what they thought of it, where they sent it back before they decided.
 */
export type DecidedIndex = {
  action_index: number;
  decision: 'approved' | 'rejected';
  at: string;
  sent_back_at?: string;
};

/** One evaluation that is replayed: of which run and contact, as of which commit and time, and what was decided on it. */
export type Replayable = { run_id: string; contact_id: string; as_of: number; at: string; decided: DecidedIndex[] };

/** What a backtest is to do, frozen when it is made. */
export type BacktestPlan = {
  /** The agent that is replayed: a version of it, or its newest with changes that nobody saved. */
  agent: Agent;
  /** The version that is replayed; the one that the changes were made to where `isDraft`. */
  version: number;
  isDraft?: true;
  evaluations: Replayable[];
  /** How many evaluations there were when it was made. */
  planned: number;
  /** How many decisions were on contacts that are erased by now. */
  erased: number;
  /** How many evaluations can't be replayed: nothing was kept of what they saw. */
  unreadable: number;
};

/** What became of one proposal: of then, of now, or of both. */
export type ReplayedPair = {
  type: string;
  kind: 'kept' | 'changed' | 'dropped' | 'added';
  decision?: 'approved' | 'rejected';
  decided_at?: string;
  sent_back_at?: string;
  /** Its index in the evaluation of then, and in the backtest's own result. */
  was?: number;
  is?: number;
};

/** What came of one evaluation that was replayed. `agreed`: whether the version of then says the same once more. */
export type Replayed = { run_id: string; agreed?: boolean; differs?: string; pairs: ReplayedPair[] };
