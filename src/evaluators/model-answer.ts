import { findActionType } from '../actions/index.ts';
import { paramsProblems } from '../actions/params.ts';
import { canonical, depthOf, isObject } from '../domain/base/json.ts';
import { parsedJson, type StandingObject, standingObjects, timesNamed } from './answer-objects.ts';
import type { Evaluation, Proposal } from './evaluator.ts';
import type { Quotes } from './quotes.ts';
import { withoutReasoning } from './without-reasoning.ts';
import { wrapperNames } from './wrappers.ts';

/** The most characters of a model's answer: 2 MB (contract, section 2). */
const LONGEST_ANSWER = 2 << 20;
const MOST_ACTIONS = 20;
const MAX_DEPTH = 64;
const LONGEST_REASONING = 20_000;
const KEY = 'proposed_actions';

/** The evaluation in a model's answer; or what is wrong with the answer, in words by which the model can correct it. */
export type ReadAnswer = { evaluation: Evaluation } | { problem: string };

/** The params of a proposal: some models write them as a string of JSON. */
function paramsOf(value: unknown): unknown {
  return typeof value === 'string' ? parsedJson(value) : value;
}

function proposalsOf(value: unknown): Proposal[] | { problem: string } {
  if (!Array.isArray(value)) return { problem: 'proposed_actions has to be an array, [] where nothing is proposed' };
  if (value.length > MOST_ACTIONS)
    return { problem: `proposed_actions holds ${value.length} actions, and ${MOST_ACTIONS} is the most` };
  const proposals: Proposal[] = [];
  for (const [index, item] of value.entries()) {
    const at = `proposed_actions[${index}]`;
    if (!isObject(item) || typeof item.type !== 'string')
      return { problem: `${at} has to be {"type": "...", "params": {...}}` };
    const params = paramsOf(item.params);
    if (!isObject(params)) return { problem: `${at}.params has to be an object` };
    proposals.push({ type: item.type, params });
  }
  return proposals;
}

/** The one object that a text answers with; or why there is none. Objects that differ are no answer. */
function onlyAnswer(text: string, quotes: Quotes | undefined): StandingObject | { problem: string } {
  const { objects, broken, text: read } = standingObjects(text);
  const all = objects.filter(({ value }) => Object.hasOwn(value, KEY));
  const wrappers = wrapperNames(read, all);
  const candidates = all.filter((_, at) => wrappers[at] === undefined);
  if (candidates.length === 0 && all.length > 0)
    return {
      problem: `its only object with ${KEY} stands inside <${wrappers[0]}> tags, so it may be a draft: give the answer without tags around it`,
    };
  if (broken?.includes(KEY) && candidates.length > 0)
    return { problem: `an object with ${KEY} in it isn't whole, so nobody can tell which one is the answer` };
  if (candidates.some(({ value }) => depthOf(value, MAX_DEPTH) > MAX_DEPTH))
    return { problem: `it nests deeper than ${MAX_DEPTH} levels` };
  const different = new Set(candidates.length > 1 ? candidates.map(({ value }) => canonical(value)) : []);
  if (different.size > 1)
    return { problem: `it holds ${different.size} objects with ${KEY} that differ, and one is the answer` };
  const [found = objects.find(({ value }) => Object.hasOwn(value, 'reasoning'))] = candidates;
  if (!found)
    return {
      problem: objects.length > 0 ? `it has neither reasoning nor ${KEY} at its top` : 'it holds no JSON object',
    };
  if (timesNamed(found.text, KEY) > 1) return { problem: `it names ${KEY} twice in one object` };
  const isQuoted = candidates.length > 0 && candidates.every((candidate) => candidate.isQuoted);
  if (isQuoted || quotes?.(found.value))
    return { problem: 'its only object is quoted from somebody else, and a quotation is no answer' };
  return found;
}

/**
 * Reads a model's answer (contract, section 4): reasoning is taken off, and one object with `proposed_actions` stands in
 * what is left, fenced, between other words or alone. What stands inside reasoning or another object, is quoted, or
 * stands in `quotes`, is never an answer; nor is what stands between tags of a name that isn't known to be harmless.
 */
export function readAnswer(text: string, quotes?: Quotes): ReadAnswer {
  if (text.length > LONGEST_ANSWER) return { problem: `it was longer than ${LONGEST_ANSWER} characters` };
  const bare = withoutReasoning(text);
  if (bare.text.trim() === '')
    return { problem: bare.hadReasoning ? 'it was reasoning alone, without an answer' : 'it was empty' };
  const answer = onlyAnswer(bare.text, quotes);
  if ('problem' in answer) return answer;
  const found = answer.value;
  if (depthOf(found, MAX_DEPTH) > MAX_DEPTH) return { problem: `it nests deeper than ${MAX_DEPTH} levels` };
  if (typeof found.reasoning !== 'string') return { problem: 'reasoning has to be a string' };
  const proposals = proposalsOf(found.proposed_actions);
  if ('problem' in proposals) return proposals;
  return { evaluation: { reasoning: found.reasoning.slice(0, LONGEST_REASONING), proposed_actions: proposals } };
}

/** What is wrong with the first proposal of an allowed type whose params have a wrong shape. The gate checks more. */
export function shapeProblem(proposals: readonly Proposal[], allowed: ReadonlySet<string>): string | undefined {
  for (const [index, { type, params }] of proposals.entries()) {
    const known = allowed.has(type) ? findActionType(type) : undefined;
    const [problem] = known ? paramsProblems(known, params) : [];
    if (problem) return `proposed_actions.${index}.${problem.path}: ${problem.message}`;
  }
  return undefined;
}
