import { IncomingMessage, type RequestListener } from 'node:http';
import type { House } from '../engine/base/house.ts';
import { limitedHouse } from '../engine/base/limited-house.ts';
import type { HomeServer } from '../files/serve-file.ts';
import { tokenFilesOf } from '../files/token-files.ts';
import { createWatcher, type Watcher } from '../mcp/subscriptions/watcher.ts';
import type { Settings } from '../process/environment.ts';
import { TokenMirror } from '../process/token-mirror.ts';
import { emptyAnswer, jsonAnswer, plainRefusal } from './answers.ts';
import { ClientGone } from './body.ts';
import { createFailedLogins } from './failed-logins.ts';
import { createFront, healthRoutes, type OpenRoute } from './front.ts';
import { issuerIn, issuerLogins } from './issuer-login.ts';
import { type Listening, listen } from './listener.ts';
import { type Caller, type Logins, tokenLogins } from './logins.ts';
import type { Mount } from './mount.ts';
import { linkOf, type ServeOptions, siteOf } from './options.ts';
import { RESOURCE_PATH, resourceRoutes } from './resource-metadata.ts';
import { createStreams, type Streams } from './streams.ts';

/** How long requests under way have to end by themselves, once the server is told to end. */
const DRAIN_MS = 500;
const BEGIN_MS = 1_000;

/** What a part that is served works with. `houseOf` gives the home as a caller sees it. */
export type ServedParts = {
  house: House;
  houseOf: (caller: Caller) => House;
  streams: Streams;
  watcher: Watcher;
  logins: Logins;
  home: string;
  /** The link that people use. It is known once the server listens. */
  link: () => string;
};
/** Such a part: the mounts that ask who calls, routes that don't, and what ends with the server. */
export type Assembled = {
  mounts: readonly Mount[];
  open: readonly (readonly [string, OpenRoute])[];
  close?: () => Promise<void>;
};
export type Assemble = (parts: ServedParts) => Assembled;

export type Starting = {
  options: ServeOptions;
  settings: Settings;
  assemble: Assemble;
  /** Sees every request before it is answered. */
  watch?: RequestListener;
};

/** Whether the process that a home's file names does serve: another program may have its number. */
export async function isServing({ url, local = url }: HomeServer): Promise<boolean> {
  try {
    await fetch(new URL('/healthz', local), { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}

/** A server that answers. `url` is its link for people; `close` ends it within 2 s, and `around` what ends with it. */
export type RunningServer = { port: number; url: string; close: (around?: WhatEnds) => Promise<void> };
/** Ends something, and in the midst of that whatever it is given: the answers that are still open. */
type WhatEnds = (endAnswers: () => Promise<void>) => Promise<unknown>;

async function isReady(house: House): Promise<boolean> {
  try {
    await house.read((view) => view.commits());
    return true;
  } catch {
    return false;
  }
}

function closing(listening: Listening, streams: Streams, { close }: Assembled): RunningServer['close'] {
  const endAnswers = async () => {
    await streams.finish(DRAIN_MS);
    await close?.();
  };
  return async (around = (end) => end()) => {
    const closed = listening.close();
    await around(endAnswers);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    listening.drop();
  };
}

/** Everything that answers requests, and the port at which it listens. Throws the system's error where it can't. */
export async function startServing(
  { options, settings, assemble, watch }: Starting,
  house: House,
): Promise<RunningServer> {
  const { getRequestListener } = await import('@hono/node-server');
  const streams = createStreams();
  const houseOf = ({ person }: Caller) => limitedHouse(house, person);
  let port = options.port;
  const link = () => linkOf(options, port);
  const mirror = house.store.tokens && new TokenMirror(house.store.tokens);
  // A database that is away is waited for no longer: the health of the server is asked meanwhile.
  if (mirror) await Promise.race([mirror.begin(), new Promise((resolve) => setTimeout(resolve, BEGIN_MS).unref())]);
  const { logins, issuer } = loginsOf(settings, house, mirror);
  const watcher = createWatcher(house);
  const parts = assemble({ house, houseOf, streams, watcher, logins, home: settings.home, link });
  let answer: ReturnType<typeof createFront> | undefined;
  const respond = getRequestListener(
    async (request, { incoming }) => {
      if (answer === undefined || !(incoming instanceof IncomingMessage))
        return jsonAnswer(503, { status: 'not ready' });
      return answer(request, incoming);
    },
    { overrideGlobalObjects: false, errorHandler: (error) => failed(error, house) },
  );
  const listening = await listen((request, response) => {
    watch?.(request, response);
    return respond(request, response);
  }, options);
  port = listening.port;
  const described = issuer === undefined ? [] : resourceRoutes(link(), issuer);
  answer = createFront({
    site: siteOf(options, port),
    failedLogins: createFailedLogins(),
    login: logins.verify,
    mounts: parts.mounts,
    challenge: issuer === undefined ? undefined : `Bearer resource_metadata="${link()}${RESOURCE_PATH}"`,
    open: new Map([...healthRoutes(() => isReady(house)), ...parts.open, ...described]),
  });
  const close = closing(listening, streams, parts);
  return { port, url: link(), close: (around) => close(around).finally(() => mirror?.close()) };
}

/** How people log in: by the tokens of the home, or in their place by those of the issuer that the environment names. */
function loginsOf(settings: Settings, house: House, mirror?: TokenMirror): { logins: Logins; issuer?: string } {
  const issuer = issuerIn(settings.env);
  const now = () => house.deps.now().getTime();
  const report = (error: unknown) =>
    house.deps.log.error({ error: error instanceof Error ? error.message : String(error) }, 'a token can’t be read');
  if (issuer === undefined && mirror) return { logins: tokenLogins(mirror, { report, now, knownMs: 0 }) };
  if (issuer === undefined) return { logins: tokenLogins(tokenFilesOf(settings.home), { report, now }) };
  return { logins: issuerLogins(issuer, house.deps.config, now), issuer: issuer.issuer };
}

function failed(error: unknown, house: House): Response {
  if (error instanceof ClientGone) {
    house.deps.log.debug({}, error.message);
    return emptyAnswer(400);
  }
  // Of such a target no URL can be made, so none of the guards gets to see it.
  if (error instanceof Error && error.name === 'RequestError')
    return plainRefusal({ status: 400, code: 'VALIDATION_ERROR', message: 'The path and Host make no URL.' });
  house.deps.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a request failed');
  return jsonAnswer(500, {
    error: { code: 'INTERNAL', message: 'The server failed at this request. Its log says more.' },
  });
}
