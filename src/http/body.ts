import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server';
import { overloadOf } from '../mcp/line-load.ts';
import type { HttpRefusal } from './answers.ts';
import type { Mount } from './mount.ts';

/** The largest body that is read, in bytes. */
const LARGEST_BODY = 10 * 1024 * 1024;

const UNTYPED: HttpRefusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'A body has to be JSON: send it with "Content-Type: application/json".',
};
const ENCODED: HttpRefusal = { ...UNTYPED, message: 'A body is taken as it is: send it without Content-Encoding.' };
const UNZIPPABLE: HttpRefusal = {
  status: 400,
  code: 'VALIDATION_ERROR',
  message: 'The body is no gzip, as its header says.',
};
const TOO_LARGE: HttpRefusal = {
  status: 413,
  code: 'LIMIT_EXCEEDED',
  message: `A body may have ${LARGEST_BODY >> 20} MB. Send less at a time.`,
};

/** A client that went before its request was whole: nobody is there to answer, and nothing failed here. */
export class ClientGone extends Error {}

/** Whether a request has a body, as its headers say (RFC 9112, 6.3). */
function hasBody({ headers }: Request): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
}

/** A request whose body is as it was before it was compressed. The limit of its size counts for that. */
function unzipped(request: Request): Request {
  const { url, method, body } = request;
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(url, {
    method,
    headers,
    body: body?.pipeThrough(new DecompressionStream('gzip')) ?? null,
    duplex: 'half',
  });
}

/** The body's text, or why it isn't taken. */
export async function requestBody(
  request: Request,
  { takesGzip = false }: Pick<Mount, 'takesGzip'>,
): Promise<{ text: string } | HttpRefusal> {
  if (!hasBody(request)) return { text: '' };
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  const isZipped = takesGzip && encoding === 'gzip';
  // RudderStack's library names the type of what is compressed "application/x-www-form-urlencoded", although it is JSON.
  if (!isZipped && !isJsonContentType(request.headers.get('content-type'))) return UNTYPED;
  if (!isZipped && encoding !== 'identity') return ENCODED;
  try {
    const body = await readRequestBody(isZipped ? unzipped(request) : request, LARGEST_BODY);
    if (body.tooLarge) return TOO_LARGE;
    const overload = overloadOf(Buffer.from(body.text));
    if (!overload) return { text: body.text };
    return { ...TOO_LARGE, message: `A body may hold at most ${overload.problem}. Send less at a time.` };
  } catch (error) {
    if (request.signal.aborted) throw new ClientGone('the client went before its request was whole');
    if (isZipped) return UNZIPPABLE;
    throw error;
  }
}
