import { BlockList, isIP } from 'node:net';

/**
 * Addresses that a URL may reach only with the person's permission: this machine, private networks, link-local and
 * multicast addresses, and the metadata services of clouds, which hand out secrets. Of IPv6, only global unicast
 * (2000::/3) is public, without the ranges that can carry IPv4 addresses.
 */
const PRIVATE_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's metadata service, although the range around it is public.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];
const PRIVATE_V6: readonly [string, number][] = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2002::', 16],
];

function blockList(ranges: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of ranges) list.addSubnet(network, bits, family);
  return list;
}

/** The IPv4 address within `::ffff:a.b.c.d`, however that is written; undefined for any other address. */
function mappedV4(address: string): string | undefined {
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${address}]`).hostname);
  if (!mapped) return undefined;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * An IP address in the one way in which addresses are compared: IPv6 in its short form, an IPv4 address within IPv6
 * (`::ffff:127.0.0.1`) as IPv4. The zone of a link-local address stays. Undefined for what is no address.
 */
export function plainAddress(text: string): string | undefined {
  const [address = '', ...zone] = text.split('%');
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0) return undefined;
  return mappedV4(address) ?? [new URL(`http://[${address}]`).hostname.slice(1, -1), ...zone].join('%');
}

/**
 * Whose an IP address is, where limits count: an IPv4 address stands for itself, an IPv6 one for its network of 64 bits,
 * since whoever has one address of it has them all (RFC 4291, section 2.5.4). A text that is no address stays as it is.
 */
export function networkOf(text: string): string {
  const address = plainAddress(text.replace(/%.*$/, ''));
  if (address === undefined || isIP(address) !== 6) return address ?? text;
  const [left = [], right = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

/** Whether an IP address isn't public. A text that is no IP address counts as private. */
export function isPrivateAddress(text: string): boolean {
  const address = text.replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 4) return blockList(PRIVATE_V4, 'ipv4').check(address, 'ipv4');
  if (family === 0) return true;
  const mapped = mappedV4(address);
  return mapped === undefined ? blockList(PRIVATE_V6, 'ipv6').check(address, 'ipv6') : isPrivateAddress(mapped);
}

const LOCAL_NAME = /(^|\.)(localhost|localdomain|local|lan|intranet|internal|home\.arpa)$/;

/** A host as hosts are compared: in lower case, without the brackets of IPv6 and without a final dot. */
export function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '');
}

/** Whether a URL leads to this machine itself, as written: no other one sees what is sent there. */
export function isThisMachine(url: URL): boolean {
  const host = plainHost(url.hostname);
  return /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(plainAddress(host) ?? host);
}

/** The entries of COUNTERSIGN_ALLOW_HOSTS, each a host or host:port. */
export function allowedHosts(env: Readonly<Record<string, string | undefined>>): string[] {
  return (env.COUNTERSIGN_ALLOW_HOSTS ?? '').split(/[,\s]+/).filter((host) => host !== '');
}

/** Whether a URL's host is among `allowed`, which a person listed. An entry with a port allows only that port. */
export function isAllowedHost(url: URL, allowed: readonly string[]): boolean {
  const host = plainHost(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return allowed.some((entry) => {
    const bare = plainHost(entry);
    if (isIP(bare) !== 0 || !/:\d+$/.test(entry)) return bare === host;
    return plainHost(entry.replace(/:\d+$/, '')) === host && entry.endsWith(`:${port}`);
  });
}

/**
 * Why a URL may not be requested: it isn't http(s), it carries credentials, or its host is private as written (names
 * aren't resolved here). Undefined where it may. `allowed` lists private hosts that the person permits, as host or
 * host:port (COUNTERSIGN_ALLOW_HOSTS).
 */
export function urlProblem(text: string, allowed: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return 'not a URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} isn't possible: use https:`;
  if (url.username !== '' || url.password !== '') return 'a URL may not carry a user name or password';
  if (isAllowedHost(url, allowed)) return undefined;
  const host = plainHost(url.hostname);
  const isPrivate = isIP(host) === 0 ? LOCAL_NAME.test(host) || !host.includes('.') : isPrivateAddress(host);
  return isPrivate ? `${host} is a private address; list it in COUNTERSIGN_ALLOW_HOSTS to allow it` : undefined;
}
