import { onTestFinished } from 'vitest';
import { deskMounts } from '../../src/desk/index.ts';
import { makeToken, type TokenRequest } from '../../src/domain/access/token.ts';
import { SCOPES } from '../../src/domain/base/author.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { type TicketFiles, ticketFilesOf } from '../../src/files/ticket-files.ts';
import { startServing } from '../../src/http/start.ts';
import { homeTokens } from '../../src/process/tokens.ts';
import { type InProcess, inProcess } from './in-process.ts';

// An answer is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;
export type DeskAnswered = { status: number; headers: Headers; text: string; json: Facts };
type Headed = Record<string, string | undefined>;

/** One page that is open: every request with its key, and as a browser sends it from there. */
export type DeskPage = {
  key: string;
  get: (path: string, headers?: Headed) => Promise<DeskAnswered>;
  post: (path: string, body: unknown, headers?: Headed) => Promise<DeskAnswered>;
  /** The events of its stream, as they come. */
  listen: (signal: AbortSignal) => AsyncGenerator<string>;
};

export type DeskServer = InProcess & {
  url: string;
  /** The time that the server's clock shows: what is added here passes at once. */
  clock: { ahead: number };
  tickets: TicketFiles;
  token: (asked?: Partial<TokenRequest>) => string;
  /** A request as it is written, with nothing of a browser's. */
  send: (method: string, path: string, headers?: Headed, body?: unknown) => Promise<DeskAnswered>;
  /** Opens the desk: for the home's owner, or whoever holds a token. */
  open: (token?: string, kind?: 'desk' | 'passkey') => Promise<DeskPage>;
  /** Opens the desk by a ticket. Gives what came with the key, too. */
  enter: (ticket: string) => Promise<{ page: DeskPage; entry: Facts }>;
};

/** What a browser sends with a post of the page itself. */
export function fromPage(url: string): Record<string, string> {
  return { origin: url, 'sec-fetch-site': 'same-origin' };
}

async function answered(response: Response): Promise<DeskAnswered> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}

function without(headers: Headed): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

async function* eventsOf(response: Response): AsyncGenerator<string> {
  let text = '';
  if (!response.body) return;
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

const EMPTY_PAGE = '<!doctype html><style>p{}</style><script>1</script>';

/** The desk over a house in this process, behind the same door as `countersign serve`, with a clock that the test sets. */
export async function deskServer(
  overrides: Partial<Deps> = {},
  env: Record<string, string> = {},
  page: string | undefined = EMPTY_PAGE,
): Promise<DeskServer> {
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const on = inProcess({ now, ...overrides, env: { ...env } });
  const { house, home } = on;
  const settings = { home, logLevel: 'silent', toolsets: new Set<string>(), readOnly: false, env };
  const options = { port: 0, host: undefined, publicUrl: undefined, trustsProxy: false };
  const assemble = (parts: Parameters<typeof deskMounts>[0]) => deskMounts(parts, page);
  const { url, close } = await startServing({ options, settings, assemble }, house);
  onTestFinished(() => close());
  let written = Promise.resolve();
  const send: DeskServer['send'] = async (method, path, headers = {}, body) => {
    await written;
    const typed = body === undefined ? {} : { 'content-type': 'application/json' };
    const content = typeof body === 'string' ? body : JSON.stringify(body);
    const init = {
      method,
      headers: without({ ...typed, ...headers }),
      ...(body === undefined ? {} : { body: content }),
    };
    return answered(await fetch(`${url}${path}`, init));
  };
  const tickets = ticketFilesOf(home);
  const pageWith = (key: string): DeskPage => ({
    key,
    get: (path, headers = {}) => send('GET', path, { 'x-countersign-key': key, ...headers }),
    post: (path, body, headers = {}) =>
      send('POST', path, { 'x-countersign-key': key, ...fromPage(url), ...headers }, body),
    async *listen(signal) {
      yield* eventsOf(await fetch(`${url}/desk/events`, { headers: { 'x-countersign-key': key }, signal }));
    },
  });
  const enter: DeskServer['enter'] = async (ticket) => {
    const { json } = await send('POST', '/desk/ticket', fromPage(url), { ticket });
    return { page: pageWith(json.key), entry: json };
  };
  return {
    ...on,
    ...{ url, clock, tickets, send, enter },
    token(asked = {}) {
      const request = { name: 'zoe', person: 'p_zoe', scopes: SCOPES, role: 'admin' as const, team: 1, ...asked };
      const { text, token } = makeToken(request, now());
      written = homeTokens(house.store, home).write(token);
      return text;
    },
    async open(token, kind = 'desk') {
      const entry = token && (await send('POST', '/desk/entry', { authorization: `Bearer ${token}` }, {}));
      return (await enter(entry ? entry.json.ticket : tickets.issue({ kind }))).page;
    },
  };
}
