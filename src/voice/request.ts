import type { VoiceAccess } from '../domain/agents/voice.ts';
import { answerWithinMs } from '../evaluators/language-model.ts';
import { PATIENCE, patientFetch } from '../net/patient-fetch.ts';
import { spokenError } from '../net/spoken-error.ts';
import { withoutAddresses } from '../net/without-addresses.ts';
import { StepFailed, type StepMeans } from './step.ts';

const STEP_MS = 180_000;
const LONGEST_QUOTE = 300;
/** The most bytes of an error that are read: what it says stands in its beginning. */
const MOST_ERROR_BYTES = 64 << 10;

export type VoiceRequest = {
  /** Below the base URL. */
  path: string;
  headers: Record<string, string>;
  body: FormData | Uint8Array<ArrayBuffer> | string;
  /** The most bytes of an answer. */
  maxBytes: number;
};

/** Who is asked, in words. */
export function whoOf({ service, base_url }: VoiceAccess): string {
  return `${service.name} at ${new URL(base_url).host}`;
}

/** What a server said, on one line, without the key that it may repeat, and without addresses behind it. */
export function quotedWords(text: string, { base_url, key }: VoiceAccess): string {
  const told = withoutAddresses(text.slice(0, 10_000), new URL(base_url).hostname);
  const open = key ? told.replaceAll(key.value, '…') : told;
  const line = open.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

function adviceFor(status: number, { key, step, model }: VoiceAccess): string {
  if (status === 401 || status === 403)
    return key
      ? `Put a valid key into ${key.name}.`
      : `No key was sent: a key goes to another host only when COUNTERSIGN_ALLOW_HOSTS or config.json allowHosts names that host${step === 'realtime' ? '' : `; voice.${step}_api_key_env names its variable`}.`;
  if (status === 404) return `Check voice.${step}_base_url and the model "${model}".`;
  if (status === 429 || status >= 500) return 'It was asked several times. Try again later.';
  if (status >= 300 && status < 400)
    return `Redirects are not followed: set voice.${step}_base_url to where this one leads.`;
  return 'Check voice of the agent.';
}

/** Reads a body to its end, within limits of size and time. */
async function bodyOf(
  answer: Response,
  most: { bytes: number; ms: number },
): Promise<{ bytes: Buffer; isCut: boolean }> {
  const reader = answer.body?.getReader();
  if (!reader) return { bytes: Buffer.alloc(0), isCut: false };
  const pieces: Uint8Array[] = [];
  let size = 0;
  let late: Error | undefined;
  const timer = setTimeout(() => {
    late = new DOMException(`its answer didn't end within ${most.ms / 1000} s`, 'TimeoutError');
    reader.cancel(late).catch(() => undefined);
  }, most.ms);
  try {
    for (;;) {
      const { value } = await reader.read();
      if (late) throw late;
      if (value === undefined) return { bytes: Buffer.concat(pieces), isCut: false };
      size += value.byteLength;
      if (size > most.bytes) {
        await reader.cancel().catch(() => undefined);
        return { bytes: Buffer.concat(pieces), isCut: true };
      }
      pieces.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function refused(answer: Response, text: string, access: VoiceAccess): StepFailed {
  const words = quotedWords(spokenError(text)?.words ?? text, access) || 'no reason given';
  const advice = adviceFor(answer.status, access);
  return new StepFailed(access, `${whoOf(access)} answered ${answer.status}: ${words}. ${advice}`, true);
}

/** What a request that failed on its way means. */
function unheard(error: unknown, access: VoiceAccess): StepFailed {
  if (error instanceof StepFailed) return error;
  const said = quotedWords(error instanceof Error ? error.message : String(error), access);
  if (error instanceof Error && error.name === 'TimeoutError')
    return new StepFailed(access, `${whoOf(access)} gave no answer in time (${said}).`);
  const isUnsent = error instanceof Error && 'fate' in error && error.fate !== 'unknown';
  const how = isUnsent ? "can't be reached" : 'gave no whole answer';
  return new StepFailed(access, `${whoOf(access)} ${how}: ${said}`, isUnsent);
}

/**
 * Posts to a service, through the guard, with a model's patience, and reads its answer whole.
 *
 * @throws StepFailed in words that say what to do
 */
export async function postToService(means: StepMeans, request: VoiceRequest): Promise<Buffer> {
  const { access, deps, signal } = means;
  const ms = answerWithinMs(deps.env);
  const fetch = patientFetch(deps.fetch, { ...PATIENCE, headersMs: ms }, deps.now);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STEP_MS)]);
  const { path, headers, body, maxBytes } = request;
  try {
    const answer = await fetch(`${access.base_url}${path}`, { method: 'POST', headers, body, signal: limit });
    const most = answer.ok ? maxBytes : MOST_ERROR_BYTES;
    const { bytes, isCut } = await bodyOf(answer, { bytes: most, ms });
    if (!answer.ok) throw refused(answer, bytes.toString('utf8'), access);
    if (isCut)
      throw new StepFailed(
        access,
        `${whoOf(access)} gave an answer of more than ${maxBytes >> 20} MB: it was left unread.`,
      );
    return bytes;
  } catch (error) {
    throw unheard(limit.aborted ? limit.reason : error, access);
  }
}
