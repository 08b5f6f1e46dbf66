import type { Contact } from '../../../../domain/contacts/contact.ts';
import type { Page, Rows } from '../../../../domain/state/queries.ts';
import type { ContactReads } from '../../../documents/readable.ts';
import type { People } from './people.ts';

function newestIds(people: People, most: number): string[] {
  const ids: string[] = [];
  for (const { name } of [...people.stretches()].reverse()) {
    if (ids.length >= most) break;
    ids.push(...people.stretch(name, true).map(({ id }) => id));
  }
  return ids;
}

/** A page of all contacts. Only the stretches are read in which its rows lie. */
export function pageOfAll(people: People, { limit, offset }: Page, isOldestFirst = false): Rows<Contact> {
  const stretches = isOldestFirst ? people.stretches() : [...people.stretches()].reverse();
  const rows: Contact[] = [];
  let before = 0;
  for (const { name, count } of stretches) {
    const from = Math.max(0, offset - before);
    before += count;
    if (from >= count) continue;
    if (rows.length >= limit) break;
    const found = people.stretch(name, limit === Number.POSITIVE_INFINITY);
    const inOrder = isOldestFirst ? found : found.toReversed();
    for (const contact of inOrder.slice(from, from + limit - rows.length)) rows.push(contact);
  }
  return { rows, total: people.total() };
}

/** What a view asks of contacts. */
export function contactReadsOf(people: People): ContactReads {
  return {
    ...people,
    page: (page) => pageOfAll(people, page),
    newestIds: (most) => newestIds(people, most),
  };
}
