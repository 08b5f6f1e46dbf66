import type { Socket } from 'node:net';
import type { OpenSocket } from '../../domain/base/deps.ts';
import { urlProblem } from '../../domain/base/url.ts';
import { guardedConnector } from '../guarded-connect.ts';
import { RequestError, reasonOf, requestErrorIn } from '../request-error.ts';
import { withoutAddresses } from '../without-addresses.ts';

const CONNECT_MS = 10_000;
/** How long a server has to end a connection that we closed. */
const LEAVE_MS = 2_000;

/**
 * The one way out for WebSockets: it reaches what the guarded fetch reaches, follows no redirect, and gives a caller texts
 * alone. Throws RequestError. Loads undici at the first socket.
 */
export function createGuardedSocket({ allowedHosts }: { allowedHosts: readonly string[] }): OpenSocket {
  return async (url, { headers, maxBytes, onText, onClose }) => {
    const problem = urlProblem(url.href, allowedHosts);
    if (problem !== undefined) throw new RequestError('refused', `Nothing was sent to ${url.host}: ${problem}.`);
    const { default: undici } = await import('undici');
    const guarded = guardedConnector(undici.buildConnector, allowedHosts, CONNECT_MS);
    let wire: Socket | undefined;
    const connect: typeof guarded = (options, callback) =>
      guarded(options, (...outcome) => {
        wire = outcome[1] ?? undefined;
        callback(...outcome);
      });
    const dispatcher = new undici.Agent({ connect, webSocket: { maxPayloadSize: maxBytes } });
    const place = new URL(url);
    place.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new undici.WebSocket(place, { dispatcher, headers });
    let isOpen = false;
    let why = 'it closed the connection';
    await new Promise<void>((opened, failed) => {
      socket.addEventListener('open', () => {
        isOpen = true;
        opened();
      });
      socket.addEventListener('message', ({ data }) => isOpen && onText(typeof data === 'string' ? data : ''));
      socket.addEventListener('error', ({ error, message }) => {
        why = withoutAddresses(reasonOf(error ?? message), url.hostname);
        failed(requestErrorIn(error) ?? new RequestError('not_sent', `the server refused the connection (${why})`));
      });
      socket.addEventListener('close', ({ code, reason }) => {
        dispatcher.destroy().catch(() => undefined);
        failed(new RequestError('not_sent', 'the server refused the connection'));
        if (isOpen) onClose(reason === '' ? `${why} (${code})` : reason);
      });
    });
    const close = () => {
      isOpen = false;
      socket.close();
      // A server that goes on talking would keep the connection, and what it says, for ever.
      setTimeout(() => wire?.destroy(), LEAVE_MS).unref();
    };
    return { send: (text) => socket.send(text), close };
  };
}
