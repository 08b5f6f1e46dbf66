import { addressKey } from '../../domain/contacts/address.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { Replayable } from '../../domain/runs/replay.ts';
import type { View } from '../../domain/state/view.ts';
import type { AsItWas } from '../../store/store.ts';
import type { House } from '../base/house.ts';

/** An evaluation with its contact as it was then, and others that have or had its address, as they were then. */
export type PastCase = { evaluation: Replayable; was: AsItWas; others: readonly AsItWas[] };

/** The ids of other contacts that have, or had, the address that a contact had then. */
function othersAt(view: View, { id, email }: Contact): string[] {
  if (email === undefined) return [];
  const ids = [...view.contactsAt(email), ...view.formerlyAt(email)].map((other) => other.id);
  return [...new Set(ids)].filter((other) => other !== id);
}

/** The contacts of evaluations as they were then; undefined where one can't be read any more. */
export async function pastOf(house: House, wanted: readonly Replayable[]): Promise<(PastCase | undefined)[]> {
  const found = await house.store.asOf(wanted.map(({ as_of, contact_id }) => ({ commit: as_of, contact_id })));
  const named = await house.read((view) => found.map((was) => (was ? othersAt(view, was.contact) : [])));
  const asked = wanted.flatMap(({ as_of }, at) =>
    (named[at] ?? []).map((contact_id) => ({ commit: as_of, contact_id })),
  );
  const others = asked.length === 0 ? [] : await house.store.asOf(asked);
  return wanted.map((evaluation, at) => {
    const was = found[at];
    const beside = others.splice(0, named[at]?.length ?? 0).filter((other) => other !== undefined);
    return was && { evaluation, was, others: beside };
  });
}

/**
 * A view of the whole as it was at an evaluation, as far as an evaluation and the gate look: its contact, those that share
 * its address, what was known of them, and who sent. Whatever came later isn't in it.
 */
export function viewThen(whole: View, { evaluation, was, others }: PastCase): View {
  const known = new Map([was, ...others].map((each) => [each.contact.id, each]));
  const contacts = [...known.values()].map(({ contact }) => contact);
  const hasNow = (email: string) => (contact: Contact) =>
    contact.email !== undefined && addressKey(contact.email) === addressKey(email);
  const { objections: _later, ...erasures } = whole.erasures();
  const contactsAt = (email: string) => contacts.filter(hasNow(email));
  const { whole: _whole, ...view } = whole;
  return {
    ...view,
    commits: () => evaluation.as_of,
    contact: (id) => known.get(id)?.contact,
    hasContact: (id) => known.has(id),
    aliasOf: () => undefined,
    contactsAt,
    contactAt: (email) => contactsAt(email)[0],
    formerlyAt: (email) => contacts.filter((contact) => !hasNow(email)(contact)),
    activity: (id) => known.get(id)?.activity ?? { events: [], notes: [] },
    ledger: (id) => known.get(id)?.ledger ?? [],
    identity: (id) => identityThen(whole, id, evaluation.at),
    erasures: () => erasures,
  };
}

/** An identity as it stood at a time. One that is older than what is kept of it stands as it did at first. */
function identityThen(view: View, id: string, at: string) {
  const versions = view.identityVersions(id);
  return versions.findLast(({ updated_at }) => updated_at <= at) ?? versions[0];
}
