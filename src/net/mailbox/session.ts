import type { ImapFlow, ImapFlowOptions } from 'imapflow';
import type { Deps } from '../../domain/base/deps.ts';
import { accessTokenOf } from '../mail-token.ts';
import { MailboxProblem, mailboxProblem, type Stage } from './problem.ts';
import type { MailboxServer } from './settings.ts';

/** How long a server may take, in milliseconds. `lookMs` is for all of one look. */
export type MailboxPatience = { connectMs: number; silenceMs: number; lookMs: number };

const LOOK_PATIENCE: MailboxPatience = { connectMs: 15_000, silenceMs: 30_000, lookMs: 120_000 };
/** No answer that was asked for is longer: beyond it the connection ends. */
const MOST_BYTES = 2 << 20;

/** A session, and how far it is. */
export type MailboxSession = { client: ImapFlow; stage: Stage };

/** An access token is asked for by `deps`, where the login is by a refresh token. */
export type SessionOptions = {
  deps: Pick<Deps, 'fetch'>;
  signal?: AbortSignal | undefined;
  patience?: Partial<MailboxPatience>;
};

type ImapLogin = { user: string; pass?: string } | { user: string; accessToken: string };

async function loginOf(
  { user, pass = '', token }: MailboxServer,
  deps: Pick<Deps, 'fetch'>,
  end: AbortSignal,
): Promise<ImapLogin> {
  return token ? { user, accessToken: await accessTokenOf(deps, token, end) } : { user, pass };
}

function optionsOf(server: MailboxServer, auth: ImapLogin, { connectMs, silenceMs }: MailboxPatience): ImapFlowOptions {
  const { host, port, security, tls } = server;
  return {
    ...{ host, port, tls },
    auth,
    secure: security === 'tls',
    ...(security === 'tls' ? {} : { doSTARTTLS: security === 'starttls' }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    logger: false,
    clientInfo: { name: 'Countersign', version: false, vendor: false, 'support-url': false },
    // A look is a few commands: what makes longer sessions quicker costs more than it brings.
    ...{ disableAutoIdle: true, disableAutoEnable: true, disableCompression: true, disableBinary: true },
    ...{
      maxLineLength: MOST_BYTES,
      maxLiteralSize: MOST_BYTES,
      maxResponseSize: 2 * MOST_BYTES,
      maxResponseTokens: 100_000,
    },
  };
}

/** Why a look ends before its time. */
function ending(server: MailboxServer, signal: AbortSignal | undefined): MailboxProblem {
  const place = `${server.host}:${server.port}`;
  if (signal?.aborted) return new MailboxProblem('aborted', `${place}: the look into the mailbox was given up.`);
  return new MailboxProblem('slow', `${place}: the look into the mailbox took too long.`);
}

/**
 * Opens a session, uses it, and ends it, whatever comes of it. Throws a MailboxProblem: for what the server does, at the
 * end of its time, and at once when the caller's signal says so.
 */
export async function* inSession<T>(
  server: MailboxServer,
  { deps, signal, patience }: SessionOptions,
  use: (session: MailboxSession) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const limits = { ...LOOK_PATIENCE, ...patience };
  const end = AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(limits.lookMs)]);
  const failed = (error: unknown, stage: Stage) =>
    end.aborted ? ending(server, signal) : mailboxProblem(error, server, stage);
  const auth = await loginOf(server, deps, end).catch((error: unknown) => {
    throw failed(error, 'connecting');
  });
  const { ImapFlow } = await import('imapflow');
  const client = new ImapFlow(optionsOf(server, auth, limits));
  const session: MailboxSession = { client, stage: 'connecting' };
  const close = () => client.close();
  let lost: Error | undefined;
  // Why a connection was lost is told here; a command under way only hears that it is. Unheard, it would end the process.
  client.on('error', (error) => {
    lost ??= error;
  });
  end.addEventListener('abort', close);
  try {
    if (end.aborted) throw ending(server, signal);
    await client.connect();
    yield* use(session);
    await client.logout();
  } catch (error) {
    throw failed(lost ?? error, session.stage);
  } finally {
    end.removeEventListener('abort', close);
    client.close();
  }
}
