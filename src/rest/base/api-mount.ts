import type { z } from 'zod';
import { mayAnyOf } from '../../domain/access/scopes.ts';
import type { Scope } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { DialectName } from '../../domain/dialects/mapping/dialect.ts';
import type { House } from '../../engine/base/house.ts';
import { emptyAnswer, type HttpRefusal, jsonAnswer } from '../../http/answers.ts';
import type { Caller } from '../../http/logins.ts';
import type { Arrived, LoginScheme, Mount } from '../../http/mount.ts';
import { publicError } from '../../mcp/result.ts';
import { jsonBody, MOST_BODY_LEVELS } from './checks.ts';
import { apiWords, restRefusal, toldInWords } from './refusals.ts';
import type { RawAsked, RestAnswer, Route } from './route.ts';
import { decodedParts, routeTable } from './route-table.ts';

/** An API of another product, as it is served here. */
export type ForeignApi = {
  name: DialectName | 'events';
  title: string;
  /** Where it is served; the first is the one that is documented. */
  prefixes: readonly string[];
  scheme: LoginScheme;
  routes: readonly Route[];
  /** What the product documents beside agents, and is not here: 501. Paths below the prefix. */
  neighbours: readonly string[];
  takesGzip?: boolean;
  /** Whether a body may nest as deep as it likes, because its routes look at the depth of each part. */
  takesAnyDepth?: boolean;
  /** The body of an error, in the product's own shape. */
  errorBody: (refusal: HttpRefusal) => Record<string, unknown>;
  errorShape: () => z.ZodType;
  /** What every request has to fulfil beside its route's own schemas. */
  demand?: (asked: RawAsked) => void;
};

/** An API of another product's agents: a token may be made for it. */
export type AgentApi = ForeignApi & { name: DialectName };

const ALL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const NEVER: HttpRefusal = {
  status: 501,
  code: 'NOT_IMPLEMENTED',
  message: 'The product that this API is of has this endpoint; Countersign does not. /openapi.json lists what is here.',
};

function demandScope({ person }: Caller, scope: Scope): void {
  if (mayAnyOf(person, [scope])) return;
  throw new AppError(
    'FORBIDDEN',
    `This token lacks the scope ${scope}. countersign token add NAME --scopes ${scope} makes one that has it.`,
    { scope },
  );
}

/** The part of a path below the prefix, for a mount that was found by it or by the bare `/v1`. */
function belowPrefix(prefixes: readonly string[], path: string): string | undefined {
  const prefix = prefixes.find((item) => path.startsWith(`${item}/`)) ?? '/v1';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length).replace(/\/$/, '') : undefined;
}

/** Refuses whatever changes something in a process that was started to read alone. */
function demandWritable({ isReadOnly }: House, scope: Scope): void {
  if (!isReadOnly || scope === 'agents:read') return;
  throw new AppError(
    'FORBIDDEN',
    'This server was started to read alone (COUNTERSIGN_READ_ONLY=1): it makes, changes, runs and decides nothing.',
    { server: 'read-only' },
  );
}

type Found = { route: Route; params: Record<string, string>; inWords: RawAsked['inWords'] };

function answerTo(
  { demand, takesAnyDepth = false }: ForeignApi,
  { route, params, inWords }: Found,
  { request, text, caller }: Arrived,
  house: House,
): Promise<RestAnswer> {
  demandScope(caller, route.scope);
  demandWritable(house, route.scope);
  const asked: RawAsked = {
    house,
    by: caller.person,
    caller,
    signal: request.signal,
    params: decodedParts(params),
    inWords,
    query: new URL(request.url).searchParams,
    body: jsonBody(text, takesAnyDepth ? Number.POSITIVE_INFINITY : MOST_BODY_LEVELS),
  };
  demand?.(asked);
  return route.run(asked);
}

function responseOf(answer: RestAnswer): Response {
  if (answer instanceof Response) return answer;
  const { status, body, headers } = answer;
  return body === undefined ? emptyAnswer(status, headers) : jsonAnswer(status, body, headers);
}

/** An API served as a part of the paths. `houseOf` gives the home as a caller sees it. */
export function apiMount(api: ForeignApi, houseOf: (caller: Caller) => House): Mount {
  const { prefixes, scheme, neighbours, takesGzip = false } = api;
  const find = routeTable(api.routes);
  const inWords = apiWords(api.routes);
  const isNeighbour = (below: string) => neighbours.some((path) => below === path || below.startsWith(`${path}/`));
  const refuse = (refusal: HttpRefusal) => jsonAnswer(refusal.status, api.errorBody(refusal), refusal.headers);
  return {
    holds: (path) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
    schemes: [scheme],
    takesGzip,
    refuse,
    methodsAt(path) {
      const below = belowPrefix(prefixes, path);
      if (below === undefined) return undefined;
      if (isNeighbour(below)) return ALL_METHODS;
      const found = find(below);
      return found && [...found.byMethod.keys()];
    },
    async handle(arrived) {
      const { path, request, caller } = arrived;
      const found = find(belowPrefix(prefixes, path) ?? '');
      const route = found?.byMethod.get(request.method);
      if (!found || !route) return refuse(NEVER);
      const house = houseOf(caller);
      try {
        const asked = { route, params: found.params, inWords };
        return responseOf(await house.store.oneCall(() => answerTo(api, asked, arrived, house)));
      } catch (error) {
        return refuse(restRefusal(toldInWords(publicError(error, house.deps), inWords)));
      }
    },
  };
}

/** The bare `/v1`: the API of the caller's own token. Whoever has no right token is refused in the shape of the first. */
export function bareMount(mounts: ReadonlyMap<DialectName, Mount>, first: Mount): Mount {
  return {
    ...first,
    holds: (path) => path === '/v1' || path.startsWith('/v1/'),
    schemes: ['Bearer', 'Token'],
    of: ({ dialect }) => mounts.get(dialect) ?? first,
  };
}
