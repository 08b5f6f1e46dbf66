import type { Agent } from '../domain/agents/agent.ts';
import { type EventWindow, type Rule, WINDOW_IN_WORDS, windowMs } from '../domain/agents/rule.ts';
import type { Budget } from '../domain/base/budget.ts';
import { isObject } from '../domain/base/json.ts';
import { compileContactFilter } from '../domain/contacts/contact-filter.ts';
import { compileFilter } from '../domain/filter/filter.ts';
import { filterBudget } from '../domain/filter/shape.ts';
import { parseTemplate } from '../domain/text/liquid.ts';
import type { EvaluationContext } from './evaluator.ts';
import type { RuleProblems } from './rule-problems.ts';

/** An event or an action, with its time in ms since 1970. */
type Dated = { at: number; document: Record<string, unknown> };

/** What conditions look at: one contact at one time. Events and actions are dated only when a condition asks for it. */
export type RuleFacts = {
  contact: Record<string, unknown>;
  now: number;
  events: () => readonly Dated[];
  actions: () => readonly Dated[];
};

/** Whether a condition holds, and the fact behind it in a few words. */
export type Finding = { holds: boolean; fact: () => string };
export type Condition = (facts: RuleFacts) => Finding;

/** The most steps of one condition over all events or actions of a contact: some 40 ms. */
const WINDOW_STEPS = 1_000_000;

type Predicate = (document: Record<string, unknown>) => boolean;

function brief(value: unknown, length: number): string {
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, length) : value) ?? 'missing';
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** A function that makes its value at the first call and keeps it. */
function oneTime<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function past<T extends Record<string, unknown>>(
  items: readonly T[],
  timeOf: (item: T) => string,
  now: number,
): Dated[] {
  const dated = items.map((item) => ({ at: Date.parse(timeOf(item)), document: item }));
  return dated.filter(({ at }) => at <= now);
}

/** The facts of an evaluation that conditions look at. Events and actions in the future are left out. */
export function ruleFacts({ contact, events, recent_actions, now }: EvaluationContext): RuleFacts {
  const time = now.getTime();
  return {
    contact,
    now: time,
    events: oneTime(() => past(events, (event) => event.timestamp, time)),
    actions: oneTime(() => past(recent_actions, (action) => action.at, time)),
  };
}

/** The value that a dotted name stands for, where the name leads through objects only. */
function lookUp(document: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(document, name)) return document[name];
  let value: unknown = document;
  for (const key of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** One top-level entry of a contact filter as a condition of its own, so that reasoning can name the one that fails. */
function contactCondition(key: string, wanted: unknown, matches: Predicate): Condition {
  const needs = brief(wanted, 100);
  return ({ contact }) => {
    const holds = matches(contact);
    const fact = () => {
      if (key.startsWith('$')) return `the contact ${holds ? 'fits' : 'does not fit'} ${key} ${needs}`;
      const value = lookUp(contact, key);
      const is = value === undefined || value === null ? 'missing' : brief(value, 60);
      return holds ? `contact.${key} is ${is}` : `contact.${key} is ${is} (needs ${needs})`;
    };
    return { holds, fact };
  };
}

/** A window's time as it is written, and in milliseconds. */
type Span = { within: string; ms: number };

/** What a rule is compiled with: its playbook's settings, and where its problems are told. */
export type RuleTerms = { config: Agent['playbook']['config']; problems: RuleProblems };

/** A window's time: as the rule says it, or as it makes it of the playbook's settings. */
function spanOf({ within }: EventWindow, path: string, { config, problems }: RuleTerms): Span | undefined {
  if (within === undefined) return undefined;
  const scope = { agent: { playbook: { config } } };
  const made = problems.attempt(() => parseTemplate(within, path)(scope).trim(), '1m');
  const ms = windowMs(made);
  if (ms === undefined)
    problems.add(path, `gives ${brief(made, 60)}: a window is ${WINDOW_IN_WORDS}. See what playbook.config sets`);
  return { within: made, ms: ms ?? 0 };
}

/** What a window counts, and the budget of counting it once. */
type Counted = { kind: 'event' | 'action'; window: EventWindow; span: Span | undefined; budget: Budget };

function windowCondition({ kind, window, span, budget }: Counted, matches: Predicate): Condition {
  const { match, at_most: atMost } = window;
  const atLeast = window.at_least ?? (atMost === undefined ? 1 : 0);
  const which = match && Object.keys(match).length > 0 ? ` matching ${brief(match, 120)}` : '';
  const when = span === undefined ? 'so far' : `in ${span.within}`;
  return (facts) => {
    const dated = kind === 'event' ? facts.events() : facts.actions();
    budget.renew();
    budget.spend(dated.length);
    let count = 0;
    for (const { at, document } of dated) {
      if ((span === undefined || facts.now - at <= span.ms) && matches(document)) count += 1;
    }
    const tooMany = atMost !== undefined && count > atMost;
    const tooFew = count < atLeast;
    const bound = tooFew ? ` (needs at least ${atLeast})` : tooMany ? ` (allows at most ${atMost})` : '';
    const fact = () => `${count} ${kind}${count === 1 ? '' : 's'}${which} ${when}${bound}`;
    return { holds: !tooFew && !tooMany, fact };
  };
}

function compileWindows(
  kind: 'event' | 'action',
  windows: readonly EventWindow[] | undefined,
  path: string,
  terms: RuleTerms,
): Condition[] {
  return (windows ?? []).map((window, index) => {
    const at = `${path}[${index}]`;
    const budget = filterBudget(`${at}.match`, WINDOW_STEPS);
    const matches = terms.problems.attempt(
      () => compileFilter(window.match ?? {}, `${at}.match`, {}, budget),
      () => false,
    );
    return windowCondition({ kind, window, span: spanOf(window, `${at}.within`, terms), budget }, matches);
  });
}

function compileContact(filter: NonNullable<NonNullable<Rule['when']>['contact']>, path: string): Condition[] {
  compileContactFilter(filter, path);
  return Object.entries(filter).map(([key, wanted]) =>
    contactCondition(key, wanted, compileContactFilter({ [key]: wanted }, path)),
  );
}

/**
 * The conditions of a rule's `when`, in the order they are asked: contact, events, recent actions. Windows end now and
 * include both ends; what lies in the future doesn't count.
 */
export function compileConditions(when: Rule['when'], path: string, terms: RuleTerms): Condition[] {
  const { contact } = when ?? {};
  return [
    ...(contact ? terms.problems.attempt(() => compileContact(contact, `${path}.contact`), []) : []),
    ...compileWindows('event', when?.events, `${path}.events`, terms),
    ...compileWindows('action', when?.recent_actions, `${path}.recent_actions`, terms),
  ];
}
