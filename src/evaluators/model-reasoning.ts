import type {
  LanguageModelV3CallOptions,
  LanguageModelV3GenerateResult,
  LanguageModelV3Prompt,
} from '@ai-sdk/provider';
import { allowedActions } from '../actions/allowed.ts';
import type { Agent } from '../domain/agents/agent.ts';
import { type ModelAccess, modelAccess } from '../domain/agents/model-access.ts';
import { AppError } from '../domain/base/errors.ts';
import { addUsage, type Usage } from '../domain/base/usage.ts';
import { counted, tokensOf } from '../domain/text/tokens.ts';
import type { LanguageModel, ModelProvider } from '../providers/provider.ts';
import { briefingOf } from './briefing.ts';
import { type Evaluate, type Evaluation, EvaluationFailed, type Means } from './evaluator.ts';
import { answerWithinMs, openModel } from './language-model.ts';
import { readAnswer, shapeProblem } from './model-answer.ts';
import { type ModelProblem, modelProblem } from './model-problem.ts';
import { answerSchema, promptOf, repairTurn } from './model-prompt.ts';

type Mind = {
  agent: Agent;
  access: ModelAccess;
  language: LanguageModel;
  means: Means;
  /** For one call, with all its attempts and pauses. */
  callMs: number;
  /** Asked for until the server refuses it; then the words of the prompt have to do. */
  schema: LanguageModelV3CallOptions['responseFormat'];
};

/** What was said in one contact's conversation so far, and what it took. */
type ContactTalk = { prompt: LanguageModelV3Prompt; usage?: Usage };

function optionsOf(mind: Mind, prompt: LanguageModelV3Prompt, abortSignal: AbortSignal): LanguageModelV3CallOptions {
  const { temperature, max_tokens } = mind.agent.llm_config;
  const limit = max_tokens ?? mind.access.provider.maxTokens;
  return {
    prompt,
    abortSignal,
    providerOptions: mind.language.options,
    ...(temperature === undefined ? {} : { temperature }),
    ...(limit === undefined ? {} : { maxOutputTokens: limit }),
    ...(mind.schema ? { responseFormat: mind.schema } : {}),
  };
}

function textOf(result: LanguageModelV3GenerateResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function tokensUsed(result: LanguageModelV3GenerateResult, prompt: LanguageModelV3Prompt) {
  return {
    input_tokens: counted(result.usage.inputTokens.total, prompt),
    output_tokens: counted(result.usage.outputTokens.total, textOf(result)),
  };
}

/** A caller's signal and a time limit as one. */
function withLimit(ms: number, outer: AbortSignal): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  const tooLong = () =>
    controller.abort(new DOMException(`no answer within ${ms / 1000} s, all attempts counted`, 'TimeoutError'));
  const timer = setTimeout(tooLong, ms);
  outer.addEventListener('abort', follow, { once: true });
  if (outer.aborted) follow();
  const stop = () => {
    clearTimeout(timer);
    outer.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, stop };
}

type Said = LanguageModelV3GenerateResult | { problem: ModelProblem };

/** One call, its cost set aside before and settled after. */
async function call(mind: Mind, talk: ContactTalk, signal: AbortSignal): Promise<Said> {
  const aside = await mind.means.purse.setAside(() => tokensOf(talk.prompt), signal);
  const limit = withLimit(mind.callMs, signal);
  try {
    const result = await mind.language.model.doGenerate(optionsOf(mind, talk.prompt, limit.signal));
    if (result.warnings.length > 0)
      mind.means.deps.log.debug({ warnings: result.warnings }, 'a model left out settings');
    talk.usage = addUsage(talk.usage, aside.spend(tokensUsed(result, talk.prompt)));
    return result;
  } catch (error) {
    const why: unknown = limit.signal.aborted ? limit.signal.reason : error;
    const problem = signal.aborted ? undefined : modelProblem(why, mind.access);
    if (problem?.isFree) aside.release();
    else aside.lose();
    if (problem) return { problem };
    throw error;
  } finally {
    limit.stop();
  }
}

/** Asks, and where the server refuses the request, once more without the schema: not all know structured output. */
async function ask(mind: Mind, talk: ContactTalk, signal: AbortSignal): Promise<LanguageModelV3GenerateResult> {
  const hadSchema = mind.schema !== undefined;
  let said = await call(mind, talk, signal);
  if ('problem' in said && said.problem.isRefusal && hadSchema) {
    const plain = { ...mind, schema: undefined };
    const first = said.problem;
    said = await call(plain, talk, signal);
    if ('problem' in said) said = { problem: first };
    else mind.schema = undefined;
  }
  if (!('problem' in said)) return said;
  const { message, isOutage } = said.problem;
  throw new EvaluationFailed(message, { usage: talk.usage, isOutage });
}

/** What an answer amounts to, or what is wrong with it. `isLast`: the gate deals with wrong shapes. */
function understand(mind: Mind, result: LanguageModelV3GenerateResult, allowed: ReadonlySet<string>, isLast: boolean) {
  const text = textOf(result);
  const answer = readAnswer(text);
  if ('problem' in answer) {
    if (result.finishReason.unified !== 'length') return { text, problem: answer.problem };
    return {
      text,
      problem: `it was cut off at ${mind.agent.llm_config.max_tokens ?? 'the most'} tokens: be shorter`,
    };
  }
  const wrongShape = isLast ? undefined : shapeProblem(answer.evaluation.proposed_actions, allowed);
  return wrongShape === undefined ? answer : { text, problem: wrongShape };
}

/** One contact's conversation: a question, an answer, and at most one turn to mend it. */
async function evaluateByModel(
  mind: Mind,
  talk: ContactTalk,
  allowed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Evaluation> {
  const first = understand(mind, await ask(mind, talk, signal), allowed, false);
  if ('evaluation' in first) return first.evaluation;
  talk.prompt = [...talk.prompt, ...repairTurn(first.text, first.problem)];
  const second = understand(mind, await mended(mind, talk, first.problem, signal), allowed, true);
  if ('evaluation' in second) return second.evaluation;
  throw new EvaluationFailed(
    `The model "${mind.access.model}" gave no usable answer: ${second.problem}; asked to mend an answer before (${first.problem}).`,
    { usage: talk.usage },
  );
}

/** The repair turn. Where the cap doesn't leave enough for it, the contact has its error, as it was paid for. */
async function mended(
  mind: Mind,
  talk: ContactTalk,
  problem: string,
  signal: AbortSignal,
): Promise<LanguageModelV3GenerateResult> {
  try {
    return await ask(mind, talk, signal);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'LIMIT_EXCEEDED') throw error;
    throw new EvaluationFailed(
      `The model "${mind.access.model}" gave no usable answer (${problem}), and limits.max_cost_usd_per_run doesn't leave enough to have it mended.`,
      { usage: talk.usage },
    );
  }
}

/** Reasons about contacts by a model; see `Evaluator`. */
export async function reasonByModel(agent: Agent, provider: ModelProvider, means: Means): Promise<Evaluate> {
  const access = modelAccess(agent, provider, means.deps.env, means.keyHosts);
  if ('problem' in access) throw new AppError('PROVIDER_ERROR', `The run can't go on: ${access.problem}.`);
  const language = await openModel(access, means.deps);
  // The schemas of MCP servers' tools stand in the prompt alone: not every provider takes every JSON Schema.
  const actions = allowedActions(agent);
  const told = allowedActions(agent, means.offers);
  const allowed: ReadonlySet<string> = new Set(actions.map((action) => action.type));
  const callMs = 2 * answerWithinMs(means.deps.env);
  const mind: Mind = {
    agent,
    access,
    language,
    means,
    callMs,
    schema: { type: 'json', schema: answerSchema(actions), name: 'evaluation' },
  };
  return async (context, signal) => {
    const prompt = promptOf(briefingOf(context, told), agent.playbook.playbook_md, context.now);
    const talk: ContactTalk = { prompt };
    const evaluation = await evaluateByModel(mind, talk, allowed, signal);
    return { ...evaluation, ...(talk.usage ? { usage: talk.usage } : {}) };
  };
}
