import type { XOAuth2Options } from 'nodemailer/lib/xoauth2';
import type { Deps } from '../domain/base/deps.ts';
import { isObject } from '../domain/base/json.ts';
import { requestErrorIn } from './request-error.ts';

/** Where a new access token comes from: the refresh grant of OAuth 2 (RFC 6749, section 6). */
export type TokenRefresh = { url: string; clientId: string; clientSecret?: string; refreshToken: string };

/** A login by a token: one that is given, or one that is fetched for each session. */
export type TokenLogin = { accessToken: string } | { refresh: TokenRefresh };

/** `refused`: another try would fail in the same way. `busy`: the token's server asks to come back. */
type TokenFate = 'refused' | 'busy' | 'unreachable';

/** Why there is no access token, in words that hold nothing of what was sent. */
export class TokenProblem extends Error {
  readonly fate: TokenFate;
  constructor(fate: TokenFate, message: string) {
    super(message);
    this.name = 'TokenProblem';
    this.fate = fate;
  }
}

const ANSWER_MS = 15_000;
const LONGEST_ANSWER = 100_000;
/** What token servers say of a refusal (RFC 6749, section 5.2, and Microsoft). Any other word may be part of a secret. */
const KNOWN_ERRORS: ReadonlySet<string> = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'interaction_required', 'consent_required', 'temporarily_unavailable'],
]);

function form({ clientId, clientSecret, refreshToken }: TokenRefresh): string {
  return new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
  }).toString();
}

async function ask(
  { fetch }: Pick<Deps, 'fetch'>,
  refresh: TokenRefresh,
  ended: AbortSignal | undefined,
): Promise<{ status: number; answer: unknown }> {
  try {
    const response = await fetch(refresh.url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form(refresh),
      signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MS), ...(ended ? [ended] : [])]),
    });
    const text = (await response.text()).slice(0, LONGEST_ANSWER);
    return { status: response.status, answer: parsed(text) };
  } catch (error) {
    const known = requestErrorIn(error);
    if (!known) throw error;
    throw new TokenProblem(known.fate === 'refused' ? 'refused' : 'unreachable', known.message);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A new access token. Throws TokenProblem. */
async function newToken(deps: Pick<Deps, 'fetch'>, refresh: TokenRefresh, ended?: AbortSignal): Promise<string> {
  const { status, answer } = await ask(deps, refresh, ended);
  const { access_token, error } = isObject(answer) ? answer : {};
  if (status < 300 && typeof access_token === 'string' && access_token !== '') return access_token;
  const { host } = new URL(refresh.url);
  const said = typeof error === 'string' && KNOWN_ERRORS.has(error) ? `${status} ${error}` : String(status);
  if (status === 408 || status === 429 || status >= 500)
    throw new TokenProblem('busy', `${host} gives no access token at the moment (${said})`);
  throw new TokenProblem(
    'refused',
    `${host} gave no access token (${said}): sign in again, and set the refresh token anew`,
  );
}

/** The access token of a login: the one that is given, or a new one. Throws TokenProblem. */
export async function accessTokenOf(
  deps: Pick<Deps, 'fetch'>,
  token: TokenLogin,
  ended?: AbortSignal,
): Promise<string> {
  return 'accessToken' in token ? token.accessToken : newToken(deps, token.refresh, ended);
}

/**
 * What the library of SMTP needs for a login by XOAUTH2. It asks for a token, and once more where the server refuses that one.
 * `got` is told each token, and `failed` why there is none.
 */
export function tokenOptions(
  deps: Pick<Deps, 'fetch'>,
  { user, token }: { user: string; token: TokenLogin },
  { got, failed }: { got: (token: string) => void; failed: (problem: unknown) => void },
): XOAuth2Options {
  if ('accessToken' in token) return { user, accessToken: token.accessToken };
  return {
    user,
    provisionCallback: (_user, _renew, callback) => {
      newToken(deps, token.refresh).then(
        (fresh) => {
          got(fresh);
          callback(null, fresh);
        },
        (problem: unknown) => {
          failed(problem);
          callback(problem instanceof Error ? problem : new Error(String(problem)));
        },
      );
    },
  };
}

/** All of a token login that no error may tell. */
export function tokenSecrets(token: TokenLogin): string[] {
  if ('accessToken' in token) return [token.accessToken];
  const { refreshToken, clientSecret = '' } = token.refresh;
  return [refreshToken, clientSecret];
}
