import type { Agent } from '../domain/agents/agent.ts';
import type { Rule } from '../domain/agents/rule.ts';
import { holdsInBudget } from '../domain/base/budget.ts';
import type { ContactEvent, RecentAction } from '../domain/contacts/contact.ts';
import { type Condition, compileConditions, type RuleFacts } from './rule-conditions.ts';
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
export function compileAgain(
  rule: Rule,
  config: Agent['playbook']['config'],
): (known: KnownNow, evaluatedAt: string) => boolean {
  let conditions: Condition[] = [];
  const isMade = holdsInBudget(() => {
    conditions = compileConditions(rule.when, 'when', { config, problems: createProblems() });
    return true;
  });
  return (known, evaluatedAt) => {
    if (!isMade) return false;
    const at = Date.parse(evaluatedAt);
    const without = factsOf(known, known.decided, at);
    const all = factsOf(known, [...known.decided, ...known.waiting], at);
    return holdsInBudget(() => conditions.every((condition) => condition(without).holds || condition(all).holds));
  };
}
