/** How long an answer may take to be sent as a whole. A call that reads the home takes a few milliseconds. */
const SOON_MS = 25;

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Read = Awaited<ReturnType<Reader['read']>>;
/** What of a body came in time, and what is awaited still where it hasn't ended. */
type Soon = { chunks: Uint8Array[]; rest: Promise<Read> | undefined };

async function readSoon(reader: Reader): Promise<Soon> {
  const chunks: Uint8Array[] = [];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, SOON_MS, 'late');
  });
  try {
    for (;;) {
      const rest = reader.read();
      const read = await Promise.race([rest, late]);
      if (read === 'late') {
        // Whoever goes on with the body hears of its error. Where nobody does, it is none.
        rest.catch(() => undefined);
        return { chunks, rest };
      }
      if (read.value === undefined) return { chunks, rest: undefined };
      chunks.push(read.value);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The body from what was read of it on. */
function resumed(reader: Reader, { chunks, rest }: Soon): ReadableStream<Uint8Array> {
  let pending = rest;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    async pull(controller) {
      const { value } = await (pending ?? reader.read());
      pending = undefined;
      if (value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * An answer that has ended within some milliseconds, as a whole: it goes out by one write, with its length, instead of as
 * a stream by three. Any other one as the stream that it is.
 */
export async function asWhole(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  const soon = await readSoon(reader);
  const { status } = response;
  if (soon.rest !== undefined) return new Response(resumed(reader, soon), { status, headers: response.headers });
  const body = Buffer.concat(soon.chunks);
  const headers = new Headers(response.headers);
  headers.set('content-length', String(body.byteLength));
  return new Response(body, { status, headers });
}
