import { AISDKError, APICallError } from '@ai-sdk/provider';
import type { ModelAccess } from '../domain/agents/model-access.ts';

/** Why a model gave no answer, in words that say what to do. */
export type ModelProblem = {
  message: string;
  /** Other contacts are likely to get no answer either. */
  isOutage: boolean;
  /** The model did no work, so the call cost nothing. Otherwise nobody knows what it cost. */
  isFree: boolean;
  /** The server refused the request itself, perhaps because it doesn't know a part of it. */
  isRefusal: boolean;
};

const LONGEST_QUOTE = 300;

/** What the server said, on one line, without the key that a server may repeat. */
function quotedReply(text: string, access: ModelAccess): string {
  const open = access.key ? text.replaceAll(access.key.value, '…') : text;
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

function refused(error: APICallError, status: number, who: string, access: ModelAccess): ModelProblem {
  return {
    message: `${who} answered ${status}: ${quotedReply(error.message, access) || 'no reason given'}. ${adviceFor(status, access)}`,
    isOutage: status !== 400 && status !== 413 && status !== 422,
    isFree: true,
    isRefusal: status === 400 || status === 422,
  };
}

/** What a failed call to a model means; undefined for a fault of our own. */
export function modelProblem(error: unknown, access: ModelAccess): ModelProblem | undefined {
  const who = `${access.provider.name} at ${new URL(access.base_url).host}`;
  const base = { isOutage: true, isRefusal: false };
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
  return {
    isOutage: false,
    isFree: false,
    isRefusal: false,
    message: `${who} answered something that isn't its protocol: ${quotedReply(error.message, access)}. Check llm_config.provider and llm_config.base_url.`,
  };
}
