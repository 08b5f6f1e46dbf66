import type { CallToolResult } from '@modelcontextprotocol/client';
import { AppError } from '../../domain/base/errors.ts';
import { bytesOf, isObject } from '../../domain/base/json.ts';
import { visible } from '../../domain/text/visible.ts';
import { requestErrorIn } from '../request-error.ts';
import type { Hide } from './secrets.ts';

/**
 * What came of a call. `refused`: the server answered that the call failed. `not_called`: the tool certainly wasn't
 * called. `unanswered`: the tool may have been called, and nobody can tell what came of it.
 */
export type ToolAnswer = { outcome: 'done' | 'refused' | 'not_called' | 'unanswered'; text: string };

const LONGEST = 500;
/** So much of a text is looked at to show `LONGEST` of it: a result may have megabytes. */
const READ = 4_000;
/** Structured content of more bytes is named and not written out. */
const MOST_STRUCTURED = 65_536;

function cut(text: string, hide: Hide): string {
  const shown = visible(hide(text.trim().slice(0, READ)));
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}

function saidIn({ content = [], structuredContent = {} }: CallToolResult): string {
  let said = '';
  for (const part of content) {
    said += `${said === '' ? '' : '\n'}${part.type === 'text' ? part.text.slice(0, READ) : `[${part.type}]`}`;
    if (said.length > READ) break;
  }
  if (said !== '') return said;
  const isLarge = bytesOf(structuredContent, MOST_STRUCTURED) > MOST_STRUCTURED;
  return isLarge ? '[structured content]' : JSON.stringify(structuredContent);
}

/** What a result says, cut to a length: its text, or else its structured content. */
export function answerOf(result: CallToolResult, hide: Hide): ToolAnswer {
  return { outcome: result.isError ? 'refused' : 'done', text: cut(saidIn(result), hide) };
}

/** The innermost code that an error carries, since fetch wraps the error of the network. */
function codeOf(error: unknown): string | undefined {
  if (!isObject(error) && !(error instanceof Error)) return undefined;
  const inner = 'cause' in error ? codeOf(error.cause) : undefined;
  return inner ?? ('code' in error ? String(error.code) : undefined);
}

/** The HTTP status in an error of the MCP SDK. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error.name === 'ProtocolError') return undefined;
  if (error.name === 'UnauthorizedError') return 401;
  if ('status' in error && typeof error.status === 'number') return error.status;
  // The transport of 2024-11-05 gives it as a code.
  if ('code' in error && typeof error.code === 'number') return error.code;
  const said = /\(HTTP (\d{3})\)/.exec(error.message)?.[1];
  return said === undefined ? undefined : Number(said);
}

function isProtocolError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ProtocolError';
}

/** Codes of failures before anything reached the server. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|NOT_CONNECTED|METHOD_NOT_SUPPORTED_BY_PROTOCOL_VERSION)$|CERT|ERR_TLS|ERR_SSL/;

/** Why a server can't be asked, in words that hold none of its secrets. */
export function callProblem(error: unknown, withinMs: number, hide: Hide): string {
  if (error instanceof AppError) return error.message;
  if (isProtocolError(error)) return `it answered with an error: ${cut(error.message, hide)}`;
  const status = statusOf(error);
  if (status === 401 || status === 403)
    return `it wants authorization (HTTP ${status}): give it in headers.Authorization of its entry`;
  if (status !== undefined) return `it answered HTTP ${status}`;
  const request = requestErrorIn(error);
  if (request && request.cause === undefined) return cut(request.message.replace(/\.$/, ''), hide);
  const code = codeOf(error);
  if (code === 'REQUEST_TIMEOUT') return `it didn't answer within ${withinMs / 1000} s`;
  if (code === 'CONNECTION_CLOSED' || code === 'ERA_NEGOTIATION_FAILED') return 'it ended before it answered';
  if (error instanceof Error && error.name === 'SdkError') return `it answered what can't be used (${code})`;
  return code === undefined ? `it failed: ${cut(String(error), hide)}` : `it can't be reached (${code})`;
}

/** What a failed call means. It counts as not called only where that is certain. */
export function fateOf(error: unknown, withinMs: number, hide: Hide): ToolAnswer {
  const text = callProblem(error, withinMs, hide);
  if (error instanceof AppError) return { outcome: 'not_called', text };
  if (isProtocolError(error)) return { outcome: 'refused', text };
  const status = statusOf(error);
  if (status !== undefined) return { outcome: status < 500 ? 'not_called' : 'unanswered', text };
  const code = codeOf(error) ?? '';
  if (code === 'UNSUPPORTED_RESULT_TYPE')
    return { outcome: 'refused', text: 'it asks for more input, which only a person could give' };
  const isUnsent = NEVER_SENT.test(code) || (error instanceof Error && error.message === 'Not connected');
  return { outcome: isUnsent ? 'not_called' : 'unanswered', text };
}
