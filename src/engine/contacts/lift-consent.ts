import type { Person } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { conflict } from '../../domain/base/errors.ts';
import { wireAddress } from '../../domain/contacts/address.ts';
import { BLOCKING_FLAGS, type BlockingFlag, type Contact, type FlagSource } from '../../domain/contacts/contact.ts';
import { keptObjection, objectionDigest } from '../../domain/contacts/kept-objections.ts';
import type { Event } from '../../domain/state/events.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';

/** Whose objections to lift: those of an address, or all that one column of one import alone has set. */
export type LiftWanted = { address: string } | { column: string; import_id: string };

/** One contact's flags that would be lifted, and where they come from. */
export type LiftRow = {
  id: string;
  email: string | undefined;
  flags: readonly BlockingFlag[];
  sources: readonly FlagSource[];
};

/** What would be lifted. `kept` are the flags of contacts with the address that were erased, or have another one now. `digest` names all of it. */
export type Liftable = { rows: readonly LiftRow[]; kept: readonly BlockingFlag[]; digest: string };

function rowOf(contact: Contact, flags: readonly BlockingFlag[]): LiftRow[] {
  if (flags.length === 0) return [];
  const sources = (contact.consent_sources ?? []).filter(({ flag }) => flags.includes(flag));
  return [{ id: contact.id, email: contact.email, flags, sources }];
}

/** The flags that this column of this import alone has set: nothing else, and nothing unknown, says the same. */
function setAlone(contact: Contact, column: string, import_id: string): BlockingFlag[] {
  return BLOCKING_FLAGS.filter((flag) => {
    const sources = (contact.consent_sources ?? []).filter((source) => source.flag === flag);
    const isAlone = sources.every((source) => source.column === column && source.import_id === import_id);
    return contact[flag] === true && sources.length > 0 && isAlone;
  });
}

function found(view: View, wanted: LiftWanted): Omit<Liftable, 'digest'> {
  if ('address' in wanted) {
    const rows = view.contactsAt(wanted.address).flatMap((contact) =>
      rowOf(
        contact,
        BLOCKING_FLAGS.filter((flag) => contact[flag]),
      ),
    );
    return { rows, kept: keptObjection(view.erasures(), wanted.address) ?? [] };
  }
  const { column, import_id } = wanted;
  const all = view.find.contacts(ALL).rows;
  return { rows: all.flatMap((contact) => rowOf(contact, setAlone(contact, column, import_id))), kept: [] };
}

function named(so: Omit<Liftable, 'digest'>): Liftable {
  return { ...so, digest: digest([so.rows.map(({ id, email, flags }) => [id, email ?? null, ...flags]), so.kept]) };
}

/** What would be lifted now. */
export function liftable(house: House, wanted: LiftWanted): Promise<Liftable> {
  return house.read((view) => named(found(view, wanted)));
}

function without(contact: Contact, flags: readonly BlockingFlag[], at: string): Contact {
  const { consent_sources = [], bounced_at, ...rest } = contact;
  const sources = consent_sources.filter(({ flag }) => !flags.includes(flag));
  const lifted: Contact = { ...rest, consent_lifted_at: at, updated_at: at };
  for (const flag of flags) lifted[flag] = false;
  if (sources.length > 0) lifted.consent_sources = sources;
  if (bounced_at !== undefined && !flags.includes('bounced')) lifted.bounced_at = bounced_at;
  return lifted;
}

/**
 * Lifts what a person was shown as `expected`, the digest of it: CONFLICT where something else would be lifted by now.
 * It needs the proof of a terminal, which the lock demands, and each contact has its entry in the decision log.
 */
export function liftConsent(house: House, by: Person, wanted: LiftWanted, expected: string): Promise<Liftable> {
  return house.commit(by, (view, { at }) => {
    const now = named(found(view, wanted));
    if (now.digest !== expected)
      throw conflict('What would be lifted has changed since it was shown. Nothing was lifted: look at it again.');
    const contacts = now.rows.flatMap(({ id, flags }) => {
      const contact = view.contact(id);
      return contact ? [without(contact, flags, at)] : [];
    });
    const events: Event[] = contacts.length > 0 ? [{ type: 'contacts_saved', contacts, via: 'human' }] : [];
    const salt = view.erasures().objections?.salt;
    if (now.kept.length > 0 && salt !== undefined && 'address' in wanted)
      events.push({ type: 'objections_lifted', digests: [objectionDigest(salt, wanted.address)], at, via: 'human' });
    return { events, value: now };
  });
}

/** Reads what the command is given: an address, or with `--source` a column and an import, `COLUMN@IMPORT`. */
export function liftWanted(address: string | undefined, source: string | undefined): LiftWanted | string {
  if ((address === undefined) === (source === undefined)) return 'Give an address, or --source COLUMN@IMPORT.';
  if (source === undefined) {
    const wire = wireAddress(address ?? '');
    return wire === undefined ? `${JSON.stringify(address)} isn't one plain email address.` : { address: wire };
  }
  const at = source.lastIndexOf('@');
  const [column, import_id] = [source.slice(0, at), source.slice(at + 1)];
  return at > 0 && import_id !== ''
    ? { column, import_id }
    : 'Give --source as COLUMN@IMPORT, with the import_id of its result.';
}
