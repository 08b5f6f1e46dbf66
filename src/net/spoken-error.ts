import { isObject } from '../domain/base/json.ts';

/** An error that a body tells of, whatever its HTTP status: the server's words, and the status that the error names. */
export type SpokenError = {
  words: string;
  /** From 400 to 599; undefined where the error names none. */
  status: number | undefined;
};

/** What a body has that answers a question, by any of the wire formats. */
const ANSWERS = ['choices', 'content', 'output', 'candidates', 'promptFeedback'];
const WORDS = ['message', 'error_message', 'error_msg', 'msg', 'detail', 'error_description', 'status_msg', 'title'];
const NUMBERS = ['code', 'status', 'status_code', 'statusCode', 'http_code', 'http_status', 'error_code'];
/** Ends of an answer that say that the server failed in the middle of it. */
const FAILED_ENDS = ['error', 'insufficient_system_resource'];

/** The statuses that servers name in words, most of them as `type`, `code` or Google's `status`. */
const NAMES: readonly [RegExp, number][] = [
  [/rate.?limit|too.?many.?requests|resource.?exhausted|quota|throttl|billing.?limit/i, 429],
  [
    /overloaded|unavailable|capacity|server.?busy|is busy|(?:currently|still) loading|try again (?:later|shortly)/i,
    503,
  ],
  [/time.?out|timed out|deadline.?exceeded/i, 504],
  [/internal|server.?error|api_error|bad.?gateway|upstream/i, 500],
  [/unauthenticated|authentication|unauthorized|(?:invalid|incorrect|missing).?api.?key/i, 401],
  [/permission|forbidden/i, 403],
  [/not.?found|does not exist/i, 404],
  [/too.?large/i, 413],
];
/** What some gateways put around a body. */
const WRAPPERS = ['data', 'result', 'response', 'body', 'payload'];
/** The most characters of a plain text that may be an error; a longer one is something else. */
const LONGEST_TEXT = 4_000;
/** The most parts of an event stream that are looked at for an error. */
const MOST_LINES = 2_000;
const NUMBER_FIRST = /^\W{0,3}([45]\d\d)\b/;
const NUMBER_IN_WORDS = /\b(?:code|status|http|error)\W{0,3}(?:code\W{0,2})?([45]\d\d)\b/i;

function asStatus(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{3}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 400 && number < 600 ? number : undefined;
}

function statusIn(places: readonly Record<string, unknown>[], words: string): number | undefined {
  for (const place of places)
    for (const key of NUMBERS) {
      const status = asStatus(place[key]);
      if (status !== undefined) return status;
    }
  const named = places
    .flatMap((place) => [place.type, place.code, place.status, place.error_type])
    .filter((it) => typeof it === 'string');
  for (const text of [named.join(' '), words]) for (const [name, status] of NAMES) if (name.test(text)) return status;
  return asStatus((NUMBER_FIRST.exec(words) ?? NUMBER_IN_WORDS.exec(words))?.[1]);
}

function wordsIn(place: Record<string, unknown>): string | undefined {
  for (const key of WORDS) {
    const words = place[key];
    if (typeof words === 'string' && words.trim() !== '') return words;
  }
  return undefined;
}

/** The part of a body that says what went wrong; undefined where nothing in it says so. */
function faultIn(body: Record<string, unknown>): unknown {
  const { error, errors, base_resp } = body;
  const [first] = Array.isArray(errors) ? errors : [];
  const fault = error ?? first;
  if (isObject(fault) ? Object.values(fault).some(Boolean) : typeof fault === 'string' && fault.trim() !== '')
    return fault;
  if (isObject(base_resp) && typeof base_resp.status_code === 'number' && base_resp.status_code !== 0) return base_resp;
  const [choice] = Array.isArray(body.choices) ? body.choices : [];
  if (isObject(choice) && isObject(choice.error)) return choice.error;
  if (isObject(choice) && FAILED_ENDS.some((end) => end === choice.finish_reason))
    return { message: `the answer ended with ${JSON.stringify(choice.finish_reason)}`, code: 503 };
  if (ANSWERS.some((key) => body[key] !== undefined && body[key] !== null)) return undefined;
  return body.type === 'error' || body.object === 'error' || wordsIn(body) !== undefined ? body : undefined;
}

/** The error in a parsed body; undefined where there is none. */
function errorOf(given: unknown): SpokenError | undefined {
  const whole: unknown = Array.isArray(given) ? given[0] : given;
  if (!isObject(whole)) return undefined;
  const wrapped = WRAPPERS.map((key) => whole[key]).find((it) => isObject(it) && isObject(it.error));
  const body = faultIn(whole) === undefined && isObject(wrapped) ? wrapped : whole;
  const fault = faultIn(body);
  if (typeof fault === 'string') return { words: fault, status: statusIn([body], fault) };
  if (!isObject(fault)) return undefined;
  const raw = isObject(fault.metadata) ? fault.metadata.raw : undefined;
  const inner = typeof raw === 'string' && raw.trim() !== '' ? ` (${raw})` : '';
  const words = `${wordsIn(fault) ?? wordsIn(body) ?? JSON.stringify(fault)}${inner}`;
  return { words, status: statusIn([fault, body], words) };
}

function parsedBody(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The words of a plain text, or of a page's title. */
function plainWords(text: string): string {
  const words = /<(title|h1)\b[^>]{0,100}>([^<]{0,300})/i.exec(text)?.[2] ?? text;
  return words.replace(/\s+/g, ' ').trim();
}

/**
 * The error in a body: some servers and gateways send errors with status 200, as JSON, as an event stream, or as a
 * plain text that names a status. Undefined where there is none.
 */
export function spokenError(text: string): SpokenError | undefined {
  const whole = parsedBody(text);
  if (whole) return errorOf(whole.value);
  if (/^\s*(?:event|data|id|retry|):/.test(text)) {
    let lines = 0;
    for (const [, data = ''] of text.matchAll(/^data:[ \t]*(.*)$/gm)) {
      if (++lines > MOST_LINES) return undefined;
      const error = errorOf(parsedBody(data)?.value);
      if (error) return error;
    }
    return undefined;
  }
  if (text.length > LONGEST_TEXT || /^\s*[[{]/.test(text)) return undefined;
  const words = plainWords(text);
  const status = statusIn([], words);
  return status === undefined ? undefined : { words, status };
}
