import type { AddressRefused } from '../../actions/action.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';

/** The column that stands as the source of the flag, where imports have the name of theirs. */
const SOURCE = 'mail server';

/**
 * The events that mark every contact with an address as bounced, after a mail server refused it for good. The server's
 * words and the run are kept as the source of the flag, as imports keep theirs.
 */
export function markBounced(
  view: View,
  { address, words }: Pick<AddressRefused, 'address' | 'words'>,
  { run_id, at }: { run_id: string; at: string },
): Event[] {
  const source = { flag: 'bounced' as const, column: SOURCE, value: words, import_id: run_id, at };
  const contacts = view
    .contactsAt(address)
    .filter(({ bounced }) => bounced !== true)
    .map((contact): Contact => {
      const consent_sources = [...(contact.consent_sources ?? []), source];
      return { ...contact, bounced: true, bounced_at: at, consent_sources, updated_at: at };
    });
  return contacts.length > 0 ? [{ type: 'contacts_saved', contacts }] : [];
}
