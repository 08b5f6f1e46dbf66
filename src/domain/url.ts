import { BlockList, isIP } from 'node:net';

function privateRanges(): BlockList {
  const list = new BlockList();
  const v4: [string, number][] = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ];
  for (const [network, bits] of v4) list.addSubnet(network, bits, 'ipv4');
  const v6: [string, number][] = [
    ['::', 127],
    ['64:ff9b::', 96],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ];
  for (const [network, bits] of v6) list.addSubnet(network, bits, 'ipv6');
  return list;
}

const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * Why a URL may not be set, if so: not http(s), with credentials, or private by its face. `allowed` are hosts or
 * host:port that the person lets through (COUNTERSIGN_ALLOW_HOSTS).
 */
export function urlProblem(text: string, allowed: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return 'not a URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} isn't possible: use https:`;
  if (url.username !== '' || url.password !== '') return 'a URL may not carry a user name or password';
  const host = url.hostname.replace(/\.$/, '');
  if (allowed.includes(host) || allowed.includes(url.host)) return undefined;
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  const isPrivate =
    family === 0
      ? LOCAL_NAME.test(host) || !host.includes('.')
      : privateRanges().check(address, family === 4 ? 'ipv4' : 'ipv6');
  return isPrivate ? `${host} is a private address; list it in COUNTERSIGN_ALLOW_HOSTS to allow it` : undefined;
}
