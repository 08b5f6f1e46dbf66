import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const MAX_ADDRESS = 254;
/** The longest text that is looked at: an address with what may stand around it. */
const MAX_TEXT = 1_000;
/** A dot-string (RFC 5321, 4.1.2; RFC 6531 for other letters), without characters that nobody sees. */
const LOCAL_PART =
  /^[^\s@<>,;:"()[\]\\.\p{C}\p{Default_Ignorable_Code_Point}]+(?:\.[^\s@<>,;:"()[\]\\.\p{C}\p{Default_Ignorable_Code_Point}]+)*$/u;
const DOMAIN = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}-]*(?:\.[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}-]*)*$/u;
/** A label of a domain that ends with a hyphen (RFC 1035, 2.3.1). */
const OPEN_LABEL = /-(?:\.|$)/;
const ENCODED_WORD = /=\?[^?]*\?[bq]\?/i;
/** Most addresses are in the form of the wire already: ASCII, lower case, a name before the last dot. */
const ALREADY = /^[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z][a-z0-9]*(?:-+[a-z0-9]+)*$/;
/** The scheme of a link (RFC 6068), whose address is encoded and may have fields behind it. */
const MAILTO = /^[\s"'`“”„‘’‚«»‹›<]*mailto:/i;
const AROUND_FRONT = /^(?:[\s"'`“”„‘’‚«»‹›<]|mailto:(?:\/\/)?)+/i;
const AROUND_END = /[\s"'`“”„‘’‚«»‹›>;]+$/;

function withoutDecoration(text: string): string {
  const bare = text.replace(AROUND_FRONT, '').replace(AROUND_END, '');
  return MAILTO.test(text) ? decoded(bare.replace(/\?.*$/s, '')) : bare;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * An email address as it goes on the wire, and so as addresses are compared everywhere (contract, section 3): the local
 * part in NFC and lower case, the domain in lower-case ASCII (IDNA). `mailto:`, angle brackets, quotes and a trailing
 * `;` are taken off. Undefined where what is left isn't one plain address `local@domain` of at most 254 characters
 * (RFC 5321, 4.5.3.1.3): quoted local parts, address literals and encoded words could be read as another recipient.
 */
export function wireAddress(text: string): string | undefined {
  if (text.length <= MAX_ADDRESS && ALREADY.test(text) && !text.includes('xn--')) return text;
  if (text.length > MAX_TEXT || !text.includes('@')) return undefined;
  const plain = withoutDecoration(text);
  if (ENCODED_WORD.test(plain)) return undefined;
  const [local, domain, ...more] = plain.split('@');
  if (local === undefined || domain === undefined || more.length > 0) return undefined;
  // NFC makes a semicolon of the Greek question mark, and a backtick of the Greek varia: what goes on the wire is what has to
  // be plain, with nothing at its front that the next reader would take off.
  const name = local.normalize('NFC').toLowerCase().normalize('NFC');
  if (!LOCAL_PART.test(name) || AROUND_FRONT.test(name) || !DOMAIN.test(domain) || OPEN_LABEL.test(domain))
    return undefined;
  // In ASCII `2130706433` becomes 127.0.0.1, which is no domain.
  const ascii = domainToASCII(domain.toLowerCase());
  if (ascii === '' || isIP(ascii) !== 0) return undefined;
  const address = `${name}@${ascii}`;
  return address.length <= MAX_ADDRESS ? address : undefined;
}

/** Whether a text is an address without anything around it, as a sender's has to be. */
export function isAddress(text: string): boolean {
  return wireAddress(text) !== undefined && withoutDecoration(text) === text;
}

/** Names that only this machine or its own network knows (RFC 6761, 6762, 8375 and their kin). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|corp|home|arpa|invalid|onion)$/;

/**
 * The domain of an address as it goes on the wire, where it is a name for other machines too: it has a dot, and isn't
 * one of a local network. A sender speaks for itself under it, in EHLO and Message-ID.
 */
export function publicDomain(address: string): string | undefined {
  const domain = wireAddress(address)?.split('@')[1] ?? '';
  return domain.includes('.') && !LOCAL_NAME.test(domain) ? domain : undefined;
}

/**
 * What an address is compared by. A text that is no address is compared in lower case: homes of before may hold such.
 */
export function addressKey(text: string): string {
  return wireAddress(text) ?? text.trim().toLowerCase();
}
