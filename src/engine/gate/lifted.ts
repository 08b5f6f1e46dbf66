import { BLOCKING_FLAGS, type BlockingFlag } from '../../domain/contacts/contact.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';

/** A contact whose flags a commit clears. */
export type LiftedContact = { contact_id: string; flags: readonly BlockingFlag[] };

/** The contacts whose flags saving them clears: an import never does that, a person in a terminal does. */
export function liftedBy(view: View, { contacts }: Event & { type: 'contacts_saved' }): LiftedContact[] {
  return contacts.flatMap((contact) => {
    const before = view.contact(contact.id);
    if (!before || before === contact) return [];
    const flags = BLOCKING_FLAGS.filter((flag) => before[flag] === true && contact[flag] !== true);
    return flags.length === 0 ? [] : [{ contact_id: contact.id, flags }];
  });
}
