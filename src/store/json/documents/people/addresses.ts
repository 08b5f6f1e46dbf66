import { addressKey } from '../../../../domain/contacts/address.ts';
import { namesOfDeleted } from '../../../../domain/state/erasure.ts';
import type { Event } from '../../../../domain/state/events.ts';
import type { Stored } from '../../../documents/stored.ts';

/** By address, as `addressKey` has it, the id of the contact that has it or had it before; a list where there are several. */
export type Addresses = Map<string, string | readonly string[]>;

/** The ids of all contacts that have an address or had it before. */
export function idsAt(state: Addresses, key: string): readonly string[] {
  const ids = state.get(key) ?? [];
  return typeof ids === 'string' ? [ids] : ids;
}

function keep(state: Addresses, key: string, [first, ...others]: readonly string[]): void {
  if (first === undefined) state.delete(key);
  else state.set(key, others.length === 0 ? first : [first, ...others]);
}

function foldSaved(state: Addresses, event: Event & { type: 'contacts_saved' }): void {
  for (const { id, email } of event.contacts) {
    if (!email) continue;
    const key = addressKey(email);
    const ids = idsAt(state, key);
    if (!ids.includes(id)) keep(state, key, [...ids, id]);
  }
}

/** Documents by the shard of addresses: `addresses/<shard>`. Who has an address now is told by the contacts themselves. */
export const addresses: Stored<Addresses, [string, string | readonly string[]][], Event> = {
  empty: () => new Map(),
  fold(state, event) {
    if (event.type === 'contacts_saved') foldSaved(state, event);
    if (event.type !== 'contact_deleted') return;
    const names = namesOfDeleted(event);
    for (const key of state.keys()) {
      const ids = idsAt(state, key);
      const left = ids.filter((id) => !names.includes(id));
      if (left.length < ids.length) keep(state, key, left);
    }
  },
  dump: (state) => [...state],
  load: (data) => new Map(data),
};
