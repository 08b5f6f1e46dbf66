import type { Caller } from './logins.ts';

const MOST_STREAMS = 64;
const LOOK_MS = 400;

type Followed = {
  caller: Caller;
  /** Whether it says what happens, for as long as its client listens. Any other stream ends with the answer that it is. */
  listens: boolean;
};
type Stream = Followed & { end: () => void };

/** The answers that are open: streams of events, and whatever else takes a while. */
export type Streams = {
  /**
   * Takes one of a caller's places, for a request whose answer may be a stream: before it is answered, so that many at once
   * get no more than there are. Gives what leaves the place; undefined where all are taken.
   */
  enter: (caller: Caller) => (() => void) | undefined;
  /**
   * Gives the response with a body that is open until it has ended, and that ends when its caller's token is revoked.
   * `onEnd` is called once, however it ends.
   */
  follow: (response: Response, followed: Followed, onEnd: () => void) => Response;
  /** Ends the streams that only listen, and gives the others a while, in ms, to say their answers. */
  finish: (waitMs: number) => Promise<void>;
};

/** A stream of a body's chunks that tells when it has ended, and that can be ended. */
function endable(
  body: ReadableStream<Uint8Array>,
  ended: () => void,
): { body: ReadableStream<Uint8Array>; end: () => void } {
  const reader = body.getReader();
  let stop: () => void = () => undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      stop = () => {
        ended();
        reader.cancel().catch(() => undefined);
        try {
          controller.close();
        } catch {
          // It was closed or cancelled already.
        }
      };
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) stop();
        else controller.enqueue(value);
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    cancel(reason) {
      ended();
      return reader.cancel(reason);
    },
  });
  return { body: stream, end: () => stop() };
}

/** The places of each caller. */
function createPlaces(): Streams['enter'] {
  const counts = new Map<string, number>();

  function leave(key: string): void {
    const left = (counts.get(key) ?? 0) - 1;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
  }

  return ({ key }) => {
    const taken = counts.get(key) ?? 0;
    if (taken >= MOST_STREAMS) return undefined;
    counts.set(key, taken + 1);
    let isIn = true;
    return () => {
      if (isIn) leave(key);
      isIn = false;
    };
  };
}

/** Follows open streams. A stream whose caller's token counts no more is ended within half a second. */
export function createStreams(): Streams {
  const open = new Set<Stream>();
  let looks: NodeJS.Timeout | undefined;
  let allEnded: () => void = () => undefined;

  function look(): void {
    for (const stream of open) if (!stream.caller.isInForce()) stream.end();
  }

  return {
    enter: createPlaces(),
    follow(response, followed, onEnd) {
      const { headers } = response;
      const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
      // Whatever says its length is there already.
      if (response.body === null || !isStream || headers.has('content-length')) {
        onEnd();
        return response;
      }
      const { body, end } = endable(response.body, () => {
        if (!open.delete(stream)) return;
        if (open.size === 0) looks = void clearInterval(looks);
        onEnd();
        if (open.size === 0) allEnded();
      });
      const stream: Stream = { ...followed, end };
      open.add(stream);
      looks ??= setInterval(look, LOOK_MS).unref();
      return new Response(body, { status: response.status, headers });
    },
    async finish(waitMs) {
      for (const stream of open) if (stream.listens) stream.end();
      if (open.size === 0) return;
      await new Promise<void>((resolve) => {
        allEnded = resolve;
        setTimeout(resolve, waitMs).unref();
      });
      for (const stream of open) stream.end();
    },
  };
}
