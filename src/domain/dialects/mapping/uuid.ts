import { createHash } from 'node:crypto';

/**
 * An id of ours is a prefix and 17 characters of 5 bits (`base/ids.ts`). A UUID has room for those 85 bits and for 37 more,
 * which are a check: a digest of the id, so that a UUID made elsewhere is no id of ours. It is a UUID of version 8 (RFC 9562:
 * custom), and sorts as the ids do.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID = /^([a-z]{1,8})_([0-9a-hjkmnp-tv-z]{17})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const CHARACTERS = 17;
const CHECK_BITS = 37n;
const UUID_VERSION = 8n;
const VARIANT = 2n;

function mask(bits: bigint): bigint {
  return (1n << bits) - 1n;
}

function checkOf(id: string): bigint {
  const digest = createHash('sha256').update(id).digest('hex');
  return BigInt(`0x${digest.slice(0, 16)}`) & mask(CHECK_BITS);
}

/** Whether a text is a UUID of any version, as a path or a body may hold one. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** 122 bits as a UUID of version 8. */
function asUuid(bits: bigint): string {
  const high = bits >> 74n;
  const middle = (bits >> 62n) & mask(12n);
  const low = bits & mask(62n);
  const whole = (high << 80n) | (UUID_VERSION << 76n) | (middle << 64n) | (VARIANT << 62n) | low;
  const hex = whole.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * An id of ours as a UUID. A text that is a UUID already stays one, in lower case: threads may have such ids. Any other id
 * has a UUID too, from its digest, which can't be turned back.
 */
export function uuidOf(id: string): string {
  if (isUuid(id)) return id.toLowerCase();
  const [, , code] = ID.exec(id) ?? [];
  if (code === undefined) {
    const digest = createHash('sha256').update(id).digest('hex');
    return asUuid(BigInt(`0x${digest.slice(0, 32)}`) & mask(122n));
  }
  let number = 0n;
  for (const character of code) number = (number << 5n) | BigInt(ALPHABET.indexOf(character));
  return asUuid((number << CHECK_BITS) | checkOf(id));
}

/** A text with a UUID in place of each id of ours with one of these prefixes. */
export function withUuids(text: string, prefixes: readonly string[]): string {
  return text.replace(/(?<![\w-])([a-z]{1,8})_[0-9a-hjkmnp-tv-z]{17}(?![\w-])/g, (id, prefix) =>
    prefixes.includes(prefix) ? uuidOf(id) : id,
  );
}

/** The id of ours with a prefix (`ag`, `th`, `it`, `msg`) that a UUID stands for; undefined where it stands for none. */
export function idFrom(uuid: string, prefix: string): string | undefined {
  if (!isUuid(uuid)) return undefined;
  const whole = BigInt(`0x${uuid.replaceAll('-', '')}`);
  const bits = ((whole >> 80n) << 74n) | (((whole >> 64n) & mask(12n)) << 62n) | (whole & mask(62n));
  let code = '';
  for (let rest = bits >> CHECK_BITS, place = 0; place < CHARACTERS; rest >>= 5n, place++)
    code = (ALPHABET[Number(rest & 31n)] ?? '') + code;
  const id = `${prefix}_${code}`;
  return uuidOf(id) === uuid.toLowerCase() ? id : undefined;
}
