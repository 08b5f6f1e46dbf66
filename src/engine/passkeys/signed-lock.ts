import { memberOf, ownedBy } from '../../domain/agents/audience.ts';
import type { Author } from '../../domain/base/author.ts';
import { unlawful } from '../../domain/base/errors.ts';
import type { Passkey, PasskeyBook } from '../../domain/decisions/passkey.ts';
import { claimsIn, uncovered } from '../../domain/signed/claims.ts';
import { passkeysKind } from '../../domain/signed/fold-passkeys.ts';
import { wrongOfPasskeys } from '../../domain/signed/passkey-rules.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { flawOfProof, signerOf } from './sign.ts';

/** The passkey that signed a commit, once its signature is known to hold and to be about all that the commit says was signed. */
function demandCovered(view: View, author: Author, events: readonly Event[]): Passkey | undefined {
  const claims = claimsIn(events, view.passkeys());
  const [signed, ...others] = events.flatMap((event) => (event.type === 'signed' ? [event.proof] : []));
  if (!signed) {
    const [claim] = claims;
    if (claim) throw unlawful(`${claim.what} was to be decided by a signature, and there is none`);
    return undefined;
  }
  if (others.length > 0) throw unlawful('one commit was to hold two signatures');
  if (claims.length === 0) throw unlawful('nothing was to be decided by a signature');
  const flaw = flawOfProof(view, author, signed) ?? uncovered(claims, signed);
  if (flaw !== undefined) throw unlawful(`a signature doesn't count: ${flaw}`);
  return signerOf(view, author, signed);
}

function copyOf({ keys, buttons, signing }: PasskeyBook): PasskeyBook {
  return { keys: new Map(keys), buttons: new Set(buttons), ...(signing ? { signing } : {}) };
}

/** Whether an event changes who can sign, or what needs that. */
function changesKeys({ type }: Event): boolean {
  return type === 'passkey_added' || type === 'passkey_removed' || type === 'signing_set';
}

function demandKeysLawful(view: View, author: Author, events: readonly Event[], signer: Passkey | undefined): void {
  const changing = events.filter(changesKeys);
  if (changing.length === 0) return;
  if (typeof author === 'string') throw unlawful('passkeys were to change without a person');
  const person = ownedBy(author).owner;
  const book = copyOf(view.passkeys());
  for (const event of changing) {
    const wrong = wrongOfPasskeys(book, event, { person, signer });
    if (wrong !== undefined) throw unlawful(wrong);
    passkeysKind.fold(book, event, '');
  }
  const isOn = events.some((event) => event.type === 'signing_set' && event.on);
  if (isOn && memberOf(author)?.role === 'member') throw unlawful('signing was to go on for all by a member');
}

/**
 * The lock's part about signatures. Whatever a commit says was signed must be what its one signature is about, and that must
 * be by a passkey of its author, verified here by `node:crypto` alone, and never used before. Who can sign changes only by a
 * person's first passkey or by a signature, and only a signature switches signing off.
 */
export function demandSignaturesLawful(view: View, author: Author, events: readonly Event[]): void {
  const signer = demandCovered(view, author, events);
  demandKeysLawful(view, author, events, signer);
}
