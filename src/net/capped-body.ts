import { RequestError, reasonOf, requestErrorIn } from './request-error.ts';
import { withoutAddresses } from './without-addresses.ts';

/**
 * The response, with a body that fails beyond `maxBytes`. `done` is called when the body has ended, failed, or was
 * given up. Throws RequestError while the body is read.
 */
export function capped(response: Response, url: URL, maxBytes: number, done: () => void): Response {
  if (response.body === null) {
    done();
    return withUrl(response, url);
  }
  let bytes = 0;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await reader.read();
        bytes += piece.value?.byteLength ?? 0;
        if (bytes > maxBytes)
          throw new RequestError('unknown', `${url.host} answered with more than ${maxBytes} bytes: it was cut off.`);
        if (!piece.done) return controller.enqueue(piece.value);
        done();
        controller.close();
      } catch (error) {
        done();
        await reader.cancel(error).catch(() => undefined);
        const reason = `The answer of ${url.host} broke off: ${withoutAddresses(reasonOf(error), url.hostname)}.`;
        throw requestErrorIn(error) ?? new RequestError('unknown', reason, error);
      }
    },
    async cancel(reason) {
      done();
      await reader.cancel(reason);
    },
  });
  const { status, statusText, headers } = response;
  return withUrl(new Response(body, { status, statusText, headers }), url);
}

/** A response made by code has no URL. This one gets the URL that answered, for readers of `response.url`. */
function withUrl(response: Response, url: URL): Response {
  return Object.defineProperty(response, 'url', { value: url.href });
}
