import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { compileContactFilter } from '../../../domain/contacts/contact-filter.ts';
import { searchFor } from '../../../domain/contacts/search.ts';
import type { Page, Rows } from '../../../domain/state/queries.ts';
import type { ContactQuery, NamedBy, Store, TargetQuery, Targets, Whom } from '../../store.ts';
import type { DatabaseAccess } from '../access/database-access.ts';
import { rowKey } from '../memory/row-key.ts';
import { ExactPage, MOST_IN_TOTAL, MOST_LOOKED_AT } from './exact-page.ts';
import { narrowed } from './narrowing.ts';
import { type Passed, walkContacts } from './walk-contacts.ts';

/** So many contacts are loaded at once, or asked for. */
const AT_ONCE = 1_000;

/** A page of all contacts, the oldest first. */
async function oldestOf(access: DatabaseAccess, { limit, offset }: Page): Promise<Rows<Contact>> {
  const { rows } = await access.connections.untilDone((client) =>
    client.query<{ body: string }>('select body from contacts order by born, part, place limit $1 offset $2', [
      ...[Number.isFinite(limit) ? limit : null, offset],
    ]),
  );
  const { total, isAtLeast } = await access.read((view) => view.find.contacts({ limit: 0, offset: offset + limit }));
  return { rows: rows.map(({ body }) => JSON.parse(body)), total, ...(isAtLeast && { isAtLeast }) };
}

async function contactsOf(access: DatabaseAccess, query: ContactQuery, page: Page): Promise<Rows<Contact>> {
  const { filter, query: text, oldestFirst = false } = query;
  const matches = compileContactFilter(filter ?? {}, 'filter');
  if (Object.keys(filter ?? {}).length === 0 && text === undefined)
    return oldestFirst ? oldestOf(access, page) : access.read((view) => view.find.contacts(page));
  const isFound = text === undefined ? () => true : searchFor(text);
  const rows: Contact[] = [];
  let [total, further, isAll] = [0, 0, true];
  const way = { part: filter ? 'filter' : 'query', isOldestFirst: oldestFirst };
  const narrowing = narrowed(filter, text);
  if (narrowing.exact)
    return new ExactPage(access, { ...narrowing, exact: narrowing.exact, matches }, way, page).read();
  const most = Math.max(MOST_IN_TOTAL, page.offset + page.limit);
  const leaveOut = (count: number) => {
    if (rows.length >= page.limit) further += count;
    isAll = further <= MOST_LOOKED_AT;
    return isAll;
  };
  const take = ({ contact }: Passed) => {
    if (!leaveOut(1) || !matches(contact) || !isFound(contact)) return isAll;
    isAll = total < most;
    if (!isAll) return false;
    total += 1;
    if (total > page.offset && rows.length < page.limit) rows.push(contact);
    return true;
  };
  await walkContacts(access, narrowing, way, { take, leaveOut });
  return { rows, total, ...(isAll ? {} : { isAtLeast: true as const }) };
}

async function foundTargets(access: DatabaseAccess, { filter, limit, agent_id }: TargetQuery): Promise<Targets> {
  const matches = compileContactFilter(filter, 'monitoring.filter');
  const never: string[] = [];
  let evaluated: { id: string; at: string }[] = [];
  let matched = 0;
  const longestAgo = () => {
    evaluated = evaluated.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).slice(0, limit);
  };
  const way = { part: 'monitoring.filter', isOldestFirst: true, agentId: agent_id };
  const take = ({ contact, evaluated: at }: Passed) => {
    if (!matches(contact)) return true;
    matched += 1;
    if (at !== null) evaluated.push({ id: contact.id, at });
    else if (never.length < limit) never.push(contact.id);
    if (evaluated.length > 2 * limit + AT_ONCE) longestAgo();
    return true;
  };
  await walkContacts(access, narrowed(filter), way, { take });
  longestAgo();
  return { ids: [...never, ...evaluated.map(({ id }) => id)].slice(0, limit), matched };
}

const BY_ID = `select w.name, c.born, c.part from unnest($1::text[]) as w(name)
  left join aliases a on a.id = w.name
  join contacts c on c.id = case when exists (select from contacts o where o.id = w.name) then w.name else a.contact_id end`;
const BY_ADDRESS = `select distinct on (a.key) a.key as name, c.born, c.part from addresses a
  join contacts c on c.id = a.contact_id where a.key = any($1) order by a.key, a.n`;

/** Where the contacts with these names are kept (`Store.places`): those that came together are of one place. */
async function placesOf(
  access: DatabaseAccess,
  by: NamedBy,
  names: readonly (string | undefined)[],
): Promise<(string | undefined)[]> {
  const keyOf = (name: string) => rowKey(by === 'id' ? name : addressKey(name));
  const wanted = [...new Set(names.flatMap((name) => (name === undefined ? [] : [keyOf(name)])))];
  const found = new Map<string, string>();
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const some = wanted.slice(from, from + AT_ONCE);
    const { rows } = await access.connections.untilDone((client) =>
      client.query<{ name: string; born: number; part: number }>(by === 'id' ? BY_ID : BY_ADDRESS, [some]),
    );
    for (const { name, born, part } of rows) found.set(name, `${born}.${part}`);
  }
  return names.map((name) => (name === undefined ? undefined : found.get(keyOf(name))));
}

/** Loads what a look at these contacts needs (`Store.prepare`). */
async function prepareIn(access: DatabaseAccess, whom: readonly Whom[], withActivity: boolean): Promise<void> {
  for (let from = 0; from < whom.length; from += AT_ONCE) {
    const some = whom.slice(from, from + AT_ONCE);
    await access.read((view) => {
      for (const { id, address } of some) {
        const known = id === undefined ? undefined : (view.contact(id) ?? view.contact(view.aliasOf(id) ?? ''));
        const found = known
          ? [known]
          : address === undefined
            ? []
            : [...view.contactsAt(address), ...view.formerlyAt(address)];
        if (withActivity) for (const one of found) view.activity(one.id);
      }
    });
  }
}

/** What a store is asked about all contacts. */
export function searchesInDatabase(access: DatabaseAccess): Pick<Store, 'find' | 'places' | 'prepare'> {
  return {
    find: {
      contacts: (query, page) => access.doing('Reading', () => contactsOf(access, query, page)),
      targets: (query) => access.doing('Reading', () => foundTargets(access, query)),
    },
    places(by, names) {
      access.heap.expectMuch();
      return access.doing('Reading', () => placesOf(access, by, names));
    },
    prepare: (whom, withActivity) => prepareIn(access, whom, withActivity),
  };
}
