import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { BUNDLE, baseEnv, temporaryHome } from './server.ts';

type Message = Record<string, unknown>;

export type RawServer = {
  child: ChildProcessWithoutNullStreams;
  home: string;
  send: (message: object | string) => void;
  /** Calls a tool without waiting for the answer. */
  ask: (id: number, name: string, args?: object) => void;
  /** The server's message with this id, once it has come. */
  answer: (id: number | null) => Promise<Message>;
  /** Everything on stdout so far; `errors` is the same of stderr. */
  output: () => string;
  errors: () => string;
  /** The exit code, once there is one. */
  exit: () => Promise<number | null>;
};

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

/** The command's arguments, and messages that the client sends in one piece with its greeting, before that is answered. */
type Begun = { args?: readonly string[]; together?: readonly object[] };

/** The built server as a bare process: initialized, and spoken to in lines, without a client library. */
export async function startRaw(
  env: Record<string, string> = {},
  home = temporaryHome(),
  { args = [], together = [] }: Begun = {},
): Promise<RawServer> {
  const child = spawn(process.execPath, [BUNDLE, ...args], { env: baseEnv(home, env) });
  const answers = new Map<unknown, Message>();
  const waiting = new Map<unknown, (message: Message) => void>();
  let [text, rest, errors] = ['', '', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message: Message = JSON.parse(line);
      answers.set(message.id, message);
      waiting.get(message.id)?.(message);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  // A server that ends in the middle of a write breaks the pipe, which is no error of the test.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const send = (message: object | string) =>
    void child.stdin.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`);
  const answer = (id: number | null) =>
    new Promise<Message>((resolve) => {
      const known = answers.get(id);
      if (known) resolve(known);
      else waiting.set(id, resolve);
    });
  send(`${[INITIALIZE, ...together].map((message) => JSON.stringify(message)).join('\n')}\n`);
  await answer(0);
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    ...{ child, home, send, answer },
    ask: (id, name, args = {}) => send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }),
    output: () => text,
    errors: () => errors,
    exit: () => exited,
  };
}
