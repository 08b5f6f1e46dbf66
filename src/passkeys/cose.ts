import { createPublicKey, type JsonWebKey } from 'node:crypto';

/** COSE's numbers of the algorithms that passkeys may have here: EdDSA, ES256 and RS256 (RFC 9053, RFC 8812). */
const [EDDSA, ES256, RS256] = [-8, -7, -257] as const;
export const ALGORITHMS_OF_PASSKEYS = [EDDSA, ES256, RS256] as const;

/** Labels of a COSE key (RFC 9052): kind and algorithm; then, by kind, curve, x and y, or modulus and exponent. */
const [KIND, ALG, FIRST, SECOND, THIRD] = [1, 3, -1, -2, -3] as const;
const [OCTET_PAIR, ELLIPTIC, RSA] = [1, 2, 3] as const;
const [P256, ED25519] = [1, 6] as const;

type CoseKey = Map<number, number | Buffer>;

/** Reads the head of a CBOR item at a place: its kind, its number, and where what follows begins. */
function headAt(bytes: Buffer, at: number): { kind: number; value: number; next: number } {
  const first = bytes.readUInt8(at);
  const [kind, short] = [first >> 5, first & 31];
  if (short < 24) return { kind, value: short, next: at + 1 };
  if (short === 24) return { kind, value: bytes.readUInt8(at + 1), next: at + 2 };
  if (short === 25) return { kind, value: bytes.readUInt16BE(at + 1), next: at + 3 };
  throw new Error('a key of a passkey has numbers of another size');
}

function itemAt(bytes: Buffer, at: number): { item: number | Buffer; next: number } {
  const { kind, value, next } = headAt(bytes, at);
  if (kind === 0) return { item: value, next };
  if (kind === 1) return { item: -1 - value, next };
  if (kind !== 2 || next + value > bytes.length) throw new Error('a key of a passkey holds something else');
  return { item: bytes.subarray(next, next + value), next: next + value };
}

/** Reads a COSE key: a map of numbers to numbers and bytes, and nothing else. */
function readCose(bytes: Buffer): CoseKey {
  const { kind, value: count, next: start } = headAt(bytes, 0);
  if (kind !== 5) throw new Error('a key of a passkey is no map');
  const found: CoseKey = new Map();
  let at = start;
  for (let index = 0; index < count; index++) {
    const label = itemAt(bytes, at);
    const value = itemAt(bytes, label.next);
    if (typeof label.item !== 'number') throw new Error('a key of a passkey has another label');
    found.set(label.item, value.item);
    at = value.next;
  }
  return found;
}

function textOf(value: number | Buffer | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('base64url') : '';
}

/** A COSE key as SPKI in base64url, with its algorithm. Throws Error for any other key than one of `ALGORITHMS_OF_PASSKEYS`. */
export function spkiOfCose(bytes: Uint8Array): { public_key: string; alg: number } {
  const key = readCose(Buffer.from(bytes));
  const [kind, alg, first] = [key.get(KIND), key.get(ALG), key.get(FIRST)];
  const [x, y] = [textOf(key.get(SECOND)), textOf(key.get(THIRD))];
  let jwk: JsonWebKey | undefined;
  if (kind === ELLIPTIC && alg === ES256 && first === P256) jwk = { kty: 'EC', crv: 'P-256', x, y };
  if (kind === OCTET_PAIR && alg === EDDSA && first === ED25519) jwk = { kty: 'OKP', crv: 'Ed25519', x };
  if (kind === RSA && alg === RS256) jwk = { kty: 'RSA', n: textOf(first), e: x };
  if (!jwk || typeof alg !== 'number') throw new Error('a passkey signs by another algorithm');
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
  return { public_key: spki.toString('base64url'), alg };
}

/** A number, or the length of bytes, as the head of a CBOR item. */
function head(kind: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(kind << 5) | value]);
  if (value < 256) return Buffer.from([(kind << 5) | 24, value]);
  return Buffer.from([(kind << 5) | 25, value >> 8, value & 255]);
}

function written(item: number | Buffer): Buffer {
  if (Buffer.isBuffer(item)) return Buffer.concat([head(2, item.length), item]);
  return item < 0 ? head(1, -1 - item) : head(0, item);
}

function writeCose(key: CoseKey): Uint8Array<ArrayBuffer> {
  const parts = [...key].flatMap(([label, value]) => [written(label), written(value)]);
  return Uint8Array.from(Buffer.concat([head(5, key.size), ...parts]));
}

/** SPKI in base64url as a COSE key, which is how WebAuthn's libraries take it. */
export function coseOfSpki(publicKey: string): Uint8Array<ArrayBuffer> {
  const spki = Buffer.from(publicKey, 'base64url');
  const {
    kty,
    x = '',
    y = '',
    n = '',
    e = '',
  } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  const pairs: Record<string, [number, number | Buffer][]> = {
    EC: [
      [KIND, ELLIPTIC],
      [ALG, ES256],
      [FIRST, P256],
      [SECOND, bytes(x)],
      [THIRD, bytes(y)],
    ],
    OKP: [
      [KIND, OCTET_PAIR],
      [ALG, EDDSA],
      [FIRST, ED25519],
      [SECOND, bytes(x)],
    ],
    RSA: [
      [KIND, RSA],
      [ALG, RS256],
      [FIRST, bytes(n)],
      [SECOND, bytes(e)],
    ],
  };
  return writeCose(new Map(pairs[kty ?? ''] ?? []));
}
