import { findActionType } from '../actions/index.ts';
import { depthOf, isObject } from '../domain/base/json.ts';
import type { Evaluation, Proposal } from './evaluator.ts';

const LONGEST = 500_000;
/** How many opening braces are tried as the start of an object, before a text is taken for one without an answer. */
const MOST_TRIES = 30;
const MOST_ACTIONS = 20;
const MAX_DEPTH = 64;
const LONGEST_REASONING = 20_000;

/** The evaluation in a model's answer; or what is wrong with the answer, in words by which the model can correct it. */
export type ReadAnswer = { evaluation: Evaluation } | { problem: string };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The index of the brace that closes the object which opens at `from`. Braces in strings don't count. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (isString) {
      if (char === '\\') at += 1;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** The JSON objects in a text, in order: the whole text, or objects between other words. */
function* objectsIn(text: string): Generator<Record<string, unknown>> {
  const whole = parsed(text);
  if (isObject(whole)) return yield whole;
  let tries = 0;
  for (let open = text.indexOf('{'); open >= 0 && tries < MOST_TRIES; open = text.indexOf('{', open + 1)) {
    tries += 1;
    const close = closing(text, open);
    if (close === undefined) continue;
    const found = parsed(text.slice(open, close + 1));
    if (!isObject(found)) continue;
    yield found;
    open = close;
  }
}

/** The params of a proposal: some models write them as a string of JSON. */
function paramsOf(value: unknown): unknown {
  return typeof value === 'string' ? parsed(value) : value;
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

/** Reads a model's answer: JSON, JSON in a code fence, or JSON between other words. */
export function readAnswer(text: string): ReadAnswer {
  if (text.trim() === '') return { problem: 'it was empty' };
  if (text.length > LONGEST) return { problem: `it was longer than ${LONGEST} characters` };
  const objects = [...objectsIn(text)];
  const found = objects.find((item) => 'proposed_actions' in item) ?? objects.find((item) => 'reasoning' in item);
  if (!found)
    return {
      problem: objects.length > 0 ? 'it has neither reasoning nor proposed_actions' : 'it holds no JSON object',
    };
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
    const issue = known?.params.safeParse(params).error?.issues[0];
    if (issue) return `${['proposed_actions', index, 'params', ...issue.path].join('.')}: ${issue.message}`;
  }
  return undefined;
}
