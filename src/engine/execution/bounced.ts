import type { AddressRefused } from '../../actions/action.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { newlyFlagged } from '../mail/flagged.ts';

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
  const contacts = newlyFlagged(view.contactsAt(address), source);
  return contacts.length > 0 ? [{ type: 'contacts_saved', contacts }] : [];
}
