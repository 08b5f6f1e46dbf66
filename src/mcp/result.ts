import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import { valuesIn } from '../domain/base/json.ts';
import { inBundleWords } from '../domain/text/bundle-words.ts';
import { fitting } from '../domain/text/fitting.ts';
import { shortened } from '../domain/text/shortened.ts';

type Facts = Record<string, unknown>;

/** What stands first in every result, in this order: some clients cut the end of a long result off. */
export const FIRST_KEYS = ['warnings', 'next', 'review_token', 'notice'] as const;

function inOrder(facts: Facts): Facts {
  const first = FIRST_KEYS.filter((key) => key in facts).map((key) => [key, facts[key]]);
  return { ...Object.fromEntries(first), ...facts };
}

/** The text of a result: the same facts as its structured content, for clients that read only text. */
export function resultText(facts: Facts): string {
  return JSON.stringify(inOrder(facts));
}

/** A call that succeeded: its structured content, and the same as one text item. */
export function successOf(facts: Facts): CallToolResult {
  return { structuredContent: inOrder(facts), content: [{ type: 'text', text: resultText(facts) }] };
}

/** The most characters of an error: all of it as JSON, its message, and about as many tokens of its details. */
const LONGEST_ERROR = 16_000;
const LONGEST_MESSAGE = 4_000;
const DETAIL_TOKENS = 2_000;
/** Details with more values than this aren't even looked through to be cut. */
const MOST_VALUES = 50_000;

function asJson({ code, message, details }: AppError): string {
  return JSON.stringify({ error: { code, message, ...(details ? { details } : {}) } });
}

/** An error that is small enough for any client: a long message is cut, and so are large details, each saying so. */
function small(error: AppError): AppError {
  const { code, details } = error;
  const message = shortened(error.message, LONGEST_MESSAGE);
  const isVast = valuesIn(details, MOST_VALUES) > MOST_VALUES;
  if (message === error.message && !isVast && asJson(error).length <= LONGEST_ERROR) return error;
  const cut = new AppError(code, message, isVast ? undefined : details && fitting(details, DETAIL_TOKENS));
  return asJson(cut).length <= LONGEST_ERROR ? cut : new AppError(code, message);
}

/** The error that a caller is told: an AppError, kept small. Any other goes to the log, and the caller is told its id. */
export function publicError(error: unknown, deps: Deps): AppError {
  if (error instanceof AppError) {
    const { code, message, details } = small(error);
    return new AppError(code, inBundleWords(message, deps.env), details);
  }
  const id = deps.newId('err');
  deps.log.error(
    { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    'an unforeseen error',
  );
  return new AppError(
    'INTERNAL',
    `Something went wrong inside Countersign. Find ${id} in the log on stderr, and report it; nothing half done is kept.`,
    { id },
  );
}

/** A failed call: no structured content, one text item with the error as JSON. */
export function failureOf(error: AppError): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: asJson(error) }] };
}
