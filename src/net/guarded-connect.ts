import dns from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { isAllowedHost, isPrivateAddress, plainHost, urlProblem } from '../domain/base/url.ts';
import { RequestError } from './request-error.ts';

/** Gives all addresses of a name. Tests bring their own. */
export type Resolve = (hostname: string) => Promise<dns.LookupAddress[]>;

const resolveAll: Resolve = (hostname) => dns.promises.lookup(hostname, { all: true });

/** The address isn't told: whoever may name a URL would learn what the inside of a network looks like. */
function connectProblem(host: string): RequestError {
  return new RequestError(
    'refused',
    `${host} leads to a private address, so nothing was sent; list ${host} in COUNTERSIGN_ALLOW_HOSTS to allow it.`,
  );
}

/** A lookup for `net.connect`. It fails when any address of the name is private, unless the host is allowed. */
function lookupOf(resolve: Resolve, isAllowed: boolean): LookupFunction {
  return (hostname, options, done) => {
    const look = async () => {
      const found = await resolve(hostname);
      const bad = isAllowed ? undefined : found.find(({ address }) => isPrivateAddress(address));
      if (bad) throw connectProblem(hostname);
      return found.filter(({ family }) => !options.family || options.family === family);
    };
    look().then(
      (found) => {
        const [first] = found;
        if (!first) done(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), '', 0);
        else if (options.all) done(null, found);
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, '', 0),
    );
  };
}

/**
 * Why a connected socket may not be used; undefined where it may. It looks at the address that the socket is really
 * connected to.
 */
export function peerProblem(host: string, socket: Pick<Socket, 'remoteAddress'>): RequestError | undefined {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return new RequestError('not_sent', `the connection to ${host} was lost at once`);
  return isPrivateAddress(remoteAddress) ? connectProblem(host) : undefined;
}

/**
 * Connects only to public addresses, and to hosts that the person allowed. It checks an address in the URL, every
 * address that a name resolves to, and the connected socket. It connects to the very addresses that it checked, so a
 * name can't change in between. Fails with RequestError.
 */
export function guardedConnector(
  build: typeof buildConnector,
  allowed: readonly string[],
  timeout: number,
  resolve: Resolve = resolveAll,
): buildConnector.connector {
  const guarded = build({ timeout, lookup: lookupOf(resolve, false) });
  const open = build({ timeout, lookup: lookupOf(resolve, true) });
  return (options, done) => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    const problem = urlProblem(url.href, allowed);
    if (problem !== undefined) return done(new RequestError('refused', `Nothing was sent: ${problem}.`), null);
    if (isAllowedHost(url, allowed)) return open(options, done);
    guarded(options, (...[error, socket]) => {
      if (error) return done(error, null);
      const wrong = peerProblem(plainHost(url.hostname), socket);
      if (!wrong) return done(null, socket);
      socket.destroy();
      done(wrong, null);
    });
  };
}
