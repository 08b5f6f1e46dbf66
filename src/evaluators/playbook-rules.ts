import type { Agent } from '../domain/agents/agent.ts';
import type { Rule } from '../domain/agents/rule.ts';
import { Budget } from '../domain/base/budget.ts';
import { AppError, type ErrorDetails, invalid } from '../domain/base/errors.ts';
import { depthOf, FORBIDDEN_KEY, isObject } from '../domain/base/json.ts';
import { parseTemplate } from '../domain/text/liquid.ts';
import { openingsIn } from '../domain/text/openings.ts';
import { Turns } from '../store/turns.ts';
import type { Evaluate, Evaluation, EvaluationContext, Proposal } from './evaluator.ts';
import { type Condition, compileConditions, type RuleFacts, type RuleTerms, ruleFacts } from './rule-conditions.ts';
import { createProblems, type RuleProblems } from './rule-problems.ts';

type RuleScope = Record<string, unknown>;
/** Renders in pieces: between them, others may go on. */
type Render<T> = (scope: RuleScope) => Generator<void, T>;

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
  const template = problems.attempt(
    () => parseTemplate(text, path),
    () => '',
  );
  return function* (scope) {
    yield;
    return template(scope);
  };
}

function compileEntries(value: RuleScope, path: string, problems: RuleProblems): Render<RuleScope> {
  const entries = Object.entries(value).map(([key, item]): [string, Render<unknown>] => {
    const at = `${path}.${key}`;
    if (key === FORBIDDEN_KEY) problems.add(at, `names ${FORBIDDEN_KEY}, which no field may be called`);
    return [key, compileValue(item, at, problems)];
  });
  return function* (scope) {
    const rendered: RuleScope = {};
    for (const [key, render] of entries) rendered[key] = yield* render(scope);
    return rendered;
  };
}

/** Compiles a value of params: every string inside is a template, and anything else stays what it is. */
function compileValue(value: unknown, path: string, problems: RuleProblems): Render<unknown> {
  if (typeof value === 'string') return compileText(value, path, problems);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileValue(item, `${path}[${index}]`, problems));
    return function* (scope) {
      const rendered: unknown[] = [];
      for (const render of items) rendered.push(yield* render(scope));
      return rendered;
    };
  }
  if (isObject(value)) return compileEntries(value, path, problems);
  // biome-ignore lint/correctness/useYield: a value that is no text takes no work
  return function* () {
    return value;
  };
}

function compileProposals(rule: Rule, path: string, problems: RuleProblems): Render<Proposal[]> {
  const proposals = rule.propose.map(({ type, params }, index) => {
    const at = `${path}.propose[${index}].params`;
    if (depthOf(params, MAX_DEPTH) <= MAX_DEPTH) return { type, render: compileEntries(params, at, problems) };
    problems.add(at, `nests deeper than ${MAX_DEPTH} levels`);
    return { type, render: compileEntries({}, at, problems) };
  });
  return function* (scope) {
    const rendered: Proposal[] = [];
    for (const { type, render } of proposals) rendered.push({ type, params: yield* render(scope) });
    return rendered;
  };
}

function compileRule(rule: Rule, path: string, terms: RuleTerms): CompiledRule {
  const { problems } = terms;
  return {
    name: rule.name,
    stops: rule.stop !== false,
    conditions: compileConditions(rule.when, `${path}.when`, terms),
    propose: compileProposals(rule, path, problems),
    reasoning: compileText(rule.reasoning ?? '', `${path}.reasoning`, problems),
  };
}

function scopeOf(context: EvaluationContext): RuleScope {
  const { contact, events, recent_actions, agent, identity, now } = context;
  return {
    contact,
    events,
    recent_actions,
    agent,
    identity,
    now: now.toISOString(),
    get unified_profile() {
      return context.unified_profile;
    },
  };
}

/** The reasoning of a rule without `reasoning` of its own: the rule's name, and the facts that held. */
function* plainReasoning(rule: CompiledRule, facts: RuleFacts): Generator<void, string> {
  const held: string[] = [];
  for (const condition of rule.conditions) {
    yield;
    held.push(condition(facts).fact());
  }
  return `Rule “${rule.name}” matched: ${held.length > 0 ? held.join(', ') : 'it has no conditions'}.`;
}

type Applied = { line: string; proposals: Proposal[] };

function* apply(rule: CompiledRule, facts: RuleFacts, scope: RuleScope): Generator<void, Applied> {
  try {
    const written = (yield* rule.reasoning(scope)).trim();
    return {
      line: written === '' ? yield* plainReasoning(rule, facts) : written,
      proposals: yield* rule.propose(scope),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `Rule “${rule.name}”: ${error.message}`, error.details);
  }
}

/** The fact that kept a rule from matching; undefined where all held. */
function* obstacle(rule: CompiledRule, facts: RuleFacts): Generator<void, string | undefined> {
  for (const condition of rule.conditions) {
    yield;
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

/** The most work on one contact, and what to do where it takes more (contract, section 3, "Filter"). */
const CONTACT_MS = 250;
const INSTEAD = 'Use fewer or simpler rules, patterns and templates.';
/** The most that a playbook's rules may hold: values in lists, values with a name, outputs and tags in texts. */
const MOST_VALUES = 100_000;
const NAMED_VALUE = 10;
const OUTPUT_OR_TAG = 20;

/** Refuses rules that would take long to be read: they are read within a commit. LIMIT_EXCEEDED. */
function demandSize(rules: readonly Rule[], path: string): void {
  const size = new Budget(path, MOST_VALUES, INSTEAD);
  const left: unknown[] = [...rules];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value === 'string') size.spend(openingsIn(value) * OUTPUT_OR_TAG);
    if (typeof value !== 'object' || value === null) continue;
    const values: unknown[] = Object.values(value);
    size.spend(values.length * (Array.isArray(value) ? 1 : NAMED_VALUE));
    for (const each of values) left.push(each);
  }
}

/** Looks at the rules one after the other. It rests between conditions and texts, so that other calls may go on. */
function* evaluating(rules: readonly CompiledRule[], context: EvaluationContext): Generator<void, Evaluation> {
  const facts = ruleFacts(context);
  const scope = scopeOf(context);
  const lines: string[] = [];
  const proposals: Proposal[] = [];
  const places: number[] = [];
  const obstacles: string[] = [];
  for (const [place, rule] of rules.entries()) {
    const missed = yield* obstacle(rule, facts);
    if (missed !== undefined) {
      obstacles.push(missed);
      continue;
    }
    const outcome = yield* apply(rule, facts, scope);
    lines.push(outcome.line);
    proposals.push(...outcome.proposals);
    places.push(...outcome.proposals.map(() => place));
    if (rule.stops) break;
  }
  const reasoning = lines.length > 0 ? lines.join('\n') : explainNone(rules, obstacles);
  return { reasoning, proposed_actions: proposals, ...(places.length > 0 ? { rules: places } : {}) };
}

/** The rest of an evaluation that takes longer than a slice of time. */
async function inTurns(work: Generator<void, Evaluation>, turns: Turns): Promise<Evaluation> {
  for (;;) {
    await turns.next();
    for (let step = work.next(); ; step = work.next()) {
      if (step.done) return step.value;
      if (turns.isDue) break;
    }
  }
}

function evaluate(rules: readonly CompiledRule[], context: EvaluationContext): Evaluation | Promise<Evaluation> {
  const turns = new Turns('playbook.rules', INSTEAD, CONTACT_MS);
  const work = evaluating(rules, context);
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (turns.isDue) return inTurns(work, turns);
  }
}

/**
 * Checks a playbook's rules, with its settings, and makes a function of them that evaluates a contact. All of a rule's `when` must hold.
 * The first match wins; a rule with `stop: false` adds its actions and lets later rules match too. The function throws
 * AppError VALIDATION_ERROR, naming the rule and the field, where a template fails for a contact.
 *
 * @param path where the rules stand in the caller's argument: `playbook.rules`
 * @throws AppError VALIDATION_ERROR whose `details` hold every problem, such as
 *   `playbook.rules[0].when.contact.$where` or `playbook.rules[1].propose[0].params.subject`
 */
export function compileRules({ rules, config }: Pick<Agent['playbook'], 'rules' | 'config'>, path: string): Evaluate {
  demandSize(rules, path);
  const problems = createProblems();
  const compiled = rules.map((rule, index) => compileRule(rule, `${path}[${index}]`, { config, problems }));
  const details: ErrorDetails = problems.all();
  const lines = Object.entries(details).map(([at, problem]) => `${at}: ${problem}`);
  if (lines.length > 0) {
    const shown = lines.slice(0, 5).join('; ');
    const rest = lines.length > 5 ? `; and ${lines.length - 5} more in details` : '';
    throw invalid(`The playbook's rules can't be used: ${shown}${rest}. Correct them and save again.`, details);
  }
  return (context) => evaluate(compiled, context);
}
