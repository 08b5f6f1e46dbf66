import { isIP } from 'node:net';
import { plainHost } from '../domain/base/url.ts';

/** What may be an IP address of either family, with a port behind it or without. */
const LIKE_ADDRESS = /(?<![\w.:])\[?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f:.]+)(?:%\w+)?\]?(?::\d{1,5})?/gi;

function bare(text: string): string {
  return plainHost(text.replace(/%\w+/, '')).replace(/\]$/, '');
}

/** An address, read with a port and without: `::1:80` may be either. */
function readings(text: string): string[] {
  return [bare(text), bare(text.replace(/:\d{1,5}$/, ''))].filter((address) => isIP(address) !== 0);
}

/**
 * What the system says of a failed connection, without the addresses that the host's name led to: whoever may name a
 * URL would learn from them what the inside of a network looks like. An address that is the host itself stays.
 */
export function withoutAddresses(text: string, host: string): string {
  const own = plainHost(host);
  return text.replace(LIKE_ADDRESS, (found) => {
    const addresses = readings(found);
    return addresses.length === 0 || addresses.includes(own) ? found : '(address)';
  });
}
