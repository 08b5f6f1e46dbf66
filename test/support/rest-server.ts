import { IncomingMessage } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, onTestFinished } from 'vitest';
import { makeToken, type TokenRequest } from '../../src/domain/access/token.ts';
import { SCOPES } from '../../src/domain/base/author.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { limitedHouse } from '../../src/engine/base/limited-house.ts';
import { tokenFilesOf } from '../../src/files/token-files.ts';
import { createFailedLogins } from '../../src/http/failed-logins.ts';
import { createFront } from '../../src/http/front.ts';
import { listen } from '../../src/http/listener.ts';
import { tokenLogins } from '../../src/http/logins.ts';
import { siteOf } from '../../src/http/options.ts';
import { createStreams } from '../../src/http/streams.ts';
import { restMounts } from '../../src/rest/index.ts';
import { type InProcess, inProcess } from './in-process.ts';

type Facts = ReturnType<typeof JSON.parse>;

/** One request: `body` is sent as JSON, `text` as it is. */
export type Sent = {
  token?: string;
  scheme?: string;
  body?: unknown;
  text?: string | Uint8Array;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
export type Got = { status: number; headers: Headers; text: string; json: Facts };

export type RestServer = InProcess & {
  url: string;
  /** A token of all scopes, unless it is asked for otherwise. */
  token: (asked?: Partial<TokenRequest>) => string;
  send: (method: string, path: string, sent?: Sent) => Promise<Got>;
  /** The same by `fetch`, for answers that are streams. */
  open: (method: string, path: string, sent?: Sent) => Promise<Response>;
};

function requestOf(method: string, { token, scheme = 'Bearer', body, text, headers, signal }: Sent): RequestInit {
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
    ...(signal ? { signal } : {}),
  };
}

/** Holds each answer against what `/openapi.json` says of its path, so that neither drifts from the other. */
function documented(document: Facts) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const paths = Object.keys(document.paths).map((path): [RegExp, string] => [
    new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    path,
  ]);
  return (method: string, target: string, { status, json }: Got) => {
    const path = paths.find(([form]) => form.test(target.split('?', 1)[0] ?? ''))?.[1];
    const operation = path === undefined ? undefined : document.paths[path][method.toLowerCase()];
    if (path === undefined || operation === undefined || json === undefined) return;
    const said = operation.responses[status] ? String(status) : 'default';
    const parts = ['paths', path, method.toLowerCase(), 'responses', said, 'content', 'application/json', 'schema'];
    const pointer = parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
    const check = ajv.getSchema(`api#/${pointer.join('/')}`);
    if (!check) throw new Error(`${method} ${path} has no shape for ${status}`);
    if (!check(json))
      expect.fail(`${method} ${target} answers ${status} otherwise than it says: ${ajv.errorsText(check.errors)}`);
  };
}

/** The REST mounts over a house in this process, at a port of their own, behind the same door as `countersign serve`. */
export async function restServer(overrides: Partial<Deps> = {}): Promise<RestServer> {
  const on = inProcess(overrides);
  const { house, home } = on;
  const streams = createStreams();
  const { mounts, open } = restMounts({ house, houseOf: ({ person }) => limitedHouse(house, person), streams, home });
  let answer: ReturnType<typeof createFront> | undefined;
  const listener = getRequestListener(
    async (request, { incoming }) => {
      if (answer === undefined || !(incoming instanceof IncomingMessage)) throw new Error('not ready');
      return answer(request, incoming);
    },
    { overrideGlobalObjects: false },
  );
  const options = { port: 0, host: undefined, publicUrl: undefined, trustsProxy: false };
  const listening = await listen(listener, options);
  onTestFinished(async () => {
    const closed = listening.close();
    listening.drop();
    await closed;
  });
  answer = createFront({
    site: siteOf(options, listening.port),
    login: tokenLogins(tokenFilesOf(home), { report: (error) => on.house.deps.log.error({ error }, 'no token') })
      .verify,
    failedLogins: createFailedLogins(),
    mounts,
    challenge: undefined,
    open: new Map(open),
  });
  const url = `http://127.0.0.1:${listening.port}`;
  const openBy: RestServer['open'] = (method, path, sent = {}) => fetch(`${url}${path}`, requestOf(method, sent));
  const check = documented(await (await openBy('GET', '/openapi.json')).json());
  return {
    ...on,
    url,
    token(asked = {}) {
      const request = { name: 'zoe', person: 'p_zoe', scopes: SCOPES, role: 'owner' as const, team: 1, ...asked };
      const { text, token } = makeToken(request, new Date());
      tokenFilesOf(home).write(token);
      return text;
    },
    open: openBy,
    async send(method, path, sent) {
      const response = await openBy(method, path, sent);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
      const got = {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
      check(method, path, got);
      return got;
    },
  };
}

export type Client = Record<'get' | 'post' | 'patch' | 'delete', (path: string, body?: unknown) => Promise<Got>>;

/** A client of one API: every request with its prefix, its scheme and one token. */
export function clientOf(on: RestServer, prefix: string, token: string, scheme = 'Bearer'): Client {
  const send = (method: string) => (path: string, body?: unknown) =>
    on.send(method, `${prefix}${path}`, { token, scheme, ...(body === undefined ? {} : { body }) });
  return { get: send('GET'), post: send('POST'), patch: send('PATCH'), delete: send('DELETE') };
}
