import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';

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

/** The error that a caller is told: an AppError as it is. Any other goes to the log, and the caller is told its id. */
export function publicError(error: unknown, deps: Deps): AppError {
  if (error instanceof AppError) return error;
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
  const { code, message, details } = error;
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify({ error: { code, message, ...(details ? { details } : {}) } }) }],
  };
}
