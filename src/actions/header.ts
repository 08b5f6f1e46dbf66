import { HALF_A_CHARACTER, isHalved } from '../domain/base/json.ts';

const MAX_HEADER = 998;
const BREAKING = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/u;
const ENCODED_WORD = /=\?[^?]*\?[bq]\?/i;

/**
 * Why a text may not stand in an email's header, if so: a line break or NUL would start another header or end the
 * message (RFC 5322, 2.2), some mail programs take other controls and separators for line breaks, and an encoded word
 * (RFC 2047) could carry them past every check, to be decoded only by the recipient's mail program.
 */
export function headerProblem(text: string): string | undefined {
  if (BREAKING.test(text)) return 'holds a line break or control character, which a header of an email may not';
  if (isHalved(text)) return HALF_A_CHARACTER;
  if (ENCODED_WORD.test(text)) return 'holds an encoded word (=?...?=): write the text itself';
  return text.length > MAX_HEADER ? `is longer than ${MAX_HEADER} characters` : undefined;
}
