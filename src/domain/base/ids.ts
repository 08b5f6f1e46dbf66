import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++, rest >>= 5n) text = (ALPHABET[Number(rest & 31n)] ?? '') + text;
  return text;
}

/** A clock that shows a time so many ms before that of the last id was set, and ids go by it. */
const SET_BACK_MS = 60_000n;

/**
 * Gives a function that makes ids: the prefix, 9 characters for the millisecond, and 8 random ones. Ids sort by the
 * time they were made; within one millisecond the random part counts up.
 */
export function createIds(now: () => Date): (prefix: string) => string {
  let lastMs = 0n;
  let random = 0n;
  return (prefix) => {
    const ms = BigInt(now().getTime());
    const isAnother = ms > lastMs || lastMs - ms > SET_BACK_MS;
    random = isAnother ? BigInt(`0x${randomBytes(5).toString('hex')}`) & ((1n << 39n) - 1n) : random + 1n;
    if (isAnother) lastMs = ms;
    return `${prefix}_${encode(lastMs, 9)}${encode(random, 8)}`;
  };
}
