import { isIP } from 'node:net';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { plainAddress } from '../domain/base/url.ts';
import { plainHostHeader, type Site } from './guards.ts';

/** What `countersign serve` was asked for. Without `host` it listens on both loopback addresses. */
export type ServeOptions = { port: number; host: string | undefined; publicUrl: URL | undefined; trustsProxy: boolean };

const DEFAULT_PORT = 7878;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function portOf(word: string): number {
  if (/^\d{1,5}$/.test(word) && Number(word) <= 65_535) return Number(word);
  throw new Error(`--port takes a number from 0 to 65535, not "${word}". 0 takes any free one.`);
}

function publicUrlOf(word: string): URL {
  const url = URL.canParse(word) ? new URL(word) : undefined;
  const isPlain = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url && isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new Error(`--public-url takes the address that people use, as in https://agents.example.com, not "${word}".`);
}

/** The address to listen at; undefined for both loopback addresses. */
function hostOf(word: string): string | undefined {
  if (word === 'localhost') return undefined;
  const address = plainAddress(word);
  if (address === undefined)
    throw new Error(`--host takes an IP address of this machine, or localhost, not "${word}".`);
  return address === '127.0.0.1' ? undefined : address;
}

/** The options in the command's arguments. Throws Error with what is wrong. */
export function serveOptionsOf(args: readonly string[]): ServeOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { port: text, host: text, 'public-url': text, 'trust-proxy': { type: 'boolean' } },
  });
  const { port, host, 'public-url': publicUrl, 'trust-proxy': trustsProxy = false } = values;
  return {
    port: port === undefined ? DEFAULT_PORT : portOf(port),
    host: host === undefined ? undefined : hostOf(host),
    publicUrl: publicUrl === undefined ? undefined : publicUrlOf(publicUrl),
    trustsProxy,
  };
}

/** Whether others than this machine can reach the server. */
export function isOpenToOthers({ host, publicUrl }: ServeOptions): boolean {
  return publicUrl !== undefined || !(host === undefined || host === '::1' || /^127\./.test(host));
}

/** An address as a URL has it. The zone of a link-local one is this machine's own word, so no client sends it. */
function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host.replace(/%.*$/, '')}]` : host;
}

/** The names of this machine under which it can be called, where the server listens on all its addresses. */
function ownNames(host: string | undefined): string[] {
  if (host === undefined) return [];
  if (host !== '0.0.0.0' && host !== '::') return [bracketed(host)];
  const addresses = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
  return [os.hostname().toLowerCase(), ...addresses.map(({ address }) => bracketed(address))];
}

/** The link that people use. */
export function linkOf({ host, publicUrl }: ServeOptions, port: number): string {
  if (publicUrl) return publicUrl.origin;
  const isWide = host === undefined || host === '0.0.0.0' || host === '::';
  return `http://${isWide ? 'localhost' : bracketed(host)}:${port}`;
}

/** The values of Host and Origin that are this server's own. */
export function siteOf(options: ServeOptions, port: number): Site {
  const { host, publicUrl, trustsProxy } = options;
  const names = [...LOOPBACK, ...ownNames(host)];
  // A client leaves out the port where it is the scheme's own.
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  const origins = names.map((name) => new URL(`http://${name}:${port}`).origin);
  if (publicUrl) {
    hosts.push(publicUrl.host);
    if (publicUrl.port === '') hosts.push(`${publicUrl.host}:${publicUrl.protocol === 'https:' ? 443 : 80}`);
    origins.push(publicUrl.origin);
  }
  return { hosts: new Set(hosts.map(plainHostHeader)), origins: new Set(origins), trustsProxy };
}
