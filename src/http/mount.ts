import type { HttpRefusal } from './answers.ts';
import type { RequestHead } from './guards.ts';
import type { Caller } from './logins.ts';

/** How credentials are given in the header `Authorization`. */
export type LoginScheme = 'Bearer' | 'Token' | 'Basic';

/** A request that passed the guards: `text` is its body, at most 10 MB; `path` its path, which has one reading. */
export type Arrived = { request: Request; path: string; text: string; caller: Caller };

/** A login by something else than `Authorization`: the header that it is in, whose it is, and the refusal without it. */
export type OwnLogin = {
  header: string;
  find: (head: RequestHead) => Promise<Caller | undefined>;
  refusal: HttpRefusal;
};

/**
 * A part of the paths, with its own way of logging in and its own shape of errors: MCP, or the API of another product.
 */
export type Mount = {
  holds: (path: string) => boolean;
  /** How its callers log in; the first is the one that a refusal names. */
  schemes: readonly LoginScheme[];
  /** Its own way of logging in, in the place of tokens. */
  login?: OwnLogin;
  /** Whether its posts are taken from this server's own page alone, whoever sends them. */
  isForPage?: boolean;
  /** Where the path's meaning depends on who calls: the mount that the request is for. */
  of?: (caller: Caller) => Mount;
  /** Whether a body may be compressed with gzip. */
  takesGzip?: boolean;
  refuse: (refusal: HttpRefusal) => Response;
  /** The methods that a path takes; undefined where there is no such path. */
  methodsAt: (path: string, caller: Caller) => readonly string[] | undefined;
  handle: (arrived: Arrived) => Promise<Response>;
};
