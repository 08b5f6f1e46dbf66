import type { DecisionDraft } from '../../domain/decisions/decision.ts';
import type { Passkey, PasskeyBook } from '../../domain/decisions/passkey.ts';
import { keyDigest, type SignedProof } from '../../domain/decisions/signed-proof.ts';
import { SIGNING_DIGEST } from '../../domain/signed/claims.ts';
import type { Event } from '../../domain/state/events.ts';

type OfKeys = Event & { type: 'passkey_added' | 'passkey_removed' | 'signing_set' };
/** When, by whom and by which proof something was decided. */
type DecidedBy = Pick<DecisionDraft, 'at' | 'by' | 'person' | 'client' | 'via'>;

function ofPasskey({ id, name, public_key, how }: Passkey): Pick<DecisionDraft, 'digest' | 'passkey'> {
  return { digest: keyDigest(public_key), passkey: { id, name, public_key, how } };
}

/** The entry of a change of passkeys, or of the switch of signing. `book` is as it was before. */
export function draftOfKeys({ keys }: PasskeyBook, event: OfKeys, by: DecidedBy): DecisionDraft {
  if (event.type === 'passkey_added') return { ...by, decision: 'passkey_added', ...ofPasskey(event.passkey) };
  if (event.type === 'signing_set')
    return { ...by, decision: event.on ? 'signing_on' : 'signing_off', digest: SIGNING_DIGEST };
  const passkey = keys.get(event.passkey_id);
  return { ...by, decision: 'passkey_removed', ...(passkey ? ofPasskey(passkey) : {}) };
}

/** An entry with what was signed, where it was. Signing that goes off with its last passkey is signed by the word on that one. */
export function withProof(draft: DecisionDraft, proof: SignedProof | undefined): DecisionDraft {
  if (draft.via !== 'signed' || !proof) return draft;
  const isWithKey = draft.decision === 'signing_off' && proof.decision === 'remove_passkey';
  return { ...draft, ...(isWithKey ? { digest: proof.digests[0] ?? '' } : {}), proof };
}
