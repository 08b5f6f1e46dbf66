import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { mayAnyOf } from '../domain/access/scopes.ts';
import type { Person, Scope } from '../domain/base/author.ts';
import { AppError } from '../domain/base/errors.ts';

/** FORBIDDEN where a caller's token lacks every scope that something takes; undefined where it has one. */
function lackOf(what: string, scopes: readonly Scope[], by: Person): AppError | undefined {
  if (mayAnyOf(by, scopes)) return undefined;
  return new AppError(
    'FORBIDDEN',
    `${what} needs a token with the scope ${scopes.join(' or ')}; this one has ${by.member?.scopes.join(', ') ?? 'none'}. Nothing was done. Whoever keeps this home can make another one: countersign token add NAME --scopes …`,
    { needed_scopes: scopes, scopes: by.member?.scopes },
  );
}

/** Throws FORBIDDEN, naming the missing scope, where a caller may not call a tool. */
export function demandScopeOf(tool: { name: string; scopes: readonly Scope[] }, by: Person): void {
  const lack = lackOf(tool.name, tool.scopes, by);
  if (lack) throw lack;
}

const READ: readonly Scope[] = ['agents:read'];
/** The methods of MCP that read the home: each family begins so. `subscriptions/listen` is told of resources. */
const READING = /^(?:resources|prompts|completion)\//;

/** Why a caller may not read by a method of MCP that is no tool, as the protocol has errors; undefined where they may. */
export function readingLack(method: string, by: Person): ProtocolError | undefined {
  const lack = lackOf(method, READ, by);
  return lack && new ProtocolError(ProtocolErrorCode.InvalidParams, `${lack.code}: ${lack.message}`, lack.details);
}

/**
 * Tells a caller whose token may not read which scope their request lacks. The server declares neither resources nor
 * prompts to them, so that without this the SDK would say that there is no such method.
 */
export function refuseReading({ server }: McpServer, by: Person): void {
  if (mayAnyOf(by, READ)) return;
  server.fallbackRequestHandler = async ({ method }) => {
    const lack = READING.test(method) ? readingLack(method, by) : undefined;
    throw lack ?? new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
  };
}
