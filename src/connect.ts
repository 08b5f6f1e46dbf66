import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { isThisMachine } from './domain/base/url.ts';
import { guardLines } from './mcp/line-guard.ts';
import { RemoteServer } from './net/remote-server.ts';

const HARD_EXIT_MS = 1_800;

/** A home that is served elsewhere, and the token for it. */
export type RemoteHome = { url: URL; token: string };

/** The home that a command's arguments name, by COUNTERSIGN_TOKEN. Throws Error with what is wrong. */
export function remoteHomeOf(
  command: 'connect' | 'open' | 'passkey add',
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RemoteHome {
  const [text = '', ...more] = args;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (more.length > 0 || url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new Error(
      `countersign ${command} takes the URL of a served home, as in: countersign ${command} https://agents.example.com`,
    );
  if (url.username !== '' || url.search !== '')
    throw new Error('A token never stands in a URL: set COUNTERSIGN_TOKEN in the environment.');
  const token = env.COUNTERSIGN_TOKEN;
  if (token === undefined) throw new Error('COUNTERSIGN_TOKEN is not set. It holds the token for the served home.');
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Error('COUNTERSIGN_TOKEN holds what no token does: spaces or other letters.');
  if (url.protocol === 'http:' && !isThisMachine(url))
    throw new Error(`${url.origin} would carry the token unencrypted. Use https, or a tunnel to this machine.`);
  return { url, token };
}

/**
 * `countersign connect URL`: MCP on stdin and stdout here, a served home on the other side, for clients that speak stdio
 * alone. Ends when its client goes. Throws Error, with what to do, where it can't begin.
 */
export async function connectStdio(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { url, token } = remoteHomeOf('connect', args, env);
  const transport = new StdioServerTransport(guardLines(process.stdin, process.stdout), process.stdout, {
    maxBufferSize: 64 << 20,
  });
  const remote = new RemoteServer({
    ...{ url, token },
    onMessage: (message) => void transport.send(message).catch(() => end(1)),
  });
  let ending = false;
  const end = (code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    Promise.allSettled([remote.close(), transport.close()]).finally(() => process.exit(code));
  };
  transport.onmessage = (message) => void remote.send(message);
  transport.onclose = () => end(0);
  process.stdin.once('end', () => end(0));
  process.stdin.once('close', () => end(0));
  process.stdout.once('error', () => end(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(0));
  await transport.start();
}
