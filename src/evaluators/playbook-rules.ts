import type { Rule } from '../domain/agents/rule.ts';
import { AppError, type ErrorDetails, invalid } from '../domain/base/errors.ts';
import { depthOf, FORBIDDEN_KEY, isObject } from '../domain/base/json.ts';
import { parseTemplate } from '../domain/text/liquid.ts';
import type { Evaluate, Evaluation, EvaluationContext, Proposal } from './evaluator.ts';
import { type Condition, compileConditions, type RuleFacts, ruleFacts } from './rule-conditions.ts';
import { createProblems, type RuleProblems } from './rule-problems.ts';

type Scope = Record<string, unknown>;
type Render<T> = (scope: Scope) => T;

type CompiledRule = {
  name: string;
  stops: boolean;
  conditions: Condition[];
  propose: Render<Proposal[]>;
  reasoning: Render<string>;
};

const MAX_DEPTH = 64;
const RULES_EXPLAINED = 20;

function compileText(text: string, path: string, problems: RuleProblems): Render<string> {
  return problems.attempt(
    () => parseTemplate(text, path),
    () => '',
  );
}

function compileEntries(value: Scope, path: string, problems: RuleProblems): Render<Scope> {
  const entries = Object.entries(value).map(([key, item]): [string, Render<unknown>] => {
    const at = `${path}.${key}`;
    if (key === FORBIDDEN_KEY) problems.add(at, `names ${FORBIDDEN_KEY}, which no field may be called`);
    return [key, compileValue(item, at, problems)];
  });
  return (scope) => Object.fromEntries(entries.map(([key, render]) => [key, render(scope)]));
}

/** Compiles a value of params: every string inside is a template, and anything else stays what it is. */
function compileValue(value: unknown, path: string, problems: RuleProblems): Render<unknown> {
  if (typeof value === 'string') return compileText(value, path, problems);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileValue(item, `${path}[${index}]`, problems));
    return (scope) => items.map((render) => render(scope));
  }
  return isObject(value) ? compileEntries(value, path, problems) : () => value;
}

function compileProposals(rule: Rule, path: string, problems: RuleProblems): Render<Proposal[]> {
  const proposals = rule.propose.map(({ type, params }, index) => {
    const at = `${path}.propose[${index}].params`;
    if (depthOf(params, MAX_DEPTH) <= MAX_DEPTH) return { type, render: compileEntries(params, at, problems) };
    problems.add(at, `nests deeper than ${MAX_DEPTH} levels`);
    return { type, render: () => ({}) };
  });
  return (scope) => proposals.map(({ type, render }) => ({ type, params: render(scope) }));
}

function compileRule(rule: Rule, path: string, problems: RuleProblems): CompiledRule {
  return {
    name: rule.name,
    stops: rule.stop !== false,
    conditions: compileConditions(rule.when, `${path}.when`, problems),
    propose: compileProposals(rule, path, problems),
    reasoning: compileText(rule.reasoning ?? '', `${path}.reasoning`, problems),
  };
}

function scopeOf(context: EvaluationContext): Scope {
  const { contact, events, recent_actions, agent, identity, now } = context;
  return {
    ...{ contact, events, recent_actions, agent, identity, now: now.toISOString() },
    get unified_profile() {
      return context.unified_profile;
    },
  };
}

/** The reasoning of a rule without `reasoning` of its own: the rule's name, and the facts that held. */
function plainReasoning(rule: CompiledRule, facts: RuleFacts): string {
  const held = rule.conditions.map((condition) => condition(facts).fact());
  return `Rule “${rule.name}” matched: ${held.length > 0 ? held.join(', ') : 'it has no conditions'}.`;
}

function apply(rule: CompiledRule, facts: RuleFacts, scope: Scope): { line: string; proposals: Proposal[] } {
  try {
    const written = rule.reasoning(scope).trim();
    return { line: written === '' ? plainReasoning(rule, facts) : written, proposals: rule.propose(scope) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `Rule “${rule.name}”: ${error.message}`, error.details);
  }
}

/** The fact that kept a rule from matching; undefined where all held. */
function obstacle(rule: CompiledRule, facts: RuleFacts): string | undefined {
  for (const condition of rule.conditions) {
    const { holds, fact } = condition(facts);
    if (!holds) return fact();
  }
  return undefined;
}

function explainNone(rules: readonly CompiledRule[], obstacles: readonly string[]): string {
  if (rules.length === 0) return 'No rule matched: the playbook has no rules.';
  const named = obstacles.slice(0, RULES_EXPLAINED).map((fact, index) => `“${rules[index]?.name ?? ''}”: ${fact}`);
  const rest = obstacles.length - named.length;
  return `No rule matched: ${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}

function evaluate(rules: readonly CompiledRule[], context: EvaluationContext): Evaluation {
  const facts = ruleFacts(context);
  const scope = scopeOf(context);
  const lines: string[] = [];
  const proposals: Proposal[] = [];
  const places: number[] = [];
  const obstacles: string[] = [];
  for (const [place, rule] of rules.entries()) {
    const missed = obstacle(rule, facts);
    if (missed !== undefined) {
      obstacles.push(missed);
      continue;
    }
    const outcome = apply(rule, facts, scope);
    lines.push(outcome.line);
    proposals.push(...outcome.proposals);
    places.push(...outcome.proposals.map(() => place));
    if (rule.stops) break;
  }
  const reasoning = lines.length > 0 ? lines.join('\n') : explainNone(rules, obstacles);
  return { reasoning, proposed_actions: proposals, ...(places.length > 0 ? { rules: places } : {}) };
}

/**
 * Checks a playbook's rules and makes a function of them that evaluates a contact. All of a rule's `when` must hold.
 * The first match wins; a rule with `stop: false` adds its actions and lets later rules match too. The function throws
 * AppError VALIDATION_ERROR, naming the rule and the field, where a template fails for a contact.
 *
 * @param path where the rules stand in the caller's argument: `playbook.rules`
 * @throws AppError VALIDATION_ERROR whose `details` hold every problem, such as
 *   `playbook.rules[0].when.contact.$where` or `playbook.rules[1].propose[0].params.subject`
 */
export function compileRules(rules: readonly Rule[], path: string): Evaluate {
  const problems = createProblems();
  const compiled = rules.map((rule, index) => compileRule(rule, `${path}[${index}]`, problems));
  const details: ErrorDetails = problems.all();
  const lines = Object.entries(details).map(([at, problem]) => `${at}: ${problem}`);
  if (lines.length > 0) {
    const shown = lines.slice(0, 5).join('; ');
    const rest = lines.length > 5 ? `; and ${lines.length - 5} more in details` : '';
    throw invalid(`The playbook's rules can't be used: ${shown}${rest}. Correct them and save again.`, details);
  }
  return (context) => evaluate(compiled, context);
}
