import { AppError } from '../domain/base/errors.ts';
import { isVast } from '../domain/base/json.ts';
import { spokenError } from './spoken-error.ts';

/** The most bytes of a model's answer (contract, section 2). */
const MOST_BYTES = 2 << 20;
/** So much of an error's body is passed on: what it says stands in its beginning. */
const MOST_ERROR_BYTES = 256 << 10;
/** No format of answers nests nearly as deep. */
const MOST_LEVELS = 200;
/** A header that marks an answer whose error came with a status of success. */
export const ANSWERED_OK = 'x-countersign-answered-ok';
/** The status of an error that names none: the request isn't repeated. */
const UNNAMED = 400;

async function textOf(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES)
      throw new AppError(
        'LIMIT_EXCEEDED',
        `The model's answer is longer than 2 MB (${MOST_BYTES} bytes), so it was left unread. Set llm_config.max_tokens, or ask for less.`,
      );
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  if (isVast(text, MOST_LEVELS))
    throw new AppError(
      'LIMIT_EXCEEDED',
      `The model's answer nests deeper than ${MOST_LEVELS} levels: it was left unread.`,
    );
  return text;
}

/** An answer whose body ends early where it is long. It is read only where somebody wants to know what it says. */
function withCutBody({ status, headers, url }: Response, body: ReadableStream<Uint8Array>): Response {
  let bytes = 0;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      bytes += piece.byteLength;
      if (bytes > MOST_ERROR_BYTES) controller.terminate();
      else controller.enqueue(piece);
    },
  });
  const answer = new Response(body.pipeThrough(cut), { status, headers });
  return Object.defineProperty(answer, 'url', { value: url });
}

/**
 * Reads a model's answer whole. An error in the body of a success becomes an answer of the status that the error names,
 * so that it is treated, and retried, as what it is. Nothing asks for a stream, so one is read whole too.
 *
 * @throws AppError LIMIT_EXCEEDED where the answer is longer than 2 MB, or nests without end
 */
export async function readModelBody(answer: Response): Promise<Response> {
  if (answer.body === null) return answer;
  if (!answer.ok) return withCutBody(answer, answer.body);
  const text = await textOf(answer);
  const error = spokenError(text);
  const headers = new Headers(answer.headers);
  // The body is decoded by now, and may have another length.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding', ANSWERED_OK]) headers.delete(name);
  if (error) headers.set(ANSWERED_OK, String(answer.status));
  const status = error ? (error.status ?? UNNAMED) : answer.status;
  return Object.defineProperty(new Response(text, { status, headers }), 'url', { value: answer.url });
}
