import type { Contact } from '../../domain/contacts/contact.ts';
import { compileContactFilter, contactLiterals } from '../../domain/contacts/contact-filter.ts';
import { searchFor } from '../../domain/contacts/search.ts';
import type { Page, Rows } from '../../domain/state/queries.ts';
import { SHARD_NAMES } from '../documents/shards.ts';
import type { ContactQuery, TargetQuery, Targets } from '../store.ts';
import { CALL_MS, Slices, Turns } from '../turns.ts';
import type { People, Stretch } from './documents/people/people.ts';
import { pageOfAll } from './documents/people/people-pages.ts';
import type { Findings, Finds } from './findings.ts';
import { Sieve } from './snapshots/sieve.ts';

/** Looks at the home as it is now. A search is several looks, and other calls run in between. */
export type LookAtPeople = <T>(look: (people: People) => T) => Promise<T>;

/** Once a page is full, so many contacts more are looked at for its total; beyond them there is no end to be promised. */
const MOST_COUNTED = 50_000;

/** So many contacts are found one by one without a wait that anybody notices. */
const FEW = 250;

const INSTEAD = 'Use a simpler filter: fewer conditions, shorter patterns and lists.';

/**
 * What even a plain filter may take for one contact: on a slow day of a small machine, a million of them take more than
 * the 2 s that a call has (contract, section 3, "Filter").
 */
const PLAIN_MS = 0.005;

/** A walk through contacts: which part of the call its work counts for, and from which end it goes. */
type Walk = { part: string; isOldestFirst: boolean };

/** The stretches of a walk in its order, and the turns that it takes. */
async function stretchesOf(look: LookAtPeople, { part, isOldestFirst }: Walk) {
  const known = await look((people) => people.stretches());
  const count = known.reduce((sum, stretch) => sum + stretch.count, 0);
  const turns = new Turns(part, INSTEAD, Math.max(CALL_MS, count * PLAIN_MS));
  const stretches: readonly Stretch[] = isOldestFirst ? known : known.toReversed();
  return { stretches, turns };
}

/**
 * Gives the contacts that a sieve lets pass one by one, and undefined in the place of each other one. `take` returns whether it wants more. Other calls run in between. Reading contacts doesn't count as work, looking at them
 * does. Throws AppError LIMIT_EXCEEDED.
 */
async function walk(
  look: LookAtPeople,
  way: Walk,
  sieve: Sieve,
  take: (contact: Contact | undefined) => boolean,
): Promise<void> {
  const { stretches, turns } = await stretchesOf(look, way);
  for (const { name } of stretches) {
    const contacts = await look((people) => people.sifted(name, sieve));
    turns.begin();
    for (const contact of way.isOldestFirst ? contacts : contacts.toReversed()) {
      if (!take(contact)) return;
      if (turns.isDue) await turns.next();
    }
    await turns.next();
  }
}

/** Reads what contacts are found by, letting other calls in between: whoever works on very many needs all of it at once. */
async function warm(look: LookAtPeople): Promise<void> {
  const slices = new Slices();
  for (const shard of SHARD_NAMES) {
    await look((people) => people.warm(shard));
    if (slices.isDue) await slices.next();
  }
}

/** The contacts that a query selects. Throws AppError VALIDATION_ERROR for an invalid filter, LIMIT_EXCEEDED. */
export async function contactsFor(look: LookAtPeople, query: ContactQuery, page: Page): Promise<Rows<Contact>> {
  const { filter, query: text, oldestFirst = false } = query;
  const matches = compileContactFilter(filter ?? {}, 'filter');
  if (Object.keys(filter ?? {}).length === 0 && text === undefined)
    return look((people) => pageOfAll(people, page, oldestFirst));
  const isFound = text === undefined ? () => true : searchFor(text);
  const rows: Contact[] = [];
  let [total, further, isAll] = [0, 0, true];
  const way = { part: filter ? 'filter' : 'query', isOldestFirst: oldestFirst };
  await walk(look, way, new Sieve(contactLiterals(filter)), (contact) => {
    if (rows.length >= page.limit) further += 1;
    isAll = further <= MOST_COUNTED;
    if (!isAll || !contact || !matches(contact) || !isFound(contact)) return isAll;
    total += 1;
    if (total > page.offset && rows.length < page.limit) rows.push(contact);
    return true;
  });
  return { rows, total, ...(isAll ? {} : { isAtLeast: true as const }) };
}

/** A filter of agents: what it finds is known from one search to the next. */
type Wanted = { matches: (contact: Contact) => boolean; sieve: Sieve; finds: (people: People) => Finds };

/** The ids of the contacts of a stretch that a filter finds. */
async function idsOfStretch(
  look: LookAtPeople,
  stretch: string,
  wanted: Wanted,
  turns: Turns,
): Promise<readonly string[]> {
  const { finds, known, at, contacts } = await look((people) => {
    const finds = wanted.finds(people);
    const at = people.changedAt(stretch);
    const known = finds.ids(stretch, at);
    return { finds, known, at, contacts: known ? [] : people.sifted(stretch, wanted.sieve) };
  });
  if (known) return known;
  turns.begin();
  const ids: string[] = [];
  for (const contact of contacts) {
    if (contact && wanted.matches(contact)) ids.push(contact.id);
    if (turns.isDue) await turns.next();
  }
  finds.keep(stretch, at, ids);
  return ids;
}

type Last = ReadonlyMap<string, string>;

/**
 * The contacts that an agent's filter finds: first those that the agent never evaluated, then those that it evaluated
 * longest ago; `last` has when. Throws AppError VALIDATION_ERROR for an invalid filter.
 */
export async function targetsFor(
  look: LookAtPeople,
  findings: Findings,
  last: Last,
  query: TargetQuery,
): Promise<Targets> {
  const { filter, limit } = query;
  const matches = compileContactFilter(filter, 'monitoring.filter');
  const text = JSON.stringify(filter);
  const finds = (people: People) => findings.of(people, text);
  const wanted: Wanted = { matches, sieve: new Sieve(contactLiterals(filter)), finds };
  const never: string[] = [];
  const evaluated: { id: string; at: string }[] = [];
  let matched = 0;
  const { stretches, turns } = await stretchesOf(look, { part: 'monitoring.filter', isOldestFirst: true });
  for (const { name } of stretches) {
    const ids = await idsOfStretch(look, name, wanted, turns);
    matched += ids.length;
    for (const id of ids) {
      const at = last.get(id);
      if (at !== undefined) evaluated.push({ id, at });
      else if (never.length < limit) never.push(id);
    }
    await turns.next();
  }
  if (Math.min(matched, limit) > FEW) await warm(look);
  evaluated.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return { ids: [...never, ...evaluated.map(({ id }) => id)].slice(0, limit), matched };
}
