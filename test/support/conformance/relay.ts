import http from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy that sends each request on with a token, and everything else as it came: the suite has no way to give one. Its
 * URL is known before the server's, which has to know it as its own.
 */
export type Relay = { url: string; lead: (target: string, token: string) => void; close: () => void };

export async function startRelay(): Promise<Relay> {
  let to = { target: '', token: '' };
  const server = http.createServer((request, response) => {
    const { hostname, port } = new URL(to.target);
    const headers = [...request.rawHeaders, 'Authorization', `Bearer ${to.token}`];
    const { url: path, method } = request;
    const onward = http.request({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      response.flushHeaders();
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://localhost:${port}`,
    lead: (target, token) => {
      to = { target, token };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
