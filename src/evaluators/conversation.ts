import type {
  JSONSchema7,
  LanguageModelV3CallOptions,
  LanguageModelV3GenerateResult,
  LanguageModelV3Prompt,
  LanguageModelV3ToolCall,
} from '@ai-sdk/provider';
import type { Agent } from '../domain/agents/agent.ts';
import type { ModelAccess } from '../domain/agents/model-access.ts';
import { AppError } from '../domain/base/errors.ts';
import { depthOf } from '../domain/base/json.ts';
import { addUsage, type Usage } from '../domain/base/usage.ts';
import { counted, tokensOf } from '../domain/text/tokens.ts';
import type { Means } from './evaluator.ts';
import { openModel } from './language-model.ts';
import { modelProblem } from './model-problem.ts';
import { type Quotes, quotesIn } from './quotes.ts';
import { replyProblem, type SpokenReply, spokenReply } from './spoken-reply.ts';

/** A function that a model may call in a conversation. The model is told the function's value as JSON. */
export type ChatFunction = {
  name: string;
  description: string;
  input: JSONSchema7;
  run: (input: unknown) => Promise<unknown>;
};

export type FunctionCall = { id: string; name: string; input: unknown };
/** One step of a conversation, as it comes: what the model says or calls, or what a function answered. */
export type ChatStep =
  | { role: 'assistant'; text: string; calls: FunctionCall[] }
  | { role: 'tool'; call: FunctionCall; text: string };

/** What one message to an agent is answered with: the agent's model, and the functions that the model may call. */
export type Talk = {
  agent: Agent;
  access: ModelAccess;
  means: Means;
  /** The conversation so far; each step is added to it. */
  prompt: LanguageModelV3Prompt;
  functions: readonly ChatFunction[];
  /** The JSON Schema that the final answer has to fit. */
  schema?: Record<string, unknown>;
  onStep: (step: ChatStep) => void;
  /** What the model took so far, also where the talk fails later. */
  bill: Bill;
  signal: AbortSignal;
};

/** What a model took; nothing where it wasn't asked, or no answer came. */
export type Bill = { usage?: Usage };

/** After so many turns in which it called functions, a model is stopped. */
const MOST_TURNS = 12;
const TURN_MS = 180_000;
const LONGEST_ANSWER = 40_000;
/** The most characters that a model says in one turn: as many as a person's message may have. */
export const LONGEST_REPLY = 100_000;
const LONGEST_INPUT = 500_000;
const MAX_DEPTH = 64;

type Turn = { text: string; spoken: SpokenReply; calls: FunctionCall[]; result: LanguageModelV3GenerateResult };

/** The input of a function call. Input that is too long or too deep becomes a text, which every function refuses. */
function parsedInput(call: LanguageModelV3ToolCall): unknown {
  if (call.input.length > LONGEST_INPUT) return `(${call.input.length} characters: too long)`;
  try {
    const input: unknown = call.input === '' ? {} : JSON.parse(call.input);
    return depthOf(input, MAX_DEPTH) > MAX_DEPTH ? `(nested deeper than ${MAX_DEPTH} levels)` : input;
  } catch {
    return call.input;
  }
}

function turnOf(result: LanguageModelV3GenerateResult): Turn {
  const spoken = spokenReply(result);
  const turn: Turn = { text: spoken.text.slice(0, LONGEST_REPLY + 1), spoken, calls: [], result };
  for (const part of result.content) {
    if (part.type === 'tool-call')
      turn.calls.push({ id: part.toolCallId, name: part.toolName, input: parsedInput(part) });
  }
  return turn;
}

function optionsOf(talk: Talk, options: LanguageModelV3CallOptions['providerOptions'], signal: AbortSignal) {
  const { temperature, max_tokens } = talk.agent.llm_config;
  const limit = max_tokens ?? talk.access.provider.maxTokens;
  const tools = talk.functions.map(({ name, description, input }) => ({
    type: 'function' as const,
    name,
    description,
    inputSchema: input,
  }));
  const call: LanguageModelV3CallOptions = { prompt: talk.prompt, abortSignal: signal };
  if (options) call.providerOptions = options;
  if (temperature !== undefined) call.temperature = temperature;
  if (limit !== undefined) call.maxOutputTokens = limit;
  if (tools.length > 0) call.tools = tools;
  return call;
}

/** A message on its way to an answer: the talk, and its open model. */
type Exchange = { talk: Talk; language: Awaited<ReturnType<typeof openModel>> };

/** Sends one request to the model. The request's cost is set aside before, and settled after it. */
async function ask({ talk, language }: Exchange): Promise<Turn> {
  const { access, means, prompt, signal, bill } = talk;
  const aside = await means.purse.setAside(() => tokensOf(prompt), signal);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TURN_MS)]);
  try {
    const turn = turnOf(await language.model.doGenerate(optionsOf(talk, language.options, limit)));
    const { usage, content } = turn.result;
    const input_tokens = counted(usage.inputTokens.total, prompt);
    const output_tokens = counted(usage.outputTokens.total, content);
    bill.usage = addUsage(bill.usage, aside.spend({ input_tokens, output_tokens }));
    return turn;
  } catch (error) {
    const problem = signal.aborted ? undefined : modelProblem(limit.aborted ? limit.reason : error, access);
    if (problem?.isFree) aside.release();
    else aside.lose();
    if (signal.aborted) throw new AppError('PROVIDER_ERROR', 'The call was cancelled, so the model was stopped.');
    throw problem ? new AppError(problem.code ?? 'PROVIDER_ERROR', problem.message) : error;
  }
}

async function answerCall(talk: Talk, call: FunctionCall): Promise<string> {
  const known = talk.functions.find((each) => each.name === call.name);
  if (!known) return JSON.stringify({ error: `there is no function "${call.name}"` });
  try {
    const text = JSON.stringify(await known.run(call.input)) ?? 'null';
    return text.length > LONGEST_ANSWER ? `${text.slice(0, LONGEST_ANSWER)}… (cut)` : text;
  } catch (error) {
    if (error instanceof AppError) return JSON.stringify({ error: error.message });
    talk.means.deps.log.error({ error: String(error), function: call.name }, 'a chat function failed');
    return JSON.stringify({ error: 'the function failed' });
  }
}

/** The model's own turn, as the next request repeats it to the model. */
function turnMessage(said: string, calls: readonly FunctionCall[]): LanguageModelV3Prompt[number] {
  // Some providers refuse a turn without content.
  const text = said === '' && calls.length === 0 ? '(no text)' : said;
  return {
    role: 'assistant',
    content: [
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...calls.map(({ id, name, input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName: name, input })),
    ],
  };
}

/** The answer to a function call, as the next request gives it to the model. */
function answerMessage({ id, name }: Pick<FunctionCall, 'id' | 'name'>, text: string): LanguageModelV3Prompt[number] {
  const output = { type: 'text' as const, value: text };
  return { role: 'tool', content: [{ type: 'tool-result', toolCallId: id, toolName: name, output }] };
}

/** Lets the model call functions until it answers without a call. `onStep` gets each step as it comes. */
async function untilAnswer(exchange: Exchange): Promise<Turn> {
  const { talk } = exchange;
  const { model } = talk.access;
  for (let turns = 1; ; turns++) {
    const turn = await ask(exchange);
    const { text, calls, spoken } = turn;
    if (spoken.refusal !== undefined)
      throw new AppError('PROVIDER_ERROR', `The model "${model}" refused to answer: ${spoken.refusal}.`);
    talk.prompt.push(turnMessage(text, calls));
    talk.onStep({ role: 'assistant', text, calls });
    if (calls.length === 0) return turn;
    for (const call of calls) {
      const answer = await answerCall(talk, call);
      talk.prompt.push(answerMessage(call, answer));
      talk.onStep({ role: 'tool', call, text: answer });
    }
    if (turns === MOST_TURNS)
      throw new AppError(
        'PROVIDER_ERROR',
        `The model "${model}" called functions in ${MOST_TURNS} turns and gave no answer. Ask for less in one message.`,
      );
  }
}

/** What an answer is understood as, or what is wrong with it, in words by which the model can correct it. */
export type Understood<T> = { value: T } | { problem: string };
/** Reads a reply. `quotes` tells the answers that the model only quotes: from what functions told it, or from the person. */
export type Understand<T> = (text: string, quotes: Quotes) => Understood<T> | Promise<Understood<T>>;

/** What others told the model so far: functions, and the person, who may have quoted somebody. */
function toldBy(prompt: LanguageModelV3Prompt): unknown[] {
  return prompt.flatMap(({ role, content }) => (role === 'tool' || role === 'user' ? [...content] : []));
}

async function understood<T>(
  { talk }: Exchange,
  { text, spoken }: Turn,
  understand: Understand<T>,
): Promise<Understood<T>> {
  const most = talk.agent.llm_config.max_tokens ?? talk.access.provider.maxTokens;
  const problem = replyProblem(spoken, most, LONGEST_REPLY);
  return problem === undefined ? understand(text, quotesIn(toldBy(talk.prompt))) : { problem };
}

/**
 * Has the model answer a person's message. An answer in which `understand` sees a problem is sent back once.
 *
 * @throws AppError PROVIDER_ERROR where the model can't be asked or gives no usable answer; LIMIT_EXCEEDED at the cap
 */
export async function converse<T>(talk: Talk, understand: Understand<T>): Promise<{ text: string; value: T }> {
  const exchange: Exchange = { talk, language: await openModel(talk.access, talk.means.deps) };
  let turn = await untilAnswer(exchange);
  let read = await understood(exchange, turn, understand);
  if ('problem' in read) {
    const correction = `That answer can't be used: ${read.problem}. Give the whole answer again.`;
    talk.prompt.push({ role: 'user', content: [{ type: 'text', text: correction }] });
    turn = await untilAnswer(exchange);
    read = await understood(exchange, turn, understand);
  }
  if ('problem' in read)
    throw new AppError(
      'PROVIDER_ERROR',
      `The model "${talk.access.model}" gave no usable answer: ${read.problem}. An earlier answer was already sent back to be corrected. Nothing was kept; send the message again, or change output_schema or llm_config.`,
    );
  return { text: turn.text, value: read.value };
}
