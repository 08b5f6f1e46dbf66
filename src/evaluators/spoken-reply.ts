import type { LanguageModelV3GenerateResult } from '@ai-sdk/provider';
import { isObject } from '../domain/base/json.ts';
import { LONGEST_HEARD, withoutReasoning } from './without-reasoning.ts';

/** What a model said for others to hear, and what kind of reply it is. */
export type SpokenReply = {
  /** Without reasoning. Empty where the model refused, and where it only reasoned. */
  text: string;
  hadReasoning: boolean;
  /** The reply is so long that it isn't read. */
  isEndless: boolean;
  /** The reply ended at the limit of tokens. */
  isCut: boolean;
  /** The words of a refusal, of the model's or of its provider's filter; undefined where there is none. */
  refusal: string | undefined;
};

const LONGEST_REFUSAL = 300;

function itemsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts under `refusal` in an answer's body, by the formats of OpenAI. */
function refusalsIn(body: unknown): string[] {
  if (!isObject(body)) return [];
  const messages = itemsOf(body.choices).map(({ message }) => (isObject(message) ? message.refusal : undefined));
  const parts = itemsOf(body.output).flatMap(({ content }) => itemsOf(content).map(({ refusal }) => refusal));
  return [...messages, ...parts].filter((words) => typeof words === 'string').filter((words) => words.trim() !== '');
}

/** The words of a refusal. A filter that stopped an answer in its middle leaves text, which isn't told: it was stopped. */
function refusalOf({ finishReason, response }: LanguageModelV3GenerateResult): string | undefined {
  const words = refusalsIn(response?.body).join(' ').replace(/\s+/g, ' ').trim();
  if (words !== '') return words.slice(0, LONGEST_REFUSAL);
  if (finishReason.unified !== 'content-filter') return undefined;
  return `the provider's reason is ${JSON.stringify(finishReason.raw ?? 'content-filter').slice(0, LONGEST_REFUSAL)}`;
}

/** Reads what a model's reply says, by any of the wire formats (contract, section 4). */
export function spokenReply(result: LanguageModelV3GenerateResult): SpokenReply {
  const said = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const bare = withoutReasoning(said);
  const refusal = refusalOf(result);
  return {
    text: refusal === undefined ? bare.text : '',
    hadReasoning: bare.hadReasoning || result.content.some(({ type }) => type === 'reasoning'),
    isEndless: bare.isEndless === true,
    isCut: result.finishReason.unified === 'length',
    refusal,
  };
}

/**
 * What a cut, endless or empty reply, or one of reasoning alone, lacks, in words by which the model can do better. `limit`:
 * its tokens; `longest`: the most characters that it may have.
 */
export function replyProblem(
  { text, hadReasoning, isEndless, isCut }: SpokenReply,
  limit: number | undefined,
  longest = LONGEST_HEARD,
): string | undefined {
  if (isCut) return `it was cut off at ${limit === undefined ? 'the most' : limit} tokens: be shorter`;
  if (isEndless) return `it was longer than ${longest} characters`;
  if (text.trim() !== '') return undefined;
  return hadReasoning ? 'it was reasoning alone, without an answer' : 'it was empty';
}
