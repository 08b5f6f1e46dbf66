import { isInForce, isTokenId, isTokenOf, type Token, tokenIdIn } from '../domain/access/token.ts';
import type { Person } from '../domain/base/author.ts';
import { AppError } from '../domain/base/errors.ts';
import type { DialectName } from '../domain/dialects/mapping/dialect.ts';
import type { TokenFiles } from '../files/token-files.ts';

/** How long a token's file isn't read again: what was revoked counts no more after that. */
const KNOWN_MS = 400;

/**
 * Who a request is from. `key` names the token, or the person of an issuer: limits, sessions and open streams are bound to
 * it. `isInForce` says whether it still counts; where that can't be told, it doesn't. It never throws: it is asked by a timer.
 */
export type Caller = {
  key: string;
  person: Person;
  dialect: DialectName;
  isInForce: () => boolean;
  /** Where an issuer vouches for the caller: which one, until when (in ms), and in which of the groups that config.json names. */
  vouched?: Vouched;
};
export type Vouched = { by: string; until: number; groups: readonly string[] };
/** Who logged in before, as far as it takes to know them again: what a page key carries of its holder. */
export type Holder = Pick<Caller, 'key' | 'person' | 'vouched'>;

/**
 * Finds out who credentials are of; undefined where they are nobody's. Throws where that can't be told just now: AppError
 * STORE_ERROR by the home's own files, another error by the issuer. Nothing in it is secret: the client reads it.
 */
export type VerifyCaller = (credentials: string) => Promise<Caller | undefined>;

/** How people log in, and how someone who did is known again without the credentials: with what they may do now. */
export type Logins = { verify: VerifyCaller; again: (holder: Holder) => Caller | undefined };

/** Tokens by their ids. `refresh` looks for those that were made a moment ago, where they aren't read each time. */
type KnownTokens = Pick<TokenFiles, 'read'> & { refresh?: () => Promise<void> };
type TokenLoginTerms = { report: (error: unknown) => void; now?: () => number; knownMs?: number };

/** Finds the tokens of a home by their ids. `report` gets why a file can't be read, which no client is told. */
function tokenFinder(files: Pick<TokenFiles, 'read'>, { report, now = Date.now, knownMs = KNOWN_MS }: TokenLoginTerms) {
  const known = new Map<string, { token: Token | undefined; at: number }>();

  function find(id: string): Token | undefined {
    const found = known.get(id);
    const age = found ? now() - found.at : knownMs;
    // A clock that was set back makes nothing younger.
    if (found && age >= 0 && age < knownMs) return found.token;
    // Whoever tries ids that there aren't would fill the memory.
    if (known.size > 1_000) known.clear();
    const token = files.read(id);
    known.set(id, { token, at: now() });
    return token;
  }

  /** The token with an id, where it is in force; `unread` where its file can't be read. */
  return function look(id: string): Token | undefined | 'unread' {
    try {
      const token = find(id);
      return token !== undefined && isInForce(token, new Date(now())) ? token : undefined;
    } catch (error) {
      report(error);
      return 'unread';
    }
  };
}

/** The login by the tokens of a home. `report` gets why a token's file can't be read, which no client is told. */
export function tokenLogins(files: KnownTokens, terms: TokenLoginTerms): Logins {
  const look = tokenFinder(files, terms);

  /** Throws STORE_ERROR where the token's file can't be read. */
  function inForce(id: string): Token | undefined {
    const token = look(id);
    if (token !== 'unread') return token;
    throw new AppError('STORE_ERROR', "This token's file can't be read now. The server's log says why.");
  }

  function tokenCaller({ id, name, person, role, team, scopes, dialect = 'pathbound' }: Token): Caller {
    const isOpen = () => typeof look(id) === 'object';
    return { key: id, person: { user: name, member: { id: person, role, team, scopes } }, dialect, isInForce: isOpen };
  }

  return {
    async verify(credentials) {
      const id = tokenIdIn(credentials);
      if (id !== undefined && inForce(id) === undefined) await files.refresh?.();
      const token = id === undefined ? undefined : inForce(id);
      return token !== undefined && isTokenOf(credentials, token) ? tokenCaller(token) : undefined;
    },
    again({ key, vouched }) {
      const token = vouched === undefined && isTokenId(key) ? inForce(key) : undefined;
      return token && tokenCaller(token);
    },
  };
}
