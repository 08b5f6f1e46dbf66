import { type EventWindow, type Filter, type Rule, windowMs } from '../domain/agents/rule.ts';
import { isObject } from '../domain/base/json.ts';
import { compileContactFilter } from '../domain/contacts/contact-filter.ts';
import { compileFilter } from '../domain/filter/filter.ts';
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

function windowCondition(kind: 'event' | 'action', window: EventWindow, matches: Predicate): Condition {
  const { match, within, at_most: atMost } = window;
  const atLeast = window.at_least ?? (atMost === undefined ? 1 : 0);
  const span = within === undefined ? undefined : windowMs(within);
  const which = match && Object.keys(match).length > 0 ? ` matching ${brief(match, 120)}` : '';
  const when = within === undefined ? 'so far' : `in ${within}`;
  return (facts) => {
    const dated = kind === 'event' ? facts.events() : facts.actions();
    let count = 0;
    for (const { at, document } of dated) {
      if ((span === undefined || facts.now - at <= span) && matches(document)) count += 1;
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
  problems: RuleProblems,
): Condition[] {
  return (windows ?? []).map((window, index) => {
    const match: Filter = window.match ?? {};
    return windowCondition(
      kind,
      window,
      problems.attempt(
        () => compileFilter(match, `${path}[${index}].match`),
        () => false,
      ),
    );
  });
}

function compileContact(filter: Filter, path: string): Condition[] {
  compileContactFilter(filter, path);
  return Object.entries(filter).map(([key, wanted]) =>
    contactCondition(key, wanted, compileContactFilter({ [key]: wanted }, path)),
  );
}

/**
 * The conditions of a rule's `when`, in the order they are asked: contact, events, recent actions. Windows end now and
 * include both ends; what lies in the future doesn't count.
 */
export function compileConditions(when: Rule['when'], path: string, problems: RuleProblems): Condition[] {
  const { contact } = when ?? {};
  return [
    ...(contact ? problems.attempt(() => compileContact(contact, `${path}.contact`), []) : []),
    ...compileWindows('event', when?.events, `${path}.events`, problems),
    ...compileWindows('action', when?.recent_actions, `${path}.recent_actions`, problems),
  ];
}
