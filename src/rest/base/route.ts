import type { z } from 'zod';
import type { Person, Scope } from '../../domain/base/author.ts';
import type { House } from '../../engine/base/house.ts';
import type { Caller } from '../../http/logins.ts';
import { checkedBody, checkedQuery } from './checks.ts';

export type RestMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One request of a route. `house` is the home as the caller sees it; `params` are the parts of the path, decoded. */
export type RestAsked<Q, B> = {
  house: House;
  by: Person;
  caller: Caller;
  /** Aborted once the client has gone. */
  signal: AbortSignal;
  params: Readonly<Record<string, string>>;
  /** A text of the engine's, which names tools of MCP, in the words of this API. */
  inWords: (text: string) => string;
  query: Q;
  body: B;
};

/** A request whose query and body nothing has checked yet. */
export type RawAsked = RestAsked<URLSearchParams, unknown>;

/** What a route answers: a status and a body of JSON, or a whole response. */
export type RestAnswer = { status: number; body?: unknown; headers?: Record<string, string> } | Response;

/** A shape is made when it is first needed: nothing but `/openapi.json` needs those of answers. */
type Shape = () => z.ZodType;

/** One endpoint of a foreign API: what it takes, what it answers, and what it does. */
export type Route = {
  method: RestMethod;
  /** Below the API's prefix, with `:name` for a part that varies. */
  path: string;
  summary: string;
  /** The tool of MCP that does the same: errors name this route in its place. */
  tool?: string;
  scope: Scope;
  query: z.ZodObject;
  /** What a body is checked by; undefined where none is read. */
  body: z.ZodObject | undefined;
  needsBody: boolean;
  /** The shape of the answer by status; null where it has no body. */
  answers: Readonly<Record<number, Shape | null>>;
  /** The type of the answer, where it isn't JSON. */
  answerType?: string;
  run: (asked: RawAsked) => Promise<RestAnswer>;
};

type RouteTold = Pick<Route, 'method' | 'path' | 'summary' | 'tool' | 'scope' | 'answers' | 'answerType'>;

/** A route without a body. */
export function reading<Q extends z.ZodObject>(
  told: RouteTold & { query: Q; handle: (asked: RestAsked<z.infer<Q>, unknown>) => Promise<RestAnswer> },
): Route {
  const { handle, query, ...rest } = told;
  return {
    ...rest,
    query,
    body: undefined,
    needsBody: false,
    run: async (asked) => handle({ ...asked, query: checkedQuery(query, asked.query) }),
  };
}

/** A route with a body. Where `isOptional`, no body counts as an empty object. */
export function taking<Q extends z.ZodObject, B extends z.ZodObject>(
  told: RouteTold & {
    query: Q;
    body: B;
    isOptional?: boolean;
    handle: (asked: RestAsked<z.infer<Q>, z.infer<B>>) => Promise<RestAnswer>;
  },
): Route {
  const { handle, query, body, isOptional = false, ...rest } = told;
  return {
    ...rest,
    query,
    body,
    needsBody: !isOptional,
    run: async (asked) => {
      const given = asked.body === undefined && isOptional ? {} : asked.body;
      return handle({ ...asked, query: checkedQuery(query, asked.query), body: checkedBody(body, given) });
    },
  };
}

/** A route that reads its body by itself: `body` is the schema that it reads it by. */
export function takingWhole<Q extends z.ZodObject>(
  told: RouteTold & {
    query: Q;
    body: z.ZodObject;
    handle: (asked: RestAsked<z.infer<Q>, unknown>) => Promise<RestAnswer>;
  },
): Route {
  const { handle, query, body, ...rest } = told;
  return {
    ...rest,
    query,
    body,
    needsBody: true,
    run: async (asked) => handle({ ...asked, query: checkedQuery(query, asked.query) }),
  };
}
