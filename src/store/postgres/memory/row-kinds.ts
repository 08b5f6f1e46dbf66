import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import type { UsedKey } from '../../../domain/state/state.ts';
import type { Stored } from '../../documents/stored.ts';

/** A document of one value, where there is one. */
type Maybe<V> = { value?: V };

function maybe<V>(fold: (state: Maybe<V>, event: Event, id: string) => void): Stored<Maybe<V>, Maybe<V>, Event> {
  return { empty: () => ({}), fold, dump: (state) => ({ ...state }), load: (data) => ({ ...data }) };
}

/** One contact. */
export const contactRow = maybe<Contact>((state, event, id) => {
  if (event.type === 'contacts_saved')
    for (const contact of event.contacts) if (contact.id === id) state.value = contact;
  if (event.type === 'contact_deleted' && namesOfDeleted(event).includes(id)) delete state.value;
});

/** The contact's own id, for another one that an import used. */
export const aliasRow = maybe<string>((state, event, id) => {
  if (event.type === 'contacts_saved')
    for (const [alias, contactId] of event.aliases ?? []) if (alias === id) state.value = contactId;
  if (event.type === 'contact_deleted' && state.value === event.contact_id) delete state.value;
});

/** When an agent last evaluated a contact. The id has both: `evaluationKey`. */
export const evaluatedRow = maybe<string>((state, event, id) => {
  if (event.type === 'results_recorded' && event.revises === undefined) {
    const isOf = event.results.some(({ contact_id }) => evaluationKey(event.agent_id, contact_id) === id);
    if (isOf) state.value = event.at;
  }
  if (event.type === 'contact_deleted' || event.type === 'agent_deleted') delete state.value;
});

export function evaluationKey(agentId: string, contactId: string): string {
  return `${agentId} ${contactId}`;
}

/** The use of an idempotency key. */
export const keyRow = maybe<UsedKey>((state, event, id) => {
  if (event.type !== 'key_used' || `${event.tool} ${event.key}` !== id) return;
  const { tool, digest, id: made, at } = event;
  state.value = { tool, digest, id: made, at };
});

/** Whether something was signed with a nonce. */
export const nonceRow = maybe<true>((state, event, id) => {
  if (event.type === 'signed' && event.proof.nonce === id) state.value = true;
});

/** The ids of the contacts that have an address or had it before. */
export const addressRow: Stored<Set<string>, string[], Event> = {
  empty: () => new Set(),
  fold(state, event, id) {
    if (event.type === 'contacts_saved')
      for (const { id: contactId, email } of event.contacts)
        if (email && addressKey(email) === id) state.add(contactId);
    if (event.type === 'contact_deleted') for (const name of namesOfDeleted(event)) state.delete(name);
  },
  dump: (state) => [...state],
  load: (data) => new Set(data),
};
