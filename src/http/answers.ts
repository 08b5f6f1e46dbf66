import type { ErrorCode } from '../domain/base/errors.ts';

/** A request that isn't taken: the HTTP status, our own code, and what to do next. Each mount says it in its own shape. */
export type HttpRefusal = {
  status: number;
  code:
    | ErrorCode
    | 'UNAUTHORIZED'
    | 'METHOD_NOT_ALLOWED'
    | 'UNSUPPORTED_MEDIA_TYPE'
    | 'TOO_MANY_REQUESTS'
    | 'NOT_IMPLEMENTED';
  message: string;
  headers?: Record<string, string>;
  details?: unknown;
};

/** Nothing that is served may be kept by a browser or a proxy, or be taken for another type. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** An answer with what every answer says, also one that the libraries of MCP made. */
export function keptNowhere(response: Response): Response {
  const { headers } = response;
  for (const [name, value] of Object.entries(SAFE_HEADERS)) if (!headers.has(name)) headers.set(name, value);
  if (headers.get('cache-control')?.includes('no-store') === false) headers.append('cache-control', 'no-store');
  return response;
}

/** An answer whose body is JSON already. */
export function textAnswer(status: number, json: string, headers: Record<string, string> = {}): Response {
  return new Response(json, { status, headers: { 'content-type': 'application/json', ...SAFE_HEADERS, ...headers } });
}

/** A JSON answer. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return textAnswer(status, JSON.stringify(body), headers);
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...SAFE_HEADERS, ...headers } });
}

/** A refusal in our own shape, as routes give it that are no mount of another API. */
export function plainRefusal({ status, code, message, headers, details }: HttpRefusal): Response {
  const error = { code, message, ...(details === undefined ? {} : { details }) };
  return jsonAnswer(status, { error }, headers);
}

/** A refusal as MCP clients read it: a JSON-RPC error without an id (MCP, Streamable HTTP). */
export function rpcRefusal({ status, code, message, headers }: HttpRefusal): Response {
  return jsonAnswer(status, { jsonrpc: '2.0', id: null, error: { code: -32_000, message, data: { code } } }, headers);
}
