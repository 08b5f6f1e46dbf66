import { OWNER_ID } from '../base/author.ts';
import { MOST_PASSKEYS, type Passkey, type PasskeyBook, passkeysOfPerson } from '../decisions/passkey.ts';
import { isVerifiableKey } from '../decisions/signed-proof.ts';
import type { Event } from '../state/events.ts';

/** Who changes passkeys: a person, and the passkey that signed the commit, if one did. */
export type KeyChanger = { person: string; signer: Passkey | undefined };

type Added = Event & { type: 'passkey_added' };

function wrongOfFirst(book: PasskeyBook, { passkey, via }: Added): string | undefined {
  if (via !== 'human' || passkey.how === 'passkey') return 'a first passkey comes by a ticket';
  const isAgain = passkey.how === 'button' && book.buttons.has(passkey.person);
  return isAgain ? 'the button for a first passkey works once, for whoever never had one' : undefined;
}

function wrongOfAdding(book: PasskeyBook, event: Added, { person, signer }: KeyChanger): string | undefined {
  const { passkey, via } = event;
  if (passkey.person !== person) return "a passkey was to be somebody else's";
  if (!isVerifiableKey(passkey.public_key)) return 'a passkey was to have a key that nobody can verify';
  const known = [...book.keys.values()];
  if (known.some(({ id, public_key }) => id === passkey.id || public_key === passkey.public_key))
    return 'a passkey was to be added that is there';
  const own = passkeysOfPerson(book, person);
  if (own.length >= MOST_PASSKEYS) return `somebody was to have more than ${MOST_PASSKEYS} passkeys`;
  if (own.length === 0) return wrongOfFirst(book, event);
  const isSigned = via === 'signed' && signer !== undefined && passkey.how === 'passkey';
  return isSigned && passkey.added_by === signer.id
    ? undefined
    : 'a further passkey is signed for by one that is there';
}

/** Whether removing a passkey leaves none that may switch signing off. */
export function leavesNobody({ signing }: PasskeyBook, id: string): boolean {
  return signing?.keys.every((key) => key === id) === true;
}

function mayEnd({ signing }: PasskeyBook, signer: Passkey | undefined): boolean {
  return signer !== undefined && signing?.keys.includes(signer.id) === true;
}

function wrongOfRemoving(
  book: PasskeyBook,
  { passkey_id: id, via, for_another }: Event & { type: 'passkey_removed' },
  { person }: KeyChanger,
): string | undefined {
  const holder = book.keys.get(id)?.person;
  const mayBe = for_another ? holder !== undefined && person === OWNER_ID && via === 'human' : true;
  if (!mayBe || (holder === person) === (for_another === true))
    return "a passkey was to be removed that isn't this person's";
  if (via !== 'signed' && via !== 'human') return 'a passkey was to be removed without a proof';
  if (book.signing === undefined) return undefined;
  if (via !== 'signed') return 'signing is on, and a passkey was to be removed without a signature';
  return leavesNobody(book, id) ? 'the last passkey that can switch signing off was to be removed' : undefined;
}

function wrongOfSwitch(
  book: PasskeyBook,
  { on, via, person: named }: Event & { type: 'signing_set' },
  { person, signer }: KeyChanger,
): string | undefined {
  if (named !== person) return 'signing was to be switched for somebody else';
  if (on && via !== 'signed' && via !== 'human') return 'signing was to go on without a proof';
  if (on) return passkeysOfPerson(book, person).length > 0 ? undefined : 'signing was to go on without a passkey';
  return via === 'signed' && mayEnd(book, signer) ? undefined : 'signing was to go off without its passkey';
}

/**
 * Why an event may not change passkeys so, as `book` is before it; undefined where it may. Who removes the last passkey that
 * may switch signing off does that first, in the same commit.
 */
export function wrongOfPasskeys(book: PasskeyBook, event: Event, by: KeyChanger): string | undefined {
  switch (event.type) {
    case 'passkey_added':
      return wrongOfAdding(book, event, by);
    case 'passkey_removed':
      return wrongOfRemoving(book, event, by);
    case 'signing_set':
      return wrongOfSwitch(book, event, by);
    default:
      return undefined;
  }
}
