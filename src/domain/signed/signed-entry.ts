import { type DecisionEntry, type DecisionKind, digestOfMade } from '../decisions/decision.ts';
import { flawOfSignature, isSignedProof } from '../decisions/signed-proof.ts';
import { attemptDigest } from '../runs/action-change.ts';

/** What a person signs for each kind of entry. Kinds that aren't here are never signed. */
const SIGNED_FOR: Readonly<Partial<Record<DecisionKind, readonly string[]>>> = {
  approved: ['approve'],
  rejected: ['reject'],
  cancelled: ['reject'],
  retried: ['retry'],
  settled_sent: ['sent'],
  settled_not_sent: ['not_sent'],
  loosened: ['approve'],
  granted: ['approve'],
  declined: ['decline'],
  paused: ['pause'],
  resumed: ['resume'],
  passkey_added: ['add_passkey'],
  passkey_removed: ['remove_passkey'],
  signing_on: ['signing_on'],
  signing_off: ['signing_off', 'remove_passkey'],
};

/** The digest that a signature for an entry is over: the entry's own, or that of the attempt that the person was shown. */
export function signedDigest({ digest = '', attempt }: Pick<DecisionEntry, 'digest' | 'attempt'>): string {
  return attempt ? attemptDigest(attempt) : digest;
}

/**
 * Why an entry doesn't hold a signature over what it tells; undefined where it does, and for an entry with another proof. It
 * needs nothing but the entry, so that anybody can do the same with an exported one. Whose the key was is told by the entries
 * `passkey_added` before.
 */
export function flawOfSignedEntry(entry: DecisionEntry): string | undefined {
  const { via, proof, decision, attempt, digest } = entry;
  if (via !== 'signed') return proof === undefined ? undefined : `holds a signature, although its proof is "${via}"`;
  if (!isSignedProof(proof)) return 'holds no signature, although its proof is "signed"';
  if (SIGNED_FOR[decision]?.includes(proof.decision) !== true)
    return `tells of "${decision}", and "${proof.decision}" was signed`;
  if (!proof.digests.includes(signedDigest(entry))) return 'has a digest that is none of those that were signed';
  const made = entry.personal?.made_of;
  if (made && digestOfMade(made) !== (attempt?.digest ?? digest))
    return "has a digest that isn't of what it says was signed";
  if (decision === 'retried' && attempt?.digest !== digest) return 'repeats something else than what was signed';
  const flaw = flawOfSignature(proof);
  return flaw && `holds a signature that doesn't count: ${flaw}`;
}
