import { AISDKError, APICallError } from '@ai-sdk/provider';
import type { ModelAccess } from '../domain/agents/model-access.ts';
import { AppError, type ErrorCode } from '../domain/base/errors.ts';
import { ANSWERED_OK } from '../net/model-body.ts';
import { spokenError } from '../net/spoken-error.ts';
import { withoutAddresses } from '../net/without-addresses.ts';

/** Why a model gave no answer, in words that say what to do. */
export type ModelProblem = {
  message: string;
  /** Unset for PROVIDER_ERROR. */
  code?: ErrorCode;
  /** Other contacts are likely to get no answer either. */
  isOutage: boolean;
  /** The model did no work, so the call cost nothing. Otherwise nobody knows what it cost. */
  isFree: boolean;
  /** The server refused the request itself, perhaps because it doesn't know a part of it. */
  isRefusal: boolean;
};

const LONGEST_QUOTE = 300;
const LONGEST_READ = 10_000;
const LONGEST_SAID = 200;

/** What the server said, on one line, without the key that a server may repeat, and without addresses behind it. */
function quotedReply(text: string, access: ModelAccess): string {
  const told = withoutAddresses(text.slice(0, LONGEST_READ), new URL(access.base_url).hostname);
  const open = access.key ? told.replaceAll(access.key.value, '…') : told;
  const line = open.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

function keyAdvice({ key, isHome, provider }: ModelAccess): string {
  if (key) return `Put a valid key into ${key.name}.`;
  return isHome || provider.keys.length === 0
    ? 'No key was sent: name a COUNTERSIGN_*_KEY variable that holds one in llm_config.api_key_env.'
    : "No key was sent: the provider's own key goes to another host only when COUNTERSIGN_ALLOW_HOSTS or config.json allowHosts names that host.";
}

function adviceFor(status: number, access: ModelAccess): string {
  if (status === 401 || status === 403) return keyAdvice(access);
  if (status === 404)
    return `Check llm_config.model ("${access.model}")${access.isHome ? '' : ' and llm_config.base_url'}.`;
  if (status === 429) return 'It was asked several times. Lower llm_config.concurrency, or trigger again later.';
  if (status >= 500) return 'It was asked several times. Trigger again later.';
  if (status >= 300 && status < 400)
    return 'Redirects are not followed: set llm_config.base_url to where this one leads.';
  return 'Check llm_config.';
}

/** What a server's refusal says, in its own words; those of the library only where the body has none. */
function refused(error: APICallError, status: number, who: string, access: ModelAccess): ModelProblem {
  const body = error.responseBody ?? '';
  const spoken = spokenError(body);
  const words = quotedReply(spoken?.words ?? error.message, access) || 'no reason given';
  const answeredOk = error.responseHeaders?.[ANSWERED_OK];
  const named = answeredOk === undefined || spoken?.status !== undefined ? status : 'an error';
  const how = answeredOk === undefined ? named : `${named} (in a body of status ${answeredOk})`;
  // What an answer cost that failed in its middle, nobody knows.
  const hasBegun = answeredOk !== undefined && /"(?:choices|usage|candidates|output)"/.test(body);
  return {
    message: `${who} answered ${how}: ${words}. ${adviceFor(status, access)}`,
    isOutage: status !== 400 && status !== 413 && status !== 422,
    isFree: !hasBegun,
    isRefusal: status === 400 || status === 422,
  };
}

/** What a failed call to a model means; undefined for a fault of our own. */
export function modelProblem(error: unknown, access: ModelAccess): ModelProblem | undefined {
  const who = `${access.provider.name} at ${new URL(access.base_url).host}`;
  const base = { isOutage: true, isRefusal: false };
  if (error instanceof AppError)
    return { ...base, isOutage: false, isFree: false, code: error.code, message: `${who}: ${error.message}` };
  const call = APICallError.isInstance(error) ? error : undefined;
  const status = call?.statusCode ?? 200;
  if (call && status >= 300) return refused(call, status, who, access);
  if (error instanceof Error && error.name === 'TimeoutError')
    return {
      ...base,
      isFree: false,
      message: `${who} gave no answer in time (${quotedReply(error.message, access)}).`,
    };
  const isUnsent = error instanceof Error && 'fate' in error && error.fate !== 'unknown';
  if (!call && error instanceof Error && 'fate' in error)
    return { ...base, isFree: isUnsent, message: `${who} can't be reached. ${quotedReply(error.message, access)}` };
  if (call?.statusCode === undefined && call)
    return { ...base, isFree: false, message: `${who} can't be reached: ${quotedReply(call.message, access)}.` };
  if (!AISDKError.isInstance(error)) return undefined;
  const body = quotedReply(call?.responseBody ?? '', access);
  const said = body === '' ? '' : ` It said: ${body.slice(0, LONGEST_SAID)}`;
  return {
    isOutage: false,
    isFree: false,
    isRefusal: false,
    message: `${who} answered something that isn't its protocol: ${quotedReply(error.message, access)}.${said} Check llm_config.provider and llm_config.base_url.`,
  };
}
