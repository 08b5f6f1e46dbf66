import type { Agent } from '../../domain/agents/agent.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { invalid } from '../../domain/base/errors.ts';
import { depthOf } from '../../domain/base/json.ts';
import { type Check, withChecks } from '../../domain/base/schema-check.ts';
import { LONGEST_REPLY, type Understand } from '../../evaluators/conversation.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import { readAnswer } from '../../evaluators/model-answer.ts';
import type { Quotes } from '../../evaluators/quotes.ts';
import type { Subject } from './functions.ts';

/** An agent's reply: text; a value that fits its output_schema; or proposals, in the form of a run's answer. */
type Reply = { response: string; output?: unknown; proposal?: Evaluation };

const MAX_DEPTH = 64;
const FENCE = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/;

/** JSON in a text, with or without a Markdown fence; undefined where the text is no JSON. */
function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(FENCE.exec(text.trim())?.[1] ?? text) };
  } catch {
    return undefined;
  }
}

/** A reply without output_schema. Some models answer as in a run: their proposals count, for the chat's contact. */
function plainReply(text: string, subject: Subject, quotes: Quotes): Reply {
  const json = parsed(text);
  if (!json || subject.contact_id === undefined) return { response: text };
  const answer = readAnswer(text, quotes);
  if ('problem' in answer || answer.evaluation.proposed_actions.length === 0) return { response: text };
  return { response: answer.evaluation.reasoning, proposal: answer.evaluation };
}

type ReadReply = Understand<Reply>;

/** Refuses a reply that is too long to be passed on. */
function bounded(understand: ReadReply): ReadReply {
  return (text, quotes) =>
    text.length > LONGEST_REPLY
      ? { problem: `it is longer than ${LONGEST_REPLY} characters` }
      : understand(text, quotes);
}

/** The check of an agent's replies. An earlier edition may have saved a schema that this one refuses. */
async function checkOf({ schemas }: Deps, schema: Record<string, unknown>): Promise<Check> {
  const check = await schemas.checkOf(schema);
  if (typeof check === 'function') return check;
  throw invalid(
    `Nothing was asked: the agent's output_schema can't be used: ${check.problem}. Correct it with update_agent.`,
    { output_schema: check.problem },
  );
}

/** Gives the function that reads an agent's replies, and checks them against its output_schema if it has one. */
export async function understandReply(deps: Deps, agent: Agent, subject: Subject): Promise<ReadReply> {
  const { output_schema } = agent;
  if (!output_schema) return bounded((text, quotes) => ({ value: plainReply(text, subject, quotes) }));
  const check = await checkOf(deps, output_schema);
  return bounded(async (text) => {
    const json = parsed(text);
    if (!json) return { problem: "it isn't JSON" };
    if (depthOf(json.value, MAX_DEPTH) > MAX_DEPTH) return { problem: `it nests deeper than ${MAX_DEPTH} levels` };
    const problem = await withChecks(() => check(json.value));
    return problem === undefined
      ? { value: { response: text, output: json.value } }
      : { problem: `it doesn't fit output_schema: ${problem}` };
  });
}
