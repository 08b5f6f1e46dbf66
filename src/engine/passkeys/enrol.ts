import { createHmac } from 'node:crypto';
import { memberOf, ownedBy } from '../../domain/agents/audience.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { AppError, conflict, invalid, notFound } from '../../domain/base/errors.ts';
import {
  type Credential,
  type Enrolment,
  LONGEST_PASSKEY_NAME,
  MOST_PASSKEYS,
  type Passkey,
  type PasskeyBook,
  passkeysOfPerson,
  type SigningRule,
} from '../../domain/decisions/passkey.ts';
import type { SignedProof } from '../../domain/decisions/signed-proof.ts';
import { leavesNobody } from '../../domain/signed/passkey-rules.ts';
import type { Event } from '../../domain/state/events.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import { onOneLine } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { whySignedRemoval } from './by-hand.ts';
import { provenEvents, signerOf } from './sign.ts';

/** A passkey as its owner is shown it. */
export type PasskeyAsShown = Pick<Passkey, 'id' | 'name' | 'added_at' | 'used_at'> & { by_button: boolean };
export type PasskeysAsShown = { passkeys: PasskeyAsShown[]; signing: boolean; may_enrol: boolean };

function shownPasskey({ id, name, added_at, used_at, how }: Passkey): PasskeyAsShown {
  return { id, name, added_at, ...(used_at ? { used_at } : {}), by_button: how === 'button' };
}

function ownPasskeys(view: View, by: Author): Passkey[] {
  return typeof by === 'string' ? [] : passkeysOfPerson(view.passkeys(), ownedBy(by).owner);
}

/** Whether a person may enrol a passkey in this way now: their first by a ticket or, once, by the button; others by one that is there. */
export function mayEnrol(view: View, by: Author, how: Enrolment): boolean {
  if (typeof by === 'string') return false;
  const own = ownPasskeys(view, by);
  if (how === 'passkey') return own.length > 0 && own.length < MOST_PASSKEYS;
  return own.length === 0 && (how === 'ticket' || !view.passkeys().buttons.has(ownedBy(by).owner));
}

/** A person's own passkeys, whether signing is on, and whether they may add one by the desk: by its button, or by one that is there. */
export function passkeysOf(view: View, by: Author): PasskeysAsShown {
  const own = ownPasskeys(view, by);
  return {
    passkeys: own.map(shownPasskey),
    signing: view.passkeys().signing !== undefined,
    may_enrol: mayEnrol(view, by, own.length === 0 ? 'button' : 'passkey'),
  };
}

/** A passkey of one of the team, and the id of that person. */
export type PasskeyOfAnother = PasskeyAsShown & { person: string };

/** The passkeys of the others of the home, for its owner in a terminal there; nobody else sees any. */
export function passkeysOfOthers(view: View, by: Author): PasskeyOfAnother[] {
  if (typeof by === 'string' || memberOf(by) !== undefined) return [];
  const others = [...view.passkeys().keys.values()].filter(({ person }) => person !== ownedBy(by).owner);
  return others.map((passkey) => ({ ...shownPasskey(passkey), person: passkey.person }));
}

/** The passkeys by which a person can sign, with all that a request for a signature needs. */
export function signersOf(view: View, by: Author): readonly Passkey[] {
  return ownPasskeys(view, by);
}

/** How a person is called by authenticators of this home: 32 bytes in base64url that tell nobody who they are. */
export async function personHandle(house: House, by: Author): Promise<string> {
  const secret = await house.store.secret();
  return createHmac('sha256', secret)
    .update(`passkeys of ${ownedBy(by).owner}`)
    .digest('base64url');
}

/** A person's passkeys after a commit that changes them. */
async function changedBy(
  house: House,
  by: Author,
  decide: (view: View, moment: Moment) => Event[],
): Promise<PasskeysAsShown> {
  await house.commit(by, (view, moment) => ({ events: decide(view, moment), value: undefined }));
  return house.read((view) => passkeysOf(view, by));
}

export type NewPasskey = {
  name: string;
  credential: Credential;
  how: Enrolment;
  /** Whether whatever leaves the machine needs a signature from then on. */
  demand_signed: boolean;
  /** A signature by a passkey that is there, with `how` passkey: `add_passkey` over the digest of the new public key. */
  proof?: SignedProof | undefined;
};

function refused(message: string, details?: Record<string, unknown>): AppError {
  return new AppError('FORBIDDEN', `${message} Nothing was changed.`, details);
}

/** Refuses to enrol another passkey in this way: FORBIDDEN, LIMIT_EXCEEDED. */
export function demandEnrolment(view: View, by: Author, how: Enrolment): void {
  const own = ownPasskeys(view, by);
  if (own.length >= MOST_PASSKEYS)
    throw new AppError('LIMIT_EXCEEDED', `A person has at most ${MOST_PASSKEYS} passkeys: remove one first.`);
  if (how === 'passkey' && own.length === 0)
    throw refused('You have no passkey yet: run `countersign passkey add` in a terminal of your own.');
  if (how !== 'passkey' && own.length > 0)
    throw refused('You have a passkey already, so another one is added with that: sign for it.', { needed: 'signed' });
  if (how === 'button' && !mayEnrol(view, by, 'button'))
    throw refused(
      'The button for a first passkey works once: run `countersign passkey add` in a terminal of your own instead.',
    );
}

function demandEnrollable(view: View, by: Author, { credential, how, proof }: NewPasskey): void {
  demandEnrolment(view, by, how);
  const known = [...wholeOf(view).passkeys().keys.values()];
  if (known.some(({ id, public_key }) => id === credential.id || public_key === credential.public_key))
    throw conflict('This passkey is there already. Nothing was changed.');
  if (how === 'passkey' && !proof)
    throw refused('Another passkey is added with one that is there: sign for it.', { needed: 'signed' });
}

/** Refuses to switch signing on by somebody who isn't to decide that for all: FORBIDDEN. */
function demandMaySwitchOn(by: Author): void {
  if (memberOf(by)?.role === 'member')
    throw refused('That everybody has to sign is decided by an owner or an admin of the team.');
}

function personOf(by: Author): string {
  if (typeof by === 'string') throw refused('Only a person has passkeys.');
  return ownedBy(by).owner;
}

/**
 * Adds a person's passkey: their first by a ticket, others signed for by one that is there. With `demand_signed`, whatever
 * leaves the machine needs a signature from then on.
 *
 * @throws AppError FORBIDDEN, CONFLICT, LIMIT_EXCEEDED where it may not be added so
 */
export async function addPasskey(house: House, by: Author, args: NewPasskey): Promise<PasskeysAsShown> {
  const { credential, how, proof, demand_signed } = args;
  const name = onOneLine(args.name.trim());
  if (name === '' || name.length > LONGEST_PASSKEY_NAME)
    throw invalid(`A passkey's name has 1 to ${LONGEST_PASSKEY_NAME} characters.`, { name: 'its length' });
  const person = personOf(by);
  return changedBy(house, by, (view, { at }) => {
    demandEnrollable(view, by, args);
    const via = how === 'passkey' ? 'signed' : 'human';
    const signer = proof && via === 'signed' ? signerOf(view, by, proof) : undefined;
    const added_by = signer ? { added_by: signer.id } : {};
    const passkey: Passkey = { ...credential, person, name, how, added_at: at, ...added_by };
    const events: Event[] = [{ type: 'passkey_added', passkey, by: nameOf(by), via }];
    const isSwitch = demand_signed && view.passkeys().signing === undefined;
    if (isSwitch) demandMaySwitchOn(by);
    // A person who enrols says so with that: nobody has to sign for more safety.
    if (isSwitch) events.push({ type: 'signing_set', on: true, person, at, by: nameOf(by), via: 'human' });
    return provenEvents(view, by, events, { via, proof, at });
  });
}

export type RemovedPasskey = { id: string; via: 'human' | 'signed'; proof?: SignedProof | undefined };

/** Refuses to remove a passkey without a signature where something has to be signed: FORBIDDEN. */
function demandRemoval(view: View, env: Moment['env'], { via }: RemovedPasskey): void {
  const why = via === 'signed' ? undefined : whySignedRemoval(view, { env });
  if (why === undefined) return;
  const message = `${why.charAt(0).toUpperCase()}${why.slice(1)}, so a passkey is removed with a signature only.`;
  throw refused(message, { needed: 'signed', given: via });
}

/** Whether signing would go off with a passkey; FORBIDDEN where that takes another proof, or another signature. */
function endsSigning(view: View, by: Author, book: PasskeyBook, { id, via, proof }: RemovedPasskey): boolean {
  const { signing } = book;
  if (!signing || via !== 'signed' || !leavesNobody(book, id)) return false;
  demandMayEnd(signing, proof && signerOf(view, by, proof)?.id);
  return true;
}

function demandMayEnd({ keys }: SigningRule, signer: string | undefined): void {
  if (signer !== undefined && keys.includes(signer)) return;
  throw refused(
    'Signing is switched off only with a passkey of whoever switched it on, one that they had then or added with such a one.',
    { needed: 'signed' },
  );
}

/**
 * Removes a person's passkey, or, by the home's owner in a terminal, one that another of the team has lost: they may then add
 * a first one again. While signing is on that takes a signature; with the last passkey that may switch signing off,
 * the same signature switches it off.
 */
export async function removePasskey(house: House, by: Author, args: RemovedPasskey): Promise<PasskeysAsShown> {
  const person = personOf(by);
  return changedBy(house, by, (view, { at, env }) => {
    const isOwn = passkeysOf(view, by).passkeys.some(({ id }) => id === args.id);
    const isAnothers = args.via === 'human' && passkeysOfOthers(view, by).some(({ id }) => id === args.id);
    if (!isOwn && !isAnothers) throw notFound(`You have no passkey with the id "${args.id}".`);
    demandRemoval(view, env, args);
    const isOff = endsSigning(view, by, view.passkeys(), args);
    const who = { at, by: nameOf(by), via: args.via };
    const events: Event[] = [
      ...(isOff ? [{ type: 'signing_set' as const, on: false, person, ...who }] : []),
      { type: 'passkey_removed', passkey_id: args.id, ...who, ...(isAnothers ? { for_another: true as const } : {}) },
    ];
    return provenEvents(view, by, events, { ...args, at });
  });
}

export type SigningSwitch = { on: boolean; via: 'human' | 'signed'; proof?: SignedProof | undefined };

/** Switches whether whatever leaves the machine needs a signature. Off takes a signature: `signing_off` over "signing". */
export async function setSigning(
  house: House,
  by: Author,
  { on, via, proof }: SigningSwitch,
): Promise<PasskeysAsShown> {
  const person = personOf(by);
  return changedBy(house, by, (view, { at }) => {
    const own = passkeysOf(view, by);
    const { signing } = view.passkeys();
    if ((signing !== undefined) === on) return [];
    if (on) demandMaySwitchOn(by);
    if (on && own.passkeys.length === 0)
      throw conflict('You have no passkey yet, so nobody could approve anything. Add one first. Nothing was changed.');
    if (!on && via !== 'signed')
      throw refused('Only a signature with your passkey switches signing off.', { needed: 'signed', given: via });
    if (signing && !on) demandMayEnd(signing, proof && signerOf(view, by, proof)?.id);
    const events: Event[] = [{ type: 'signing_set', on, person, at, by: nameOf(by), via }];
    return provenEvents(view, by, events, { via, proof, at });
  });
}
