import net from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server answers to a command: whole lines, the last one without its tag; `drop` ends the connection. */
type Answer = string | Buffer | 'drop' | undefined;

export type ScriptedImap = { port: number; commands: string[]; ended: () => Promise<void> };

const USUAL: Readonly<Record<string, string>> = {
  CAPABILITY: '* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR\r\nOK done',
  STATUS: '* STATUS INBOX (UIDNEXT 3 UIDVALIDITY 7)\r\nOK done',
  LIST: '* LIST () "/" INBOX\r\nOK done',
  LSUB: '* LSUB () "/" INBOX\r\nOK done',
  EXAMINE: '* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 3] ok\r\nOK [READ-ONLY] done',
  LOGOUT: '* BYE\r\nOK done',
};

/**
 * A server that speaks IMAP and answers some commands as a test says: each by its beginning, such as `AUTHENTICATE` or
 * `UID FETCH 1,2`. Others get the usual answer of a mailbox with two messages.
 */
export async function aScriptedImap(
  script: Readonly<Record<string, (command: string) => Answer>>,
  greeting: string | undefined = '* OK ready',
): Promise<ScriptedImap> {
  const commands: string[] = [];
  const sockets = new Set<net.Socket>();
  const answerTo = (command: string): Answer => {
    const own = Object.entries(script).find(([start]) => command.startsWith(start));
    const [word = ''] = command.split(' ');
    return own ? own[1](command) : (USUAL[word] ?? 'OK done');
  };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (greeting !== undefined) socket.write(`${greeting}\r\n`);
    let rest = '';
    socket.on('data', (data: Buffer) => {
      const lines = (rest + data.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [tag = '', ...words] = line.split(' ');
        const command = words.join(' ');
        commands.push(command);
        const answer = answerTo(command);
        if (answer === undefined) continue;
        if (answer === 'drop') socket.destroy();
        else socket.write(tagged(answer, tag));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ended = async () => {
    for (const socket of sockets) if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  };
  return { port, commands, ended };
}

/** An answer with the command's tag before its last line. */
function tagged(answer: string | Buffer, tag: string): Buffer {
  const bytes = Buffer.isBuffer(answer) ? answer : Buffer.from(answer, 'latin1');
  const last = bytes.lastIndexOf('\r\n');
  const start = last < 0 ? 0 : last + 2;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(`${tag} `), bytes.subarray(start), Buffer.from('\r\n')]);
}

/** What a server says of messages that were asked for by UID: each as it is given. */
export function fetchAnswer(messages: readonly { uid: number; item: string; source: Buffer }[]): Buffer {
  const date = 'INTERNALDATE "13-Jan-2026 12:00:00 +0000"';
  const parts = messages.map(({ uid, item, source }) =>
    Buffer.concat([
      Buffer.from(`* ${uid} FETCH (UID ${uid} ${date} RFC822.SIZE ${source.length} ${item} {${source.length}}\r\n`),
      source,
      Buffer.from(')\r\n'),
    ]),
  );
  return Buffer.concat([...parts, Buffer.from('OK done')]);
}
