import http, { type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { errorCode } from '../files/durable.ts';
import { plainHostHeader } from './guards.ts';

/** The most connections. Beyond them the one idle longest is closed, or where none is idle the new one. */
const MOST_CONNECTIONS = 256;
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 5_000;
const TRIES = 10;

/** Both names of this machine: what people type as `localhost` leads to either. */
const LOOPBACK = ['127.0.0.1', '::1'];

type Connections = { add: (socket: Socket) => void; busy: (socket: Socket) => void; idle: (socket: Socket) => void };

/** Keeps the number of connections down. The order of `open` is the order in which they became idle. */
function createConnections(): Connections {
  const open = new Map<Socket, boolean>();
  return {
    add(socket) {
      open.set(socket, false);
      socket.once('close', () => open.delete(socket));
      if (open.size <= MOST_CONNECTIONS) return;
      const [idle] = [...open].find(([other, isBusy]) => !isBusy && other !== socket) ?? [socket];
      idle.destroy();
      open.delete(idle);
    },
    busy: (socket) => open.has(socket) && open.set(socket, true),
    idle(socket) {
      if (!open.delete(socket)) return;
      open.set(socket, false);
    },
  };
}

function createHttpServer(listener: RequestListener, connections: Connections): Server {
  const server = http.createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      connections.busy(request.socket);
      response.once('close', () => connections.idle(request.socket));
      // A URL has one form of each address, and of another one none would be made. The guard reads what was sent.
      if (request.headers.host !== undefined) request.headers.host = plainHostHeader(request.headers.host);
      listener(request, response);
    },
  );
  return server.on('connection', connections.add);
}

async function listenAt(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port, exclusive: true }, () => resolve());
  });
  server.removeAllListeners('error');
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise((resolve) => server.close(resolve));
}

/** Servers that listen at one port. */
export type Listening = { port: number; close: () => Promise<void>; drop: () => void };

type Where = { host: string | undefined; port: number };

async function tryPort(make: () => Server, hosts: readonly string[], port: number): Promise<Listening> {
  const servers: Server[] = [];
  const close = async () => void (await Promise.all(servers.map(closeServer)));
  let chosen = port;
  for (const host of hosts) {
    const server = make();
    try {
      chosen = await listenAt(server, host, chosen);
      servers.push(server);
    } catch (error) {
      const isMissing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error) ?? '');
      // A machine without IPv6 has no ::1.
      if (isMissing && servers.length > 0) continue;
      await close();
      throw error;
    }
  }
  const drop = () => {
    for (const server of servers) server.closeAllConnections();
  };
  return { port: chosen, close, drop };
}

/**
 * Listens at a port, 0 for any that is free; without a host on both loopback addresses. Throws the system's error where
 * that can't be.
 */
export async function listen(listener: RequestListener, { host, port }: Where): Promise<Listening> {
  const connections = createConnections();
  const make = () => createHttpServer(listener, connections);
  const hosts = host === undefined ? LOOPBACK : [host];
  for (let left = TRIES; ; left--) {
    try {
      return await tryPort(make, hosts, port);
    } catch (error) {
      // A port that is free on one loopback address may be taken on the other.
      if (port !== 0 || errorCode(error) !== 'EADDRINUSE' || left === 0) throw error;
    }
  }
}
