import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++, rest >>= 5n) text = (ALPHABET[Number(rest & 31n)] ?? '') + text;
  return text;
}

/** Makes ids that sort by the time they were made: a prefix, 9 characters of milliseconds, 8 of chance. */
export function createIds(now: () => Date): (prefix: string) => string {
  let lastMs = 0n;
  let chance = 0n;
  return (prefix) => {
    const ms = BigInt(now().getTime());
    chance = ms > lastMs ? BigInt(`0x${randomBytes(5).toString('hex')}`) & ((1n << 39n) - 1n) : chance + 1n;
    if (ms > lastMs) lastMs = ms;
    return `${prefix}_${encode(lastMs, 9)}${encode(chance, 8)}`;
  };
}
