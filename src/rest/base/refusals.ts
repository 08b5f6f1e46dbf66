import { TOOLS } from '../../../tools/index.ts';
import { AppError, type ErrorCode } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import type { HttpRefusal } from '../../http/answers.ts';
import type { Route } from './route.ts';

/** The status of each error (contract-http, section 3). 429 is for rates alone. */
const REST_STATUS: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_ERROR: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 422,
  PROVIDER_ERROR: 502,
  STORE_ERROR: 503,
  INTERNAL: 500,
};

/** The details of a PROVIDER_ERROR that names a key or a secret which isn't set here: nobody else was asked then. */
const KEYS = ['llm_config.api_key_env', 'connections.secret_env'];

function restStatus({ code, details }: AppError): number {
  const lacksKey = code === 'PROVIDER_ERROR' && KEYS.some((field) => Object.hasOwn(details ?? {}, field));
  return lacksKey ? 409 : REST_STATUS[code];
}

/** An error as a mount refuses a request with it. */
export function restRefusal(error: AppError): HttpRefusal {
  const { code, message, details } = error;
  return { status: restStatus(error), code, message, ...(details === undefined ? {} : { details }) };
}

/** What changes an agent by MCP has its fields in `changes`; a body of REST has them at its top. */
const UPDATE = /\b(update_agent) \{"changes": (\{[^{}]*\})\}/g;
/** A name of a tool, but not within quotation marks: there stands what people called their own things. */
const NAMED = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|\\b(?:${TOOLS.map(({ name }) => name).join('|')})\\b`, 'g');

/**
 * Puts the texts of the engine into the words of an API: it has tools of MCP in mind, and whoever calls by REST knows paths.
 * A tool that no route stands for is named as one of MCP.
 */
export function apiWords(routes: readonly Pick<Route, 'method' | 'path' | 'tool'>[]): (text: string) => string {
  const ways = new Map(
    routes.flatMap(({ tool, method, path }) => (tool ? [[tool, `${method} ${path}`] as const] : [])),
  );
  const wayOf = (tool: string) => ways.get(tool) ?? `the MCP tool ${tool}`;
  return (text) =>
    text
      .replace(UPDATE, (whole, tool, changes) => (ways.has(tool) ? `${tool} ${changes}` : whole))
      .replace(NAMED, (found) => (found.startsWith('"') ? found : wayOf(found)))
      .replace(/(?<=^|[.!?] )the MCP tool/g, 'The MCP tool');
}

function sayAll(value: unknown, inWords: (text: string) => string): unknown {
  // One word is an id or a name, and no text of the engine's.
  if (typeof value === 'string') return value.includes(' ') ? inWords(value) : value;
  if (Array.isArray(value)) return value.map((item) => sayAll(item, inWords));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sayAll(item, inWords)]));
}

/** An error in the words of an API. Of its details, a row that is shown stays as it is: its texts are data. */
export function toldInWords({ code, message, details = {} }: AppError, inWords: (text: string) => string): AppError {
  const told = Object.entries(details).map(([name, value]): [string, unknown] => {
    const isOurs = typeof value === 'string' || name === 'ways';
    return [name, isOurs ? sayAll(value, inWords) : value];
  });
  return new AppError(code, inWords(message), told.length === 0 ? undefined : Object.fromEntries(told));
}
