import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Credential } from '../../src/domain/decisions/passkey.ts';
import { challengeOf, type SignedProof, type SignedStatement } from '../../src/domain/decisions/signed-proof.ts';

/** The site that the authenticator's browser is at. */
export const SITE = { origin: 'http://localhost:7878', rpId: 'localhost' };
export type Algorithm = 'ES256' | 'RS256' | 'EdDSA';

const [UP, UV, AT] = [0x01, 0x04, 0x40];
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const b64 = (data: Buffer) => data.toString('base64url');

/** Bytes of CBOR: a number, bytes or a text, each with its head. */
function head(kind: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(kind << 5) | value]);
  return value < 256
    ? Buffer.from([(kind << 5) | 24, value])
    : Buffer.from([(kind << 5) | 25, value >> 8, value & 255]);
}
const int = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Buffer) => Buffer.concat([head(2, value.length), value]);
const text = (value: string) => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);

function keysOf(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function coseOf(key: KeyObject, algorithm: Algorithm): Buffer {
  const { x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const part = (value: string) => bytes(Buffer.from(value, 'base64url'));
  if (algorithm === 'ES256')
    return Buffer.concat([
      head(5, 5),
      ...[int(1), int(2), int(3), int(-7), int(-1), int(1), int(-2), part(x), int(-3), part(y)],
    ]);
  if (algorithm === 'EdDSA')
    return Buffer.concat([head(5, 4), ...[int(1), int(1), int(3), int(-8), int(-1), int(6), int(-2), part(x)]]);
  return Buffer.concat([head(5, 4), ...[int(1), int(3), int(3), int(-257), int(-1), part(n), int(-2), part(e)]]);
}

/** How an authenticator misbehaves, or a browser that is elsewhere. */
export type Quirks = { origin?: string; rpId?: string; flags?: number; type?: string; crossOrigin?: boolean };

/** A passkey in software: what a browser and an authenticator answer, for tests. It counts its signatures where `counts`. */
export function softPasskey(algorithm: Algorithm = 'ES256', { counts = false }: { counts?: boolean } = {}) {
  const { publicKey, privateKey } = keysOf(algorithm);
  const rawId = randomBytes(16);
  const [id, spki] = [b64(rawId), b64(publicKey.export({ format: 'der', type: 'spki' }))];
  let counter = 0;

  const clientData = (type: string, challenge: string, { origin = SITE.origin, crossOrigin = false }: Quirks) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
  const authData = (flags: number, { rpId = SITE.rpId }: Quirks) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count]);
  };

  function assertion(challenge: string, quirks: Quirks = {}) {
    if (counts) counter += 1;
    const data = clientData(quirks.type ?? 'webauthn.get', challenge, quirks);
    const auth = authData(quirks.flags ?? UP | UV, quirks);
    const signed = Buffer.concat([auth, sha256(data)]);
    const signature = sign(algorithm === 'EdDSA' ? null : 'sha256', signed, privateKey);
    return { clientDataJSON: b64(data), authenticatorData: b64(auth), signature: b64(signature) };
  }

  return {
    id,
    publicKey: spki,
    /** As the engine is given it. */
    credential: (): Credential => ({
      ...{ id, public_key: spki, alg: { ES256: -7, RS256: -257, EdDSA: -8 }[algorithm], counter },
      rp_id_hash: b64(sha256(SITE.rpId)),
    }),
    /** A statement with its signature, as the engine is given it. */
    proof: ({ decision, digests, nonce }: SignedStatement, quirks: Quirks = {}): SignedProof => ({
      ...{ decision, digests: [...digests], nonce },
      ...assertion(challengeOf({ decision, digests, nonce }), quirks),
      publicKey: spki,
    }),
    /** What a browser answers to `navigator.credentials.get`. */
    get: ({ challenge }: { challenge: string }, quirks: Quirks = {}) => ({
      ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
      response: assertion(challenge, quirks),
    }),
    /** What a browser answers to `navigator.credentials.create`. */
    create({ challenge }: { challenge: string }, quirks: Quirks = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(rawId.length);
      const made = Buffer.concat([Buffer.alloc(16), length, rawId, coseOf(publicKey, algorithm)]);
      const auth = Buffer.concat([authData(quirks.flags ?? UP | UV | AT, quirks), made]);
      const none = [text('fmt'), text('none'), text('attStmt'), head(5, 0), text('authData'), bytes(auth)];
      const data = clientData(quirks.type ?? 'webauthn.create', challenge, quirks);
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: b64(data),
          attestationObject: b64(Buffer.concat([head(5, 3), ...none])),
          transports: ['internal'],
        },
      };
    },
  };
}

export type SoftPasskey = ReturnType<typeof softPasskey>;

/** 16 random bytes, as the desk's nonces are. */
export function aNonce(): string {
  return b64(randomBytes(16));
}
