import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/base/errors.ts';
import { networkOf } from '../domain/base/url.ts';
import { type HttpRefusal, jsonAnswer, keptNowhere, plainRefusal } from './answers.ts';
import { requestBody } from './body.ts';
import type { FailedLogins } from './failed-logins.ts';
import { checkHost, checkOrigin, checkOwnPage, clientAddress, credentialsOf, plainPath, type Site } from './guards.ts';
import type { Caller, VerifyCaller } from './logins.ts';
import type { Arrived, LoginScheme, Mount } from './mount.ts';

/**
 * What takes no token: it tells nothing of what is inside, or asks for something else in the body, which is read for a POST.
 * A refusal with 401 counts as a failed login.
 */
export type OpenRoute = {
  methods: readonly string[];
  isForPage?: boolean;
  answer: (request: Request, text: string) => Response | HttpRefusal | Promise<Response | HttpRefusal>;
};

export type FrontOptions = {
  site: Site;
  login: VerifyCaller;
  failedLogins: FailedLogins;
  mounts: readonly Mount[];
  /** What a refused login says besides, in `WWW-Authenticate`, where an issuer gives the tokens. */
  challenge: string | undefined;
  /** The routes that take no token, by path. */
  open: ReadonlyMap<string, OpenRoute>;
};

const UNKNOWN: HttpRefusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is nothing at this path. MCP is at /mcp, and /openapi.json lists the rest.',
};

function wrongMethod(methods: readonly string[]): HttpRefusal {
  const allow = methods.join(', ');
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `This path takes ${allow}.`,
    headers: { allow },
  };
}

function tooMany(wait: number): HttpRefusal {
  return {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    message: `Too many logins from here failed. Wait ${wait} s. A right token is let in at any time.`,
    headers: { 'retry-after': String(wait) },
  };
}

function unauthorized({ schemes: [scheme], login }: Mount, challenge: string | undefined): HttpRefusal {
  if (login) return login.refusal;
  if (challenge !== undefined)
    return {
      status: 401,
      code: 'UNAUTHORIZED',
      message: 'This needs a token of the issuer that this server trusts. WWW-Authenticate says where it is described.',
      headers: { 'www-authenticate': challenge },
    };
  return {
    status: 401,
    code: 'UNAUTHORIZED',
    message: `This needs a token of this home, in the header "Authorization: ${scheme ?? 'Bearer'} TOKEN". countersign token add NAME makes one.`,
  };
}

/** Whether a token counts can't be told just now: its file can't be read, or its issuer doesn't answer. */
function unasked(error: unknown): HttpRefusal {
  const waits = { status: 503, headers: { 'retry-after': '60' } };
  if (error instanceof AppError && error.code === 'STORE_ERROR')
    return { ...waits, code: 'STORE_ERROR', message: error.message };
  const why = error instanceof Error ? error.message : String(error);
  const message = `The issuer can't be asked for its keys (${why}). Try again in a minute.`;
  return { ...waits, code: 'PROVIDER_ERROR', message };
}

async function callerBy(head: IncomingMessage, scheme: LoginScheme, login: VerifyCaller): Promise<Caller | undefined> {
  const given = credentialsOf(head, scheme);
  // Basic has the token as the user name, and no password (Segment's HTTP API).
  const token = scheme === 'Basic' && given ? Buffer.from(given, 'base64').toString('utf8').split(':', 1)[0] : given;
  return token === undefined ? undefined : login(token);
}

type Admitted = { caller: Caller; scheme: LoginScheme | undefined; own: Mount };

/** Who calls, and the mount that the request is for; undefined without what the mount's login asks for. */
async function admitted(head: IncomingMessage, mount: Mount, login: VerifyCaller): Promise<Admitted | undefined> {
  if (mount.login) {
    const caller = await mount.login.find(head);
    return caller && { caller, scheme: undefined, own: mount };
  }
  for (const scheme of mount.schemes) {
    const caller = await callerBy(head, scheme, login);
    if (caller) return { caller, scheme, own: mount.of?.(caller) ?? mount };
  }
  return undefined;
}

/** Where nobody else holds a path, it is refused in our own shape, but only to whoever has a token. */
const NOWHERE: Mount = {
  holds: () => true,
  schemes: ['Bearer'],
  refuse: plainRefusal,
  methodsAt: () => undefined,
  handle: async () => plainRefusal(UNKNOWN),
};

function openRouteAt(open: FrontOptions['open'], path: string): OpenRoute | undefined {
  if (path.startsWith('/.well-known/') && !open.has(path))
    return { methods: ['GET', 'HEAD'], answer: () => plainRefusal(UNKNOWN) };
  return open.get(path);
}

type Failing = Pick<FrontOptions, 'site' | 'failedLogins'>;

/** A login that failed: it counts for the network of its address, and too many within a minute have to wait. */
function failedLogin({ site, failedLogins }: Failing, head: IncomingMessage, refusal: HttpRefusal): HttpRefusal {
  const wait = failedLogins.count(networkOf(clientAddress(head, head.socket.remoteAddress, site)));
  return wait === undefined ? refusal : tooMany(wait);
}

async function answerOpenly(failing: Failing, route: OpenRoute, request: Request, head: IncomingMessage) {
  if (!route.methods.includes(request.method)) return plainRefusal(wrongMethod(route.methods));
  const body = request.method === 'POST' ? await requestBody(request, {}) : { text: '' };
  if (!('text' in body)) return plainRefusal(body);
  const answered = await route.answer(request, body.text);
  if (answered instanceof Response) return answered;
  return plainRefusal(answered.status === 401 ? failedLogin(failing, head, answered) : answered);
}

/** The body of a request that may be made, and the answer of its mount. */
async function pass(mount: Mount, request: Request, path: string, caller: Caller): Promise<Response> {
  const methods = mount.methodsAt(path, caller);
  if (methods === undefined) return mount.refuse(UNKNOWN);
  if (!methods.includes(request.method)) return mount.refuse(wrongMethod(methods));
  const body = await requestBody(request, mount);
  if (!('text' in body)) return mount.refuse(body);
  const arrived: Arrived = { request, path, text: body.text, caller };
  return mount.handle(arrived);
}

/**
 * The one door for every request, in the order of the contract: Host, Origin, token, path, method, type, size. What is
 * behind it gets only what passed all of them.
 */
export function createFront({ site, login, failedLogins, mounts, challenge, open }: FrontOptions) {
  const failing = { site, failedLogins };
  async function answer(request: Request, head: IncomingMessage): Promise<Response> {
    const path = plainPath(head);
    // A path of several readings leads nowhere, and is told so in the words of what it begins with.
    const said = path ?? head.url?.split('?', 1)[0] ?? '';
    const mount = mounts.find(({ holds }) => holds(said)) ?? NOWHERE;
    const route = path === undefined ? undefined : openRouteAt(open, path);
    const isForPage = request.method === 'POST' && (route ?? mount).isForPage === true;
    const refusal =
      checkHost(head, site) ?? checkOrigin(head, site) ?? (isForPage ? checkOwnPage(head, site) : undefined);
    if (refusal) return mount.refuse(refusal);
    if (route) return answerOpenly(failing, route, request, head);
    const found = await admitted(head, mount, login).catch((error: unknown) => unasked(error));
    if (found !== undefined && 'status' in found) return mount.refuse(found);
    if (found === undefined) {
      // Who gives no credentials guesses nothing: clients that log in by an issuer ask so at first, to learn where.
      const { authorization } = head.headers;
      const given = mount.login ? head.headers[mount.login.header] : authorization;
      const refused = unauthorized(mount, challenge);
      return mount.refuse(given !== undefined ? failedLogin(failing, head, refused) : refused);
    }
    const { own, scheme, caller } = found;
    if (scheme !== undefined && !own.schemes.includes(scheme)) return own.refuse(unauthorized(own, challenge));
    return path === undefined ? own.refuse(UNKNOWN) : pass(own, request, path, caller);
  }

  return async (request: Request, head: IncomingMessage): Promise<Response> => keptNowhere(await answer(request, head));
}

/** Whether the server lives, and whether its home can be read. Neither says more. */
export function healthRoutes(isReady: () => Promise<boolean>): [string, OpenRoute][] {
  const methods = ['GET', 'HEAD'];
  return [
    ['/healthz', { methods, answer: () => jsonAnswer(200, { status: 'ok' }) }],
    [
      '/readyz',
      {
        methods,
        answer: async () =>
          (await isReady()) ? jsonAnswer(200, { status: 'ready' }) : jsonAnswer(503, { status: 'not ready' }),
      },
    ],
  ];
}
