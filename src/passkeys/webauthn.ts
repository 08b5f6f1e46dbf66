import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { AppError, invalid } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import type { Credential, Passkey } from '../domain/decisions/passkey.ts';
import { challengeOf, rpIdHash, type SignedProof, type SignedStatement } from '../domain/decisions/signed-proof.ts';
import { ALGORITHMS_OF_PASSKEYS, coseOfSpki, spkiOfCose } from './cose.ts';

/** The site that passkeys are made for and used on: its exact origin, and the RP ID, which is its host or a part of that. */
export type PasskeySite = { origin: string; rpId: string };

/** How long a browser's prompt may stay open. */
const PROMPT_MS = 5 * 60_000;

const Base64Url = z
  .string()
  .regex(/^[\w-]+$/)
  .max(100_000);
const Creation = z.object({
  id: Base64Url,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});
const Assertion = z.object({
  id: Base64Url,
  type: z.literal('public-key'),
  response: z.object({ clientDataJSON: Base64Url, authenticatorData: Base64Url, signature: Base64Url }),
});

function read<T>(schema: z.ZodType<T>, response: unknown): T {
  const { success, data, error } = schema.safeParse(response);
  if (success) return data;
  const [problem] = error.issues;
  throw invalid(`This isn't what a browser answers for a passkey: ${problem?.path.join('.')}: ${problem?.message}.`);
}

function refusedPasskey(error: unknown): AppError {
  const why = error instanceof Error ? error.message : String(error);
  return new AppError('FORBIDDEN', `This passkey's answer doesn't count: ${why}. Nothing was decided. Try again.`, {
    needed: 'signed',
    given: 'none',
  });
}

const described = ({ id, transports }: Pick<Passkey, 'id' | 'transports'>) => ({
  id,
  ...(transports ? { transports } : {}),
});

export type CreationTerms = PasskeySite & {
  /** The person's handle, base64url (`personHandle`), and the name that the authenticator shows. */
  person: { handle: string; name: string };
  /** base64url. */
  challenge: string;
  /** The passkeys that the person has: an authenticator that holds one of them makes no other. */
  passkeys: readonly Passkey[];
};

/** What a browser is asked, to make a passkey. */
export async function creationOptions(terms: CreationTerms): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await import('@simplewebauthn/server');
  const { rpId, person, challenge, passkeys } = terms;
  return generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: rpId,
    userName: person.name,
    userDisplayName: person.name,
    userID: Uint8Array.from(Buffer.from(person.handle, 'base64url')),
    challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
    timeout: PROMPT_MS,
    attestationType: 'none',
    excludeCredentials: passkeys.map(described),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    supportedAlgorithmIDs: [...ALGORITHMS_OF_PASSKEYS],
  });
}

/** How the CBOR of an attestation begins that says nothing of who made the authenticator, as browsers answer when asked for none. */
const NO_ATTESTATION = Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex');

/**
 * The passkey that a browser made.
 *
 * @throws AppError VALIDATION_ERROR, or FORBIDDEN where the answer isn't one to this challenge, from this site, by an
 *   authenticator that verified the person
 */
export async function readCreation(
  response: unknown,
  { origin, rpId, challenge }: PasskeySite & { challenge: string },
): Promise<Credential> {
  const { id, type, response: answer } = read(Creation, response);
  const { clientDataJSON, attestationObject, transports } = answer;
  // Any other attestation has certificates, and whoever checks those asks servers that they name.
  if (!Buffer.from(attestationObject, 'base64url').subarray(0, NO_ATTESTATION.length).equals(NO_ATTESTATION))
    throw refusedPasskey('it carries an attestation, and none was asked for');
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId: id, type, clientExtensionResults: {}, response: { clientDataJSON, attestationObject } },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS_OF_PASSKEYS],
    });
    if (!verified) throw new Error('it could not be verified');
    const { credential } = registrationInfo;
    const kept = transports ? { transports } : {};
    return {
      id: credential.id,
      ...spkiOfCose(credential.publicKey),
      counter: credential.counter,
      rp_id_hash: rpIdHash(rpId),
      ...kept,
    };
  } catch (error) {
    throw refusedPasskey(error);
  }
}

/** What a browser is asked, to have a statement signed by one of these passkeys. */
export async function requestOptions(
  { rpId }: Pick<PasskeySite, 'rpId'>,
  statement: SignedStatement,
  passkeys: readonly Passkey[],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: Uint8Array.from(Buffer.from(challengeOf(statement), 'base64url')),
    allowCredentials: passkeys.map(described),
    timeout: PROMPT_MS,
    userVerification: 'required',
  });
}

/** The challenge that an answer says it is to, by which its prompt is found; undefined where it says none. */
export function challengeIn(response: unknown): string | undefined {
  const parsed = Assertion.safeParse(response);
  if (!parsed.success) return undefined;
  try {
    const data: unknown = JSON.parse(Buffer.from(parsed.data.response.clientDataJSON, 'base64url').toString('utf8'));
    return isObject(data) && typeof data.challenge === 'string' ? data.challenge : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A browser's answer as the proof of a statement. The lock verifies it once more, by other means.
 *
 * @throws AppError VALIDATION_ERROR, or FORBIDDEN where it isn't a signature over this statement, from this site, by one of
 *   these passkeys that verified the person and counts on
 */
export async function readAssertion(
  response: unknown,
  statement: SignedStatement,
  { origin, rpId, passkeys }: PasskeySite & { passkeys: readonly Passkey[] },
): Promise<SignedProof> {
  const { id, type, response: answer } = read(Assertion, response);
  const passkey = passkeys.find((own) => own.id === id);
  if (!passkey) throw refusedPasskey('it is none of your passkeys here');
  const { public_key, counter } = passkey;
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: { id, rawId: id, type, clientExtensionResults: {}, response: answer },
      expectedChallenge: challengeOf(statement),
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id, publicKey: coseOfSpki(public_key), counter },
    });
    if (!verified) throw new Error('the signature does not match');
  } catch (error) {
    throw refusedPasskey(error);
  }
  const { decision, digests, nonce } = statement;
  return { decision, digests: [...digests], nonce, ...answer, publicKey: public_key };
}
