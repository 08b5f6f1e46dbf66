import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server that can lose an answer. */
export type LossyProxy = {
  port: number;
  /** Breaks the connection on which a text comes next, once the server has answered it, and before the client hears of that. */
  loseAnswerTo: (text: string) => void;
  /** From now on the connections that there are stay open, and pass nothing on. */
  swallow: () => void;
  /** How many answers it has lost. */
  lost: () => number;
};

/** Passes connections on to a port of this machine, until the test is over. */
export async function openLossyProxy(to: number): Promise<LossyProxy> {
  let wanted: string | undefined;
  let count = 0;
  const sockets = new Set<net.Socket>();
  let generation = 0;
  const server = net.createServer((client) => {
    const own = generation;
    const upstream = net.connect(to, '127.0.0.1');
    let isDoomed = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (own < generation) return;
      if (wanted !== undefined && bytes.includes(wanted)) {
        isDoomed = true;
        wanted = undefined;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (own < generation) return;
      if (!isDoomed) return void client.write(bytes);
      count += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    loseAnswerTo(text) {
      wanted = text;
    },
    swallow() {
      generation += 1;
    },
    lost: () => count,
  };
}
