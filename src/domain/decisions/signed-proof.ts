import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { canonical, isObject } from '../base/json.ts';

/** What a passkey was asked to sign: one decision on everything that these digests stand for. A nonce is used once. */
export type SignedStatement = { decision: string; digests: readonly string[]; nonce: string };

/**
 * A statement with its signature by a passkey (WebAuthn, level 2), as the decision log keeps it: with `node:crypto` or
 * OpenSSL alone anybody can verify it. All texts but those of the statement are base64url; `publicKey` is SPKI (DER).
 */
export type SignedProof = SignedStatement & {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  publicKey: string;
};

/** The most rows that one signature may be for: each of their entries in the log keeps the whole of what was signed. */
export const MOST_SIGNED = 200;

/** Flags of authenticator data (section 6.1): somebody was there, and was known by a PIN, a finger or a face. */
const [USER_PRESENT, USER_VERIFIED] = [0x01, 0x04];
const [FLAGS_AT, COUNTER_AT, SHORTEST] = [32, 33, 37];
const LEAST_RSA_BITS = 2048;

const BASE64URL = /^[\w-]+$/;

/** Whether a value has the shape of a proof: a log that somebody altered may hold anything. */
export function isSignedProof(value: unknown): value is SignedProof {
  if (!isObject(value)) return false;
  const { decision, digests, nonce, clientDataJSON, authenticatorData, signature, publicKey } = value;
  const texts = [clientDataJSON, authenticatorData, signature, publicKey];
  return (
    typeof decision === 'string' &&
    typeof nonce === 'string' &&
    Array.isArray(digests) &&
    digests.every((digest) => typeof digest === 'string') &&
    texts.every((text) => typeof text === 'string' && BASE64URL.test(text))
  );
}

function fromBase64url(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

/** The text that is signed: JSON with sorted keys and no spaces. */
function statementOf({ decision, digests, nonce }: SignedStatement): string {
  return canonical({ decision, digests, nonce });
}

/** The challenge that a passkey signs, in base64url: SHA-256 over exactly `{"decision":"…","digests":[…],"nonce":"…"}`. */
export function challengeOf(statement: SignedStatement): string {
  return hash('sha256', statementOf(statement), 'base64url');
}

/** What the digests of a statement on a passkey hold: SHA-256 in hex over its public key. */
export function keyDigest(publicKey: string): string {
  return hash('sha256', fromBase64url(publicKey), 'hex');
}

/** Which site a passkey was made for, as SHA-256 of its RP ID in base64url, and how often it has signed; 0 where it doesn't count. */
export function authenticatorFacts(authenticatorData: string): { rp_id_hash: string; counter: number } {
  const data = fromBase64url(authenticatorData);
  const counter = data.length < SHORTEST ? 0 : data.readUInt32BE(COUNTER_AT);
  return { rp_id_hash: data.subarray(0, FLAGS_AT).toString('base64url'), counter };
}

/** The digest of an RP ID as authenticator data has it. */
export function rpIdHash(rpId: string): string {
  return hash('sha256', rpId, 'base64url');
}

/** How a key signs: RS256 and ES256 hash first, Ed25519 does it itself. Undefined for any other key. */
function schemeOf(key: KeyObject): { digest: 'sha256' | null } | undefined {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      return namedCurve === 'prime256v1' ? { digest: 'sha256' } : undefined;
    case 'rsa':
      return modulusLength >= LEAST_RSA_BITS ? { digest: 'sha256' } : undefined;
    case 'ed25519':
      return { digest: null };
    default:
      return undefined;
  }
}

function keyOf(publicKey: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: fromBase64url(publicKey), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** Whether signatures by a public key can be verified: ES256, RS256 or EdDSA. */
export function isVerifiableKey(publicKey: string): boolean {
  const key = keyOf(publicKey);
  return key !== undefined && schemeOf(key) !== undefined;
}

function isSignatureOf(proof: SignedProof): boolean {
  const key = keyOf(proof.publicKey);
  const scheme = key && schemeOf(key);
  if (!key || !scheme) return false;
  const clientHash = hash('sha256', fromBase64url(proof.clientDataJSON), 'buffer');
  const signed = Buffer.concat([fromBase64url(proof.authenticatorData), clientHash]);
  try {
    return verify(scheme.digest, signed, key, fromBase64url(proof.signature));
  } catch {
    return false;
  }
}

function clientDataOf({ clientDataJSON }: SignedProof): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(fromBase64url(clientDataJSON).toString('utf8'));
    return isObject(data) ? data : {};
  } catch {
    return {};
  }
}

/**
 * Why a proof isn't a person's signature over its own statement; undefined where it is. Whose key it is, and whether the
 * statement is about what is decided, is for the caller to know.
 */
export function flawOfSignature(proof: SignedProof): string | undefined {
  if (!isSignedProof(proof)) return "it isn't whole";
  const { type, challenge, crossOrigin } = clientDataOf(proof);
  if (type !== 'webauthn.get') return "it isn't the answer to a request for a signature";
  if (crossOrigin === true) return "it was made inside of another site's page";
  if (challenge !== challengeOf(proof)) return 'something else was signed';
  const data = fromBase64url(proof.authenticatorData);
  const flags = data.length < SHORTEST ? 0 : data.readUInt8(FLAGS_AT);
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return "the passkey didn't verify the person";
  return isSignatureOf(proof) ? undefined : "the signature doesn't match its key";
}
