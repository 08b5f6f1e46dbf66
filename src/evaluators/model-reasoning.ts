import type {
  LanguageModelV3CallOptions,
  LanguageModelV3GenerateResult,
  LanguageModelV3Prompt,
} from '@ai-sdk/provider';
import { allowedActions, unusableOf } from '../actions/allowed.ts';
import type { Agent } from '../domain/agents/agent.ts';
import { type ModelAccess, modelAccess } from '../domain/agents/model-access.ts';
import { AppError } from '../domain/base/errors.ts';
import { addUsage, type Usage } from '../domain/base/usage.ts';
import { counted, tokensOf } from '../domain/text/tokens.ts';
import type { LanguageModel, ModelProvider } from '../providers/provider.ts';
import { briefingOf } from './briefing.ts';
import { type Evaluate, type Evaluation, EvaluationFailed, type Means, PurseEmpty } from './evaluator.ts';
import { answerWithinMs, openModel } from './language-model.ts';
import { readAnswer, shapeProblem } from './model-answer.ts';
import { type ModelProblem, modelProblem } from './model-problem.ts';
import { answerSchema, promptOf, repairTurn } from './model-prompt.ts';
import { type Quotes, quotesIn } from './quotes.ts';
import { replyProblem, spokenReply } from './spoken-reply.ts';

/** The agent of a run with its open model. */
type Reasoner = {
  agent: Agent;
  access: ModelAccess;
  language: LanguageModel;
  means: Means;
  /** The time limit of one call, with all its attempts and pauses. */
  callMs: number;
  /** The schema of an answer; unset once the server has refused it, as the prompt says the same in words. */
  schema: LanguageModelV3CallOptions['responseFormat'];
};

/** What was said in one contact's conversation so far, and the usage of it. */
type ContactTalk = {
  prompt: LanguageModelV3Prompt;
  usage?: Usage;
  /** Lists of actions that stand in the contact's own data. */
  quotes: Quotes;
};

function optionsOf(
  reasoner: Reasoner,
  prompt: LanguageModelV3Prompt,
  abortSignal: AbortSignal,
): LanguageModelV3CallOptions {
  const { temperature, max_tokens } = reasoner.agent.llm_config;
  const limit = max_tokens ?? reasoner.access.provider.maxTokens;
  return {
    prompt,
    abortSignal,
    providerOptions: reasoner.language.options,
    ...(temperature === undefined ? {} : { temperature }),
    ...(limit === undefined ? {} : { maxOutputTokens: limit }),
    ...(reasoner.schema ? { responseFormat: reasoner.schema } : {}),
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

/** A signal that is aborted by the caller's signal or after `ms`. `stop` ends the wait for both. */
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

/** One call to the model. The call's cost is set aside before, and settled after it. */
async function call(reasoner: Reasoner, talk: ContactTalk, signal: AbortSignal): Promise<Said> {
  const aside = await reasoner.means.purse.setAside(() => tokensOf(talk.prompt), signal);
  const limit = withLimit(reasoner.callMs, signal);
  try {
    const result = await reasoner.language.model.doGenerate(optionsOf(reasoner, talk.prompt, limit.signal));
    if (result.warnings.length > 0)
      reasoner.means.deps.log.debug({ warnings: result.warnings }, 'a model ignores some of the settings');
    talk.usage = addUsage(talk.usage, aside.spend(tokensUsed(result, talk.prompt)));
    return result;
  } catch (error) {
    const why: unknown = limit.signal.aborted ? limit.signal.reason : error;
    const problem = signal.aborted ? undefined : modelProblem(why, reasoner.access);
    if (problem?.isFree) aside.release();
    else aside.lose();
    if (problem) return { problem };
    throw error;
  } finally {
    limit.stop();
  }
}

/** Asks the model. A server that refuses is asked again without the schema: not all servers know structured output. */
async function ask(reasoner: Reasoner, talk: ContactTalk, signal: AbortSignal): Promise<LanguageModelV3GenerateResult> {
  const hadSchema = reasoner.schema !== undefined;
  let said = await call(reasoner, talk, signal);
  if ('problem' in said && said.problem.isRefusal && hadSchema) {
    const plain = { ...reasoner, schema: undefined };
    const first = said.problem;
    said = await call(plain, talk, signal);
    if ('problem' in said) said = { problem: first };
    else reasoner.schema = undefined;
  }
  if (!('problem' in said)) return said;
  const { message, isOutage, code } = said.problem;
  throw new EvaluationFailed(message, { usage: talk.usage, isOutage, code });
}

/**
 * The evaluation in an answer, or what is wrong with it. Wrong params in the last answer are left to the gate. A refusal
 * isn't sent back: the contact has an error.
 */
function understand(
  { agent, access }: Reasoner,
  { usage, quotes }: ContactTalk,
  result: LanguageModelV3GenerateResult,
  actions: { allowed: ReadonlySet<string>; isLast: boolean },
) {
  const spoken = spokenReply(result);
  const { text, refusal } = spoken;
  if (refusal !== undefined)
    throw new EvaluationFailed(`The model "${access.model}" refused to answer: ${refusal}.`, { usage });
  const problem = replyProblem(spoken, agent.llm_config.max_tokens ?? access.provider.maxTokens);
  if (problem !== undefined) return { text, problem };
  const answer = readAnswer(text, quotes);
  if ('problem' in answer) return { text, problem: answer.problem };
  const wrongShape = actions.isLast ? undefined : shapeProblem(answer.evaluation.proposed_actions, actions.allowed);
  return wrongShape === undefined ? answer : { text, problem: wrongShape };
}

/** One contact's conversation: a question, an answer, and at most one turn to correct the answer. */
async function evaluateByModel(
  reasoner: Reasoner,
  talk: ContactTalk,
  allowed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Evaluation> {
  const first = understand(reasoner, talk, await ask(reasoner, talk, signal), { allowed, isLast: false });
  if ('evaluation' in first) return first.evaluation;
  talk.prompt = [...talk.prompt, ...repairTurn(first.text, first.problem)];
  const said = await askAgain(reasoner, talk, first.problem, signal);
  const second = understand(reasoner, talk, said, { allowed, isLast: true });
  if ('evaluation' in second) return second.evaluation;
  throw new EvaluationFailed(
    `The model "${reasoner.access.model}" gave no usable answer: ${second.problem}. Its first answer was sent back to be corrected (${first.problem}).`,
    { usage: talk.usage },
  );
}

/** Asks for a correct answer. Where the cost cap forbids that, the contact has an error: its first answer was paid. */
async function askAgain(
  reasoner: Reasoner,
  talk: ContactTalk,
  problem: string,
  signal: AbortSignal,
): Promise<LanguageModelV3GenerateResult> {
  try {
    return await ask(reasoner, talk, signal);
  } catch (error) {
    if (!(error instanceof PurseEmpty)) throw error;
    throw new EvaluationFailed(
      `The model "${reasoner.access.model}" gave no usable answer (${problem}), and limits.max_cost_usd_per_run leaves too little to ask for a correct one.`,
      { usage: talk.usage },
    );
  }
}

/** Opens the agent's model for one run; see `prepare` of `Evaluator`. Throws AppError PROVIDER_ERROR where it can't. */
export async function reasonByModel(agent: Agent, provider: ModelProvider, means: Means): Promise<Evaluate> {
  const access = modelAccess(agent, provider, means.keys);
  if ('problem' in access) throw new AppError('PROVIDER_ERROR', `The run can't go on: ${access.problem}.`);
  const language = await openModel(access, means.deps);
  // The schemas of MCP tools go into the prompt but not into the answer's schema: no provider takes every JSON Schema.
  const actions = allowedActions(agent);
  const told = allowedActions(agent, means.offers);
  const unusable = unusableOf(means.offers);
  const allowed: ReadonlySet<string> = new Set(actions.map((action) => action.type));
  const callMs = 2 * answerWithinMs(means.deps.env);
  const reasoner: Reasoner = {
    agent,
    access,
    language,
    means,
    callMs,
    schema: { type: 'json', schema: answerSchema(actions), name: 'evaluation' },
  };
  return async (context, signal) => {
    const prompt = promptOf(briefingOf(context, told, unusable), agent.playbook.playbook_md, context.now);
    const talk: ContactTalk = { prompt, quotes: quotesIn([context.contact, context.events]) };
    const evaluation = await evaluateByModel(reasoner, talk, allowed, signal);
    return { ...evaluation, ...(talk.usage ? { usage: talk.usage } : {}) };
  };
}
