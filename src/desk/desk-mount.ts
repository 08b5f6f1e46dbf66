import { mayAnyOf } from '../domain/access/scopes.ts';
import type { Scope } from '../domain/base/author.ts';
import { AppError } from '../domain/base/errors.ts';
import type { House } from '../engine/base/house.ts';
import { jsonAnswer, plainRefusal } from '../http/answers.ts';
import type { Caller } from '../http/logins.ts';
import type { Arrived, Mount } from '../http/mount.ts';
import { publicError } from '../mcp/result.ts';
import { jsonBody } from '../rest/base/checks.ts';
import { restRefusal } from '../rest/base/refusals.ts';
import { decodedParts, routeTable } from '../rest/base/route-table.ts';
import type { DeskLogin } from './entry/desk-login.ts';
import type { DeskAnswer, DeskRoute } from './entry/desk-route.ts';

const PREFIX = '/desk';

function demandAnyOf({ person }: Caller, scopes: readonly Scope[]): void {
  if (scopes.length === 0 || mayAnyOf(person, scopes)) return;
  const needed = scopes.join(' or ');
  throw new AppError('FORBIDDEN', `Your token lacks the scope ${needed}, so this isn't for you to do or see.`, {
    scope: needed,
  });
}

/** Refuses whatever changes something in a process that was started to read alone. */
function demandActing({ isReadOnly }: House, method: DeskRoute['method']): void {
  if (!isReadOnly || method === 'GET') return;
  throw new AppError(
    'FORBIDDEN',
    'This server was started to read alone (COUNTERSIGN_READ_ONLY=1): nothing can be decided here.',
    {
      server: 'read-only',
    },
  );
}

export type DeskMountOptions = {
  login: DeskLogin;
  routes: readonly DeskRoute[];
  /** The home as a caller sees it. */
  houseOf: (caller: Caller) => House;
};

/** Everything below `/desk/` that takes a page key. */
export function deskMount({ login, routes, houseOf }: DeskMountOptions): Mount {
  const find = routeTable(routes);
  const below = (path: string) => path.slice(PREFIX.length);

  async function answered({ request, path, text, caller }: Arrived, house: House): Promise<DeskAnswer> {
    const found = find(below(path));
    const route = found?.byMethod.get(request.method);
    if (!found || !route) throw new AppError('NOT_FOUND', 'There is nothing at this path.');
    demandAnyOf(caller, route.scopes);
    demandActing(house, route.method);
    return route.run({
      ...{ house, by: caller.person, session: login.sessionOf(caller), caller, signal: request.signal },
      params: decodedParts(found.params),
      query: new URL(request.url).searchParams,
      body: jsonBody(text),
    });
  }

  return {
    holds: (path) => path === PREFIX || path.startsWith(`${PREFIX}/`),
    schemes: [],
    login,
    isForPage: true,
    refuse: plainRefusal,
    methodsAt(path) {
      const found = find(below(path));
      return found && [...found.byMethod.keys()];
    },
    async handle(arrived) {
      const house = houseOf(arrived.caller);
      try {
        const answer = await house.store.oneCall(() => answered(arrived, house));
        return answer instanceof Response ? answer : jsonAnswer(200, answer);
      } catch (error) {
        return plainRefusal(restRefusal(publicError(error, house.deps)));
      }
    },
  };
}
