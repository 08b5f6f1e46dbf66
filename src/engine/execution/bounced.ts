import type { AddressRefused } from '../../actions/action.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { newlyFlagged } from '../mail/flagged.ts';

/** The column that stands as the source of the flag, where imports have the name of theirs. */
const SOURCE = 'mail server';

/**
 * The events that mark every contact with an address as bounced, after a mail server refused it for good. The server's
 * words and the sender's identity (`by`) are kept as the source of the flag, as imports keep theirs: both are the home's,
 * while the run is for those alone who see its agent.
 */
export function markBounced(
  view: View,
  { address, words }: Pick<AddressRefused, 'address' | 'words'>,
  { by, at }: { by: string; at: string },
): Event[] {
  const source = { flag: 'bounced' as const, column: SOURCE, value: words, import_id: by, at };
  const contacts = newlyFlagged(view.contactsAt(address), source);
  return contacts.length > 0 ? [{ type: 'contacts_saved', contacts }] : [];
}
