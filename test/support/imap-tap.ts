import net from 'node:net';
import { onTestFinished } from 'vitest';

export type ImapTap = {
  port: number;
  /** What clients asked for, in their order, each without its tag. */
  commands: string[];
  /** How many bytes the server sent. */
  received: () => number;
  connections: () => number;
};

/** A door in front of a server that writes down what goes through, for one test. */
export async function anImapTap(port: number): Promise<ImapTap> {
  const commands: string[] = [];
  const sockets = new Set<net.Socket>();
  let received = 0;
  let connections = 0;
  const door = net.createServer((client) => {
    connections++;
    const server = net.connect(port, '127.0.0.1');
    let line = '';
    client.on('data', (data: Buffer) => {
      const lines = (line + data.toString('latin1')).split('\r\n');
      line = lines.pop() ?? '';
      commands.push(...lines.map((each) => each.replace(/^\S+ /, '')));
    });
    server.on('data', (data: Buffer) => {
      received += data.length;
    });
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
  });
  door.listen(0, '127.0.0.1');
  await new Promise((resolve) => door.once('listening', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => door.close(resolve));
  });
  const address = door.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    commands,
    received: () => received,
    connections: () => connections,
  };
}
