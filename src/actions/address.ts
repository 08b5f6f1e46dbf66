import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

const MAX_ADDRESS = 254;
const MAX_HEADER = 998;
const LOCAL_PART = /^[^\s@<>,;:"()[\]\\\p{C}]+$/u;
const DOMAIN = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}.-]*$/u;
const BREAKING = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u;
const ENCODED_WORD = /=\?[^?]*\?[bq]\?/i;

/**
 * Whether a text is one plain email address, `local@domain`, of at most 254 characters (RFC 5321, 4.5.3.1.3). Quoted
 * local parts, address literals and encoded words are refused: a mail client that reads them loosely could see another
 * recipient, or two.
 */
export function isAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS || ENCODED_WORD.test(text)) return false;
  const [local, domain, ...more] = text.split('@');
  if (local === undefined || domain === undefined || more.length > 0) return false;
  if (!LOCAL_PART.test(local) || !DOMAIN.test(domain)) return false;
  // The mail composer writes the domain in ASCII, and in ASCII `2130706433` becomes 127.0.0.1, which is no domain.
  const ascii = domainToASCII(domain);
  return ascii !== '' && isIP(ascii) === 0;
}

/**
 * Why a text may not stand in an email's header, if so: a line break or NUL would start another header or end the
 * message (RFC 5322, 2.2), some mail programs take other controls and separators for line breaks, and an encoded word
 * (RFC 2047) could carry them past every check, to be decoded only by the recipient's mail program.
 */
export function headerProblem(text: string): string | undefined {
  if (BREAKING.test(text)) return 'holds a line break or control character, which a header of an email may not';
  if (ENCODED_WORD.test(text)) return 'holds an encoded word (=?...?=): write the text itself';
  return text.length > MAX_HEADER ? `is longer than ${MAX_HEADER} characters` : undefined;
}
