import { OWNER_ID } from '../base/author.ts';
import { canonical } from '../base/json.ts';
import type { DecisionEntry } from '../decisions/decision.ts';
import { type Passkey, type PasskeyBook, passkeysOfPerson } from '../decisions/passkey.ts';
import { authenticatorFacts, isSignedProof, type SignedProof } from '../decisions/signed-proof.ts';
import type { Event } from '../state/events.ts';
import { claimsIn } from './claims.ts';
import { passkeysKind } from './fold-passkeys.ts';
import { wrongOfPasskeys } from './passkey-rules.ts';
import { flawOfSignedEntry, signedDigest } from './signed-entry.ts';

function entriesIn(events: readonly Event[]): DecisionEntry[] {
  return events.flatMap((event) => (event.type === 'decisions_recorded' ? event.entries : []));
}

/**
 * Whether one digest of a statement was taken for several actions. The entries say so, since an erasure leaves them and
 * their digests. A change of several agents has an entry for each, and one digest.
 */
function isOverdrawn({ digests }: SignedProof, entries: readonly DecisionEntry[]): boolean {
  const left = [...digests];
  return entries.some((entry) => {
    if (entry.via !== 'signed' || entry.run_id === undefined) return false;
    const at = left.indexOf(signedDigest(entry));
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

/**
 * Verifies every signature of the log again, through all commits from the first: that it holds, is about what its entries
 * tell, was made by a passkey that its person had then, and counted once. It also follows how passkeys came and went.
 */
export class SignedTrail {
  readonly faults: string[] = [];
  /** How many signatures there are, and for how many entries. */
  readonly counts = { signatures: 0, entries: 0 };
  private readonly book: PasskeyBook = passkeysKind.empty();
  private readonly spent = new Set<string>();

  /** Checks the next commit; `where` names it in faults. */
  take(events: readonly Event[], where: string): void {
    const entries = entriesIn(events);
    const proofs = events.flatMap((event) => (event.type === 'signed' ? [event.proof] : []));
    const [proof, ...others] = proofs;
    if (others.length > 0) this.faults.push(`${where} holds more than one signature`);
    for (const entry of entries) this.checkEntry(entry, proof, where);
    if (proof !== undefined) this.checkProof(proof, entries, where);
    else if (claimsIn(events, this.book).length > 0)
      this.faults.push(`${where} holds no signature for what it says was signed`);
    this.follow(events, entries, where);
  }

  private checkEntry(entry: DecisionEntry, proof: SignedProof | undefined, where: string): void {
    const flaw = flawOfSignedEntry(entry);
    if (flaw !== undefined) this.faults.push(`${where}: entry ${entry.seq} ${flaw}`);
    if (entry.via !== 'signed') return;
    this.counts.entries += 1;
    if (canonical(entry.proof) !== canonical(proof))
      this.faults.push(`${where}: entry ${entry.seq} holds another signature than its commit`);
    if (!this.signer(entry.person ?? OWNER_ID, entry.proof))
      this.faults.push(`${where}: entry ${entry.seq} was signed by no passkey that its person had then`);
  }

  private checkProof(proof: SignedProof, entries: readonly DecisionEntry[], where: string): void {
    this.counts.signatures += 1;
    if (!isSignedProof(proof)) {
      this.faults.push(`${where} holds a signature that isn't whole`);
      return;
    }
    if (!entries.some(({ via }) => via === 'signed'))
      this.faults.push(`${where} holds a signature that no entry tells of`);
    if (isOverdrawn(proof, entries)) this.faults.push(`${where} decides more than what was signed`);
    if (this.spent.has(proof.nonce)) this.faults.push(`${where} holds a signature that had counted before`);
    this.spent.add(proof.nonce);
    const { rp_id_hash, counter } = authenticatorFacts(proof.authenticatorData);
    const signer = this.keyOf(proof);
    if (!signer) return;
    if (signer.rp_id_hash !== rp_id_hash) this.faults.push(`${where} holds a signature that was made for another site`);
    if ((counter > 0 || signer.counter > 0) && counter <= signer.counter)
      this.faults.push(`${where} holds a signature whose passkey counted back`);
  }

  private keyOf({ publicKey }: SignedProof): Passkey | undefined {
    return [...this.book.keys.values()].find(({ public_key }) => public_key === publicKey);
  }

  private signer(person: string, proof: SignedProof | undefined): Passkey | undefined {
    return proof && passkeysOfPerson(this.book, person).find(({ public_key }) => public_key === proof.publicKey);
  }

  /** Follows passkeys through a commit, by the same rules by which they could come and go. */
  private follow(events: readonly Event[], entries: readonly DecisionEntry[], where: string): void {
    const [proof] = events.flatMap((event) => (event.type === 'signed' ? [event.proof] : []));
    const person = entries.find(({ decision }) => /^(passkey|signing)_/.test(decision))?.person ?? OWNER_ID;
    const signer = this.signer(person, proof);
    for (const event of events) {
      const wrong = wrongOfPasskeys(this.book, event, { person, signer });
      if (wrong !== undefined) this.faults.push(`${where}: ${wrong}`);
      passkeysKind.fold(this.book, event, '');
    }
  }
}
