import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { method: string; path: string; headers: http.IncomingHttpHeaders; body: string };
type Answer = (request: Received, response: http.ServerResponse, count: number) => void;

export type Sink = {
  host: string;
  port: number;
  url: (path?: string) => string;
  requests: Received[];
  /** How many connections were made, with or without a request. */
  connections: () => number;
  close: () => Promise<void>;
};

/** A web server on loopback that keeps what it receives. `answer` gets each request, and how many came before it. */
export async function openSink(answer: Answer = (_request, response) => response.end('ok')): Promise<Sink> {
  const requests: Received[] = [];
  let connections = 0;
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, path: url, headers, body: Buffer.concat(pieces).toString('utf8') };
      answer(received, response, requests.push(received) - 1);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = portOf(server);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const host = `127.0.0.1:${port}`;
  return { host, port, url: (path = '/') => `http://${host}${path}`, requests, connections: () => connections, close };
}

function portOf(server: http.Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the sink has no port');
  return address;
}

/** A sink for one test, closed when the test is over. */
export async function aSink(answer?: Answer): Promise<Sink> {
  const sink = await openSink(answer);
  onTestFinished(() => sink.close());
  return sink;
}
