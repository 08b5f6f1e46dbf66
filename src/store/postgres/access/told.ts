import type { Event } from '../../../domain/state/events.ts';
import { shardOf } from '../../documents/shards.ts';
import type { Queries } from '../memory/queries.ts';

/**
 * A deletion as it is written down: with where a home of files keeps the contact, so that the log can go there. Nobody can tell
 * once the contact is gone.
 */
export function toldWithBirth(event: Event, { births }: Queries): Event {
  if (event.type !== 'contact_deleted') return event;
  const birth = births.get(event.contact_id);
  if (!birth) return { ...event, shards: [] };
  const { born, part, names } = birth;
  const shards = [...new Set(names.map(shardOf))];
  return { ...event, born, ...(part === 0 ? {} : { part }), shards };
}
