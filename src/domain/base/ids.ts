import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++, rest >>= 5n) text = (ALPHABET[Number(rest & 31n)] ?? '') + text;
  return text;
}

/**
 * Gives a function that makes ids: the prefix, 9 characters for the millisecond, and 8 random ones. Ids sort by the
 * time they were made; within one millisecond the random part counts up.
 */
export function createIds(now: () => Date): (prefix: string) => string {
  let lastMs = 0n;
  let random = 0n;
  return (prefix) => {
    const ms = BigInt(now().getTime());
    random = ms > lastMs ? BigInt(`0x${randomBytes(5).toString('hex')}`) & ((1n << 39n) - 1n) : random + 1n;
    if (ms > lastMs) lastMs = ms;
    return `${prefix}_${encode(lastMs, 9)}${encode(random, 8)}`;
  };
}
