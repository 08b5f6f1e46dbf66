import { ownedBy } from '../../domain/agents/audience.ts';
import type { Author } from '../../domain/base/author.ts';
import { AppError, unlawful } from '../../domain/base/errors.ts';
import { type Passkey, passkeysOfPerson } from '../../domain/decisions/passkey.ts';
import { authenticatorFacts, flawOfSignature, type SignedProof } from '../../domain/decisions/signed-proof.ts';
import { claimsIn, uncovered } from '../../domain/signed/claims.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';

/** The passkey of a person by which a proof was signed; undefined where it is none of theirs. */
export function signerOf(view: View, by: Author, { publicKey }: SignedProof): Passkey | undefined {
  if (typeof by === 'string') return undefined;
  return passkeysOfPerson(view.passkeys(), ownedBy(by).owner).find(({ public_key }) => public_key === publicKey);
}

/**
 * Why a proof isn't a signature by which this person decides now; undefined where it is: by a passkey of theirs, made on the
 * site that the passkey is for, verified by it, and never used before.
 */
export function flawOfProof(view: View, by: Author, proof: SignedProof): string | undefined {
  const signer = signerOf(view, by, proof);
  if (!signer) return 'its passkey is none of the person who decides';
  const flaw = flawOfSignature(proof);
  if (flaw !== undefined) return flaw;
  const { rp_id_hash, counter } = authenticatorFacts(proof.authenticatorData);
  if (rp_id_hash !== signer.rp_id_hash) return 'it was made for another site';
  const counts = counter > 0 || signer.counter > 0;
  if (counts && counter <= signer.counter) return 'its passkey counted back, so there may be a copy of it';
  return view.isSpent(proof.nonce) ? 'it was used before' : undefined;
}

function refusedSignature(flaw: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `This signature doesn't count: ${flaw}. Nothing was decided, and what waits still waits. Sign again, with a passkey of your own.`,
    { needed: 'signed', given: 'none', flaw },
  );
}

/** Refuses a signature that doesn't hold: FORBIDDEN, and nothing is decided. */
function demandSignature(view: View, by: Author, proof: SignedProof): void {
  const flaw = flawOfProof(view, by, proof);
  if (flaw !== undefined) throw refusedSignature(flaw);
}

/** How a decision is proven. With `signed`, what the person signed. */
export type Proven<L extends string = string> = { via?: L | undefined; proof?: SignedProof | undefined };

/**
 * The events of a decision, with the signature where it was signed. Nothing is signed where nothing came of it.
 *
 * @throws AppError FORBIDDEN where the signature doesn't hold, or is about something else
 */
export function provenEvents(
  view: View,
  by: Author,
  events: Event[],
  { via, proof, at }: Proven & { at: string },
): Event[] {
  if (via !== 'signed') return events;
  if (proof === undefined) throw unlawful('something was to be signed, and there is no signature');
  demandSignature(view, by, proof);
  const claims = claimsIn(events, view.passkeys());
  if (claims.length === 0) return events;
  const other = uncovered(claims, proof);
  if (other !== undefined) throw refusedSignature(other);
  return [...events, { type: 'signed', proof, at }];
}
