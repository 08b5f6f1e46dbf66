import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../domain/base/url.ts';
import type { HttpRefusal } from './answers.ts';

/** How a server is reached: the values of `Host` and `Origin` that are its own, in lower case, and whether a proxy stands in front. */
export type Site = { hosts: ReadonlySet<string>; origins: ReadonlySet<string>; trustsProxy: boolean };

/** What of a request the guards look at: header names and values in turn, as they came. */
export type RequestHead = Pick<IncomingMessage, 'rawHeaders' | 'url'>;

/** Every value of a header, in the order in which they came: Node itself gives only the first of two. */
function headerValues(head: RequestHead, name: string): string[] {
  const { rawHeaders } = head;
  return rawHeaders.flatMap((key, at) =>
    at % 2 === 0 && key.toLowerCase() === name.toLowerCase() ? [rawHeaders[at + 1] ?? ''] : [],
  );
}

/**
 * Whether a target is a path that has one reading only (RFC 9112, origin form): no scheme and host before it, no dots, no
 * empty parts, no escaped slashes or dots, nothing but what a URL's path may hold.
 */
function isPlain(target: string): boolean {
  const [path = ''] = target.split('?', 1);
  if (!/^\/[\w.~!$&'()*+,;=:@%/-]*$/.test(path) || /%(?![0-9a-f]{2})|%2e|%2f|%5c|%00/i.test(path)) return false;
  const parts = path.slice(1).split('/');
  return !parts.some((part, at) => part === '.' || part === '..' || (part === '' && at < parts.length - 1));
}

/** The path of a request's target; undefined where it has more than one reading. */
export function plainPath({ url = '' }: RequestHead): string | undefined {
  return isPlain(url) ? url.split('?', 1)[0] : undefined;
}

/** A `Host` as the site's own are kept: in lower case, an IPv6 address in its one form. */
export function plainHostHeader(value: string): string {
  const [, inside = '', port = ''] = /^\[([^[\]%]*:[^[\]%]*)\](:\d{1,5})?$/.exec(value) ?? [];
  const address = plainAddress(inside);
  if (address === undefined) return value.toLowerCase();
  return `${address.includes(':') ? `[${address}]` : address}${port}`;
}

/**
 * Refuses a request that doesn't name this server as its `Host`: a page of another site, whose name leads to this machine,
 * sends its own (DNS rebinding).
 */
export function checkHost(head: RequestHead, site: Site): HttpRefusal | undefined {
  const hosts = headerValues(head, 'host');
  if (hosts.length !== 1)
    return { status: 400, code: 'VALIDATION_ERROR', message: 'A request has exactly one Host header.' };
  if (site.hosts.has(plainHostHeader(hosts[0] ?? ''))) return undefined;
  return {
    status: 403,
    code: 'FORBIDDEN',
    message: `This server isn't known by that Host. It answers to ${[...site.hosts].join(', ')}. Start it with --public-url for another name.`,
  };
}

/** Refuses a request from a page that isn't ours. What is no browser sends no `Origin`. */
export function checkOrigin(head: RequestHead, site: Site): HttpRefusal | undefined {
  const origins = headerValues(head, 'origin');
  if (origins.every((origin) => site.origins.has(origin)) && origins.length <= 1) return undefined;
  return {
    status: 403,
    code: 'FORBIDDEN',
    message: 'Pages of other origins may not call this server. It allows no cross-origin requests.',
  };
}

/**
 * Refuses a request that isn't from this server's own page, as the browser says: its origin exactly, port included, and no
 * other page's frame, form or script. A browser sends `Sec-Fetch-Site` to localhost and by https alone.
 */
export function checkOwnPage(head: RequestHead, site: Site): HttpRefusal | undefined {
  const [origins, sites] = [headerValues(head, 'origin'), headerValues(head, 'sec-fetch-site')];
  const isOurs = origins.length === 1 && site.origins.has(origins[0] ?? '');
  if (isOurs && sites.length === 1 && sites[0] === 'same-origin') return undefined;
  return {
    status: 403,
    code: 'FORBIDDEN',
    message:
      "Only this server's own page may do this, in a browser that says so (Origin, and Sec-Fetch-Site: same-origin). Open the desk at localhost, or by https.",
  };
}

/** The value of a header that may be given once; undefined for none, and for two. */
export function oneHeader(head: RequestHead, name: string): string | undefined {
  const values = headerValues(head, name);
  return values.length === 1 ? values[0] : undefined;
}

/** The address that a request counts for: its connection's, or behind a trusted proxy the last one that the proxy names. */
export function clientAddress(head: RequestHead, remote: string | undefined, { trustsProxy }: Site): string {
  const named = trustsProxy ? headerValues(head, 'x-forwarded-for').join(',').split(',').at(-1)?.trim() : undefined;
  return named === undefined || named === '' ? (remote ?? '') : named;
}

/** The credentials after a scheme in the one `Authorization` header; undefined for another scheme, for two, and for none. */
export function credentialsOf(head: RequestHead, scheme: string): string | undefined {
  const [word, credentials, ...more] = (oneHeader(head, 'Authorization') ?? '').split(/ +/);
  if (word?.toLowerCase() !== scheme.toLowerCase() || more.length > 0) return undefined;
  return credentials === '' ? undefined : credentials;
}
