import type { Action } from '../runs/run.ts';
import type { Apart, FirstDecision } from './population.ts';

/** A person's first word on an action, with what its run knows of it; erased contacts have no more than the log. */
export type DecisionFact = FirstDecision & {
  /** For so many seconds it waited for the person. */
  waited_s?: number;
  /** How far what was approved is from what was first proposed, where the person edited it or had it revised. */
  distance?: number;
  /** They changed a number or a field too, which no letters measure. */
  is_beyond_texts?: true;
};

/** What came of an attempt, at its time. */
export type OutcomeFact = { status: 'executed' | 'failed' | 'unknown'; at: string };
/** How often the gate blocked for a kind of reason, at a time. */
export type BlockedFact = { at: string; reason: string; n: number };
/** Evaluations at a time: how many, how many of them have a price, and what those cost. */
export type EvaluationFact = { at: string; n: number; priced: number; usd: number };
/** One conversation. `replies` are the seconds from what was asked to each reply. */
export type ConversationFact = {
  created_at: string;
  updated_at: string;
  status: 'open' | 'completed' | 'abandoned';
  messages: number;
  replies: number[];
  task_completed?: boolean;
  sentiment?: number;
};

/** All that the figures of one agent rest on. */
export type AgentFacts = {
  /** In the order of the contract: by time, run, contact and index. */
  decisions: DecisionFact[];
  apart: Apart[];
  outcomes: OutcomeFact[];
  blocked: BlockedFact[];
  evaluations: EvaluationFact[];
  conversations: ConversationFact[];
};

/** What an action that was sent back once, or more often, was proposed as at first. */
export function firstDraft(action: Action, all: readonly Action[]): Action {
  let draft = action;
  for (let step = 0; draft.revises !== undefined && step < all.length; step++) {
    const before = all.find(({ action_index }) => action_index === draft.revises);
    if (!before) break;
    draft = before;
  }
  return draft;
}

const TIME = /\s?\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The kind of reason for which the gate blocked: without runs, times and what somebody said. */
export function kindOfReason(reason: string): string {
  return reason
    .replace(/: ".*$/su, '')
    .replace(/ \d+ of run \S+ is (\S+) for .*$/su, ' is $1 for this contact already')
    .replace(/ ?\([^()]*\)/gu, '')
    .replace(/ at(?=\s?\d{4}-\d\d-\d\dT)/gu, '')
    .replace(TIME, '')
    .slice(0, 200);
}
