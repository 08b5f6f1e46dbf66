import type { Agent, Dispatcher } from 'undici';
import { urlProblem } from '../domain/base/url.ts';
import { capped } from './capped-body.ts';
import { guardedConnector, type Resolve } from './guarded-connect.ts';
import { RequestError, reasonOf, requestErrorIn } from './request-error.ts';
import { marking } from './sent-mark.ts';
import { withoutAddresses } from './without-addresses.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** The only headers that follow a redirect to another origin: any other one might hold a key. */
const HARMLESS_HEADERS = ['accept', 'accept-language', 'user-agent'];

export type FetchLimits = {
  /** Bytes of a response's body, decompressed. */
  maxBytes: number;
  connectMs: number;
  /** Milliseconds until the headers arrive, and between two pieces of the body. */
  silenceMs: number;
  /** Milliseconds for all of a request, redirects and body included. */
  totalMs: number;
};

/** Long enough for a model that thinks long. A caller that wants less passes a signal. */
const LIMITS: FetchLimits = { maxBytes: 16 << 20, connectMs: 10_000, silenceMs: 300_000, totalMs: 600_000 };

export type GuardOptions = Partial<FetchLimits> & {
  /** Hosts, or host:port, that may be reached although their address is private (COUNTERSIGN_ALLOW_HOSTS). */
  allowedHosts: readonly string[];
  resolve?: Resolve;
};

/** One request of a chain of redirects. */
type HttpRequest = {
  url: URL;
  method: string;
  headers: Headers;
  body: Uint8Array | undefined;
  redirect: Request['redirect'];
};
type Client = { fetch: typeof import('undici').fetch; agent: Agent };

async function openClient(options: GuardOptions, limits: FetchLimits): Promise<Client> {
  // The bundler gives a CommonJS module only as its default export.
  const { default: undici } = await import('undici');
  const { Agent, buildConnector, fetch } = undici;
  const connect = guardedConnector(buildConnector, options.allowedHosts, limits.connectMs, options.resolve);
  return { fetch, agent: new Agent({ connect, headersTimeout: limits.silenceMs, bodyTimeout: limits.silenceMs }) };
}

function demandPublic(url: URL, allowed: readonly string[]): void {
  const problem = urlProblem(url.href, allowed);
  if (problem !== undefined) throw new RequestError('refused', `Nothing was sent to ${url.host}: ${problem}.`);
}

/**
 * The request to make after a redirect that may be followed; undefined for any other answer. A body is never sent to a
 * second place.
 */
function nextRequest(request: HttpRequest, response: Response): HttpRequest | undefined {
  const location = response.headers.get('location');
  if (request.redirect === 'manual' || !REDIRECTS.has(response.status) || location === null) return undefined;
  if (request.redirect === 'error') throw new RequestError('unknown', `${request.url.host} answered with a redirect.`);
  if ((request.method !== 'GET' && request.method !== 'HEAD') || !URL.canParse(location, request.url.href))
    return undefined;
  const url = new URL(location, request.url);
  if (url.origin === request.url.origin) return { ...request, url };
  const kept = [...request.headers].filter(([name]) => HARMLESS_HEADERS.includes(name));
  return { ...request, url, headers: new Headers(kept) };
}

/**
 * One signal that aborts with the caller's signal, or at the time limit. `AbortSignal.any` won't do: on Node 20 it may
 * be garbage collected while it is waited for.
 */
function deadline(totalMs: number, outer: AbortSignal | null | undefined) {
  const controller = new AbortController();
  const follow = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${totalMs / 1000} s`)), totalMs);
  timer.unref();
  outer?.addEventListener('abort', follow, { once: true });
  if (outer?.aborted) follow();
  const stop = () => {
    clearTimeout(timer);
    outer?.removeEventListener('abort', follow);
  };
  return { signal: controller.signal, stop };
}

function failure(url: URL, error: unknown, isSent: boolean, signal: AbortSignal): RequestError {
  const known = requestErrorIn(error);
  if (known) return known;
  const cause: unknown = signal.aborted ? signal.reason : error;
  const reason = withoutAddresses(reasonOf(cause), url.hostname);
  const failed = isSent
    ? new RequestError('unknown', `The request to ${url.host} was sent, but got no answer: ${reason}.`, cause)
    : new RequestError('not_sent', `Nothing was sent to ${url.host}: ${reason}.`, cause);
  // Callers of fetch recognize their own abort by its name.
  if (cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError'))
    failed.name = cause.name;
  return failed;
}

async function send(client: Client, request: HttpRequest, signal: AbortSignal): Promise<Response> {
  let isSent = false;
  const dispatcher: Dispatcher = client.agent.compose(
    marking(() => {
      isSent = true;
    }),
  );
  const { url, method, body, headers } = request;
  try {
    const answer = await client.fetch(url, {
      method,
      headers: [...headers],
      redirect: 'manual',
      signal,
      dispatcher,
      ...(body === undefined ? {} : { body }),
    });
    const { status, statusText } = answer;
    return new Response(answer.body, { status, statusText, headers: [...answer.headers] });
  } catch (error) {
    throw failure(url, error, isSent, signal);
  }
}

/**
 * A request with a text or without a body, as most are. A `Request` would make a stream of the text, which would then
 * have to be read out again.
 */
function textRequest(url: URL, init: RequestInit | undefined): HttpRequest {
  const headers = new Headers(init?.headers);
  const text = typeof init?.body === 'string' ? init.body : undefined;
  if (text !== undefined && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  const body = text === undefined ? undefined : new TextEncoder().encode(text);
  return { url, method: init?.method?.toUpperCase() ?? 'GET', headers, body, redirect: init?.redirect ?? 'follow' };
}

async function requestOf(input: string | URL | Request, init: RequestInit | undefined): Promise<HttpRequest> {
  const text = input instanceof Request ? input.url : String(input);
  if (!URL.canParse(text)) throw new RequestError('refused', 'Nothing was sent: not a URL.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new RequestError('refused', 'Nothing was sent: a URL may not carry a user name or password.');
  if (!(input instanceof Request) && (init?.body == null || typeof init.body === 'string'))
    return textRequest(url, init);
  const request = new Request(input, init);
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const { method, headers, redirect } = request;
  return { url, method, headers, body, redirect };
}

/**
 * The one way out for HTTP: a `fetch` that reaches only public addresses and the hosts that the person allowed, over
 * http(s), within limits of time and size. It follows redirects of GET and HEAD, and checks each new URL like the
 * first. It returns any other redirect as it came. Throws RequestError. Loads undici at the first request.
 */
export function createGuardedFetch(options: GuardOptions): typeof globalThis.fetch {
  const { allowedHosts: _hosts, resolve: _resolve, ...given } = options;
  const limits: FetchLimits = { ...LIMITS, ...given };
  let client: Promise<Client> | undefined;
  return async (input, init) => {
    const first = await requestOf(input, init);
    demandPublic(first.url, options.allowedHosts);
    client ??= openClient(options, limits);
    const opened = await client;
    const { signal, stop } = deadline(limits.totalMs, init?.signal ?? (input instanceof Request ? input.signal : null));
    try {
      let request = first;
      for (let hops = 0; ; hops++) {
        const response = await send(opened, request, signal);
        const next = nextRequest(request, response);
        if (!next) return capped(response, request.url, limits.maxBytes, stop);
        await response.body?.cancel();
        if (hops === MAX_REDIRECTS)
          throw new RequestError('unknown', `${first.url.host} redirects too often: ${MAX_REDIRECTS} are followed.`);
        demandPublic(next.url, options.allowedHosts);
        request = next;
      }
    } catch (error) {
      stop();
      throw error;
    }
  };
}
