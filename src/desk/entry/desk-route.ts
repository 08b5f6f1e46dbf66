import type { z } from 'zod';
import type { Person, Scope } from '../../domain/base/author.ts';
import type { House } from '../../engine/base/house.ts';
import type { Caller } from '../../http/logins.ts';
import { checkedBody, checkedQuery } from '../../rest/base/checks.ts';
import type { DeskSession } from './desk-login.ts';

/** One request of the page. `house` is the home as whoever looks at the page sees it. */
export type DeskAsked<Q, B> = {
  house: House;
  by: Person;
  session: DeskSession;
  caller: Caller;
  /** Aborted once the page has gone. */
  signal: AbortSignal;
  /** The parts of the path that vary, decoded. */
  params: Readonly<Record<string, string>>;
  query: Q;
  body: B;
};
export type RawDeskAsked = DeskAsked<URLSearchParams, unknown>;

/** What a route answers: what becomes a JSON body with status 200, or a whole response. */
export type DeskAnswer = Record<string, unknown> | Response;

/** One route below /desk/. Each of the scopes lets somebody call it; none: whoever has a key. */
export type DeskRoute = {
  method: 'GET' | 'POST';
  /** The path below /desk, with `:name` for a part that varies. */
  path: string;
  scopes: readonly Scope[];
  run: (asked: RawDeskAsked) => Promise<DeskAnswer>;
};

/** A route that only looks. */
export function looking<Q extends z.ZodObject>(told: {
  path: string;
  scopes: readonly Scope[];
  query: Q;
  handle: (asked: DeskAsked<z.infer<Q>, unknown>) => Promise<DeskAnswer>;
}): DeskRoute {
  const { path, scopes, query, handle } = told;
  return {
    ...{ method: 'GET', path, scopes },
    run: async (asked) => handle({ ...asked, query: checkedQuery(query, asked.query) }),
  };
}

/** A route that changes something, or asks for more than a query holds. */
export function acting<B extends z.ZodObject>(told: {
  path: string;
  scopes: readonly Scope[];
  body: B;
  handle: (asked: DeskAsked<URLSearchParams, z.infer<B>>) => Promise<DeskAnswer>;
}): DeskRoute {
  const { path, scopes, body, handle } = told;
  return {
    ...{ method: 'POST', path, scopes },
    run: async (asked) => handle({ ...asked, body: checkedBody(body, asked.body) }),
  };
}
