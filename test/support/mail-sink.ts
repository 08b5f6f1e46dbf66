import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

type Reply = { code: number; words: string } | 'drop' | 'silence' | undefined;

/** What a mail server answers. Each function gets how often it was asked before; undefined means yes. */
export type MailScript = {
  greeting?: (count: number) => Reply;
  recipient?: (count: number) => Reply;
  /** The answer once the whole message was received. */
  message?: (count: number) => Reply;
  /** What happens while the message is being received. */
  midway?: 'drop';
  /** The only login that the server takes; without one it takes any. */
  login?: { user: string; pass: string };
  /** The only access token that the server takes, instead of a password (XOAUTH2). */
  token?: string;
  /** What is said of any other login. */
  refusal?: (auth: { user: string; pass: string }) => { code: number; words: string };
  server?: SMTPServerOptions;
};

export type MailSink = {
  port: number;
  url: (scheme?: string, login?: string) => string;
  /** The messages that were received whole, whatever the answer was. */
  mails: { from: string; to: string[]; text: string }[];
  connections: () => number;
  /** The name that each session gave in EHLO. */
  names: string[];
  /** Every address that RCPT named, refused ones too, with the domain as this server reads it. */
  asked: string[];
  /** All bytes that came without TLS, each as one character. */
  wire: () => string;
  close: () => Promise<void>;
};

type Callback = (error?: Error | null) => void;

function errorOf({ code, words }: { code: number; words: string }): Error {
  return Object.assign(new Error(words), { responseCode: code });
}

/** A real mail server on loopback. It keeps what it receives, and answers by a script. */
export async function openMailSink(script: MailScript = {}): Promise<MailSink> {
  const mails: MailSink['mails'] = [];
  const sockets: Socket[] = [];
  const names: string[] = [];
  const asked: string[] = [];
  const wire: Buffer[] = [];
  const counts = { greeting: 0, recipient: 0, message: 0 };

  function answer(reply: Reply, callback: Callback): void {
    if (reply === 'silence') return;
    if (reply === 'drop') for (const socket of sockets) socket.destroy();
    else callback(reply === undefined ? null : errorOf(reply));
  }

  const server = new SMTPServer({
    authOptional: script.login === undefined && script.token === undefined,
    ...(script.token === undefined ? {} : { authMethods: ['XOAUTH2'] }),
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    ...script.server,
    onAuth(auth, _session, callback) {
      if (script.token !== undefined && auth.accessToken !== undefined) {
        const refusal = { data: { status: '401', schemes: `bearer ${auth.accessToken}` } };
        return callback(null, auth.accessToken === script.token ? { user: auth.username } : refusal);
      }
      const { user, pass } = script.login ?? { user: auth.username, pass: auth.password };
      if (auth.username === user && auth.password === pass) callback(null, { user });
      else {
        const given = { user: auth.username ?? '', pass: auth.password ?? '' };
        callback(errorOf(script.refusal?.(given) ?? { code: 535, words: `no such login: ${given.pass}` }));
      }
    },
    onConnect: (_session, callback) => answer(script.greeting?.(counts.greeting++), callback),
    onMailFrom(_address, session, callback) {
      names.push(String(session.hostNameAppearsAs));
      callback();
    },
    onRcptTo({ address }, _session, callback) {
      asked.push(address);
      answer(script.recipient?.(counts.recipient++), callback);
    },
    onData(stream, { envelope }, callback) {
      const pieces: Buffer[] = [];
      if (script.midway === 'drop') stream.once('data', () => answer('drop', callback));
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ from, to, text: Buffer.concat(pieces).toString('utf8') });
        answer(script.message?.(counts.message++), callback);
      });
    },
  });
  server.on('error', () => undefined);
  const listener = server.listen(0, '127.0.0.1');
  listener.on('connection', (socket: Socket) => {
    sockets.push(socket);
    if (script.server?.secure !== true) socket.on('data', (piece: Buffer) => wire.push(piece));
  });
  await new Promise((resolve) => listener.once('listening', resolve));
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  const url = (scheme = 'smtp', login = '') => `${scheme}://${login === '' ? '' : `${login}@`}127.0.0.1:${port}`;
  return {
    port,
    url,
    mails,
    connections: () => sockets.length,
    names,
    asked,
    wire: () => Buffer.concat(wire).toString('latin1'),
    close,
  };
}

/** A mail server for one test, closed when the test is over. */
export async function aMailSink(script?: MailScript): Promise<MailSink> {
  const sink = await openMailSink(script);
  onTestFinished(() => sink.close());
  return sink;
}
