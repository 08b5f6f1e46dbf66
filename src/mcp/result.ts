import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';

/** The text of a result: the same facts as its structured content, for clients that read only text. */
export function resultText(structured: Record<string, unknown>): string {
  return JSON.stringify(structured);
}

export function successOf(structured: Record<string, unknown>): CallToolResult {
  return { structuredContent: structured, content: [{ type: 'text', text: resultText(structured) }] };
}

/** What a caller is told of any error; what nobody foresaw goes to the log under an id. */
export function publicError(error: unknown, deps: Deps): AppError {
  if (error instanceof AppError) return error;
  const id = deps.newId('err');
  deps.log.error(
    { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    'an unforeseen error',
  );
  return new AppError(
    'INTERNAL',
    `Something went wrong inside Countersign. Find ${id} in its log (stderr) and report it; nothing half done is kept.`,
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
