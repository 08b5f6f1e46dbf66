/**
 * How a passkey came: by a ticket of `countersign passkey add`, by a button of a desk that a ticket opened (a person's first
 * in both), or by a signature with a passkey that was there.
 */
export type Enrolment = 'ticket' | 'button' | 'passkey';

/** What an authenticator gives for a new passkey. `id` and `public_key` (SPKI) are base64url, `alg` is COSE's number. */
export type Credential = {
  id: string;
  public_key: string;
  alg: number;
  counter: number;
  /** SHA-256 of the RP ID that it was made for, base64url. */
  rp_id_hash: string;
  transports?: string[];
};

/** A person's passkey. `person` is the id of a person; `added_by` the passkey that signed for this one. */
export type Passkey = Credential & {
  person: string;
  name: string;
  how: Enrolment;
  added_at: string;
  added_by?: string;
  used_at?: string;
};

/** What an entry of the decision log tells of a passkey: all that is needed to verify what it signed later. */
export type PasskeyInLog = Pick<Passkey, 'id' | 'name' | 'public_key' | 'how'>;

/**
 * Since when whatever leaves the machine needs a signature, and who said so. `keys`: the passkeys that may switch it off,
 * those which that person had then, and those that these added.
 */
export type SigningRule = { since: string; by: string; person: string; keys: string[] };

/** All passkeys by id, whether signing is on, and for whom the button is over: it gave them a passkey, or they removed one. */
export type PasskeyBook = { keys: Map<string, Passkey>; signing?: SigningRule; buttons: Set<string> };

/** The most passkeys of one person. */
export const MOST_PASSKEYS = 20;
export const LONGEST_PASSKEY_NAME = 60;

/** The passkeys of one person, the oldest first. */
export function passkeysOfPerson({ keys }: PasskeyBook, person: string): Passkey[] {
  return [...keys.values()].filter((passkey) => passkey.person === person);
}
