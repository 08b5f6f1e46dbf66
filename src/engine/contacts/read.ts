import { ACTION_TYPES } from '../../actions/index.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { recentActions, unifiedProfile } from '../../domain/contacts/profile.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { tokensOf } from '../../domain/text/tokens.ts';
import { filterWarnings } from '../base/filter-warnings.ts';
import type { House } from '../base/house.ts';
import { findContact } from '../base/lookup.ts';
import { type PageOf, pageOf, type SizedPage, shownPage } from '../base/paging.ts';
import { bounceOf, type ContactReading, type ContactRowAsShown } from '../base/shown/contact.ts';

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));
const SHOWN = [
  'id',
  'email',
  'firstname',
  'lastname',
  'company',
  'lifecycle_stage',
  'do_not_email',
  'do_not_contact',
] as const;

function pick(contact: Contact, fields: readonly string[]): ContactRowAsShown {
  const shown: ContactRowAsShown = {};
  for (const field of [...SHOWN, ...fields]) if (Object.hasOwn(contact, field)) shown[field] = contact[field];
  return { ...shown, ...bounceOf(contact) };
}

type ContactFilter = {
  filter?: Record<string, unknown> | undefined;
  query?: string | undefined;
  fields?: string[] | undefined;
};

export async function listContacts(
  house: House,
  { fields = [], ...query }: ContactFilter,
  page: SizedPage,
): Promise<{ page: PageOf<ContactRowAsShown>; warnings: string[] }> {
  const found = await house.store.find.contacts(query, page);
  const { filter } = query;
  const warnings = filter ? await filterWarnings(house, [{ filter, path: 'filter' }], found.rows) : [];
  return { page: shownPage(found, page, (contact) => pick(contact, fields)), warnings };
}

const NEWEST = 50;
/** The most tokens of a contact, of its profile, and of each of its lists, so that all of them fit a result. */
const MOST_TOKENS = { all: 7_600, contact: 3_000, lists: 6_000, events: 2_400, notes: 2_000, recent_actions: 1_600 };

/** Everything about one contact; the newest events, notes and actions of each. */
export function getContact(house: House, id: string): Promise<ContactReading> {
  return house.read((view, { now }) => {
    const contact = findContact(view, id);
    const activity = view.activity(contact.id);
    const entries = view.ledger(contact.id);
    const page = { limit: NEWEST, offset: 0 };
    const same = <T>(item: T) => item;
    const profile = unifiedProfile(contact, { activity, actions: entries, outbound: OUTBOUND, now });
    const shown = {
      contact: fitting(contact, MOST_TOKENS.contact),
      unified_profile: fitting(profile, MOST_TOKENS.contact),
    };
    const left = Math.min(1, (MOST_TOKENS.all - tokensOf(shown)) / MOST_TOKENS.lists);
    const events = pageOf([...activity.events].reverse(), page, same, left * MOST_TOKENS.events);
    const notes = pageOf([...activity.notes].reverse(), page, same, left * MOST_TOKENS.notes);
    const actions = pageOf(recentActions(entries), page, same, left * MOST_TOKENS.recent_actions);
    const isFit = shown.contact === contact && shown.unified_profile === profile;
    const isCut = !isFit || [events, notes, actions].some(({ truncated }) => truncated);
    return {
      contact: shown.contact,
      events: events.rows,
      notes: notes.rows,
      recent_actions: actions.rows,
      unified_profile: shown.unified_profile,
      ...(isCut ? { truncated: 'size' } : {}),
    };
  });
}
