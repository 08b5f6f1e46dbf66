import type { Event } from '../../src/domain/state/events.ts';
import type { Store } from '../../src/store/store.ts';
import { aContact } from './fixtures.ts';
import { contactsIn } from './store.ts';

export const AT = '2026-01-01T00:00:00.000Z';

export const write = (store: Store, ...events: Event[]) => store.commit('test', () => ({ events, value: undefined }));
export const saved = (id: string, more: object = {}): Event => ({
  type: 'contacts_saved',
  contacts: [aContact({ id, email: `${id}@example.com`, ...more })],
});
export const visited = (contact_id: string, text: string): Event => ({
  type: 'events_recorded',
  events: [{ contact_id, type: 'page', properties: { text }, timestamp: AT }],
});
export const ids = (store: Store) => store.read((view) => contactsIn(view).map(({ id }) => id));
