import type { Rule } from '../domain/agents/rule.ts';
import type { ContactEvent, RecentAction } from '../domain/contacts/contact.ts';
import { compileConditions, type RuleFacts } from './rule-conditions.ts';
import { createProblems } from './rule-problems.ts';

/** What is known by now of a contact that a rule was found true for. */
export type KnownNow = {
  contact: Record<string, unknown>;
  /** Without those that were known at the evaluation and lay in the future then. */
  events: readonly ContactEvent[];
  /** Actions of other runs that were decided or done. */
  decided: readonly RecentAction[];
  /** Actions of other runs that merely wait. */
  waiting: readonly RecentAction[];
};

function dated<T extends Record<string, unknown>>(items: readonly T[], timeOf: (item: T) => string) {
  return items.map((item) => ({ at: Date.parse(timeOf(item)), document: item }));
}

function factsOf({ contact, events }: KnownNow, actions: readonly RecentAction[], evaluatedAt: number): RuleFacts {
  return {
    contact,
    // Windows begin where they began at the evaluation, and have no end: time alone changes nothing.
    now: evaluatedAt,
    events: () => dated(events, (event) => event.timestamp),
    actions: () => dated(actions, (action) => action.at),
  };
}

/**
 * A rule's `when`, to be looked at again over what is known now. What merely waits neither makes a condition true nor
 * false: a condition that holds with it or without it holds.
 */
export function compileAgain(rule: Rule): (known: KnownNow, evaluatedAt: string) => boolean {
  const conditions = compileConditions(rule.when, 'when', createProblems());
  return (known, evaluatedAt) => {
    const at = Date.parse(evaluatedAt);
    const without = factsOf(known, known.decided, at);
    const all = factsOf(known, [...known.decided, ...known.waiting], at);
    return conditions.every((condition) => condition(without).holds || condition(all).holds);
  };
}
