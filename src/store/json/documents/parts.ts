import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { chunkOf } from '../../../domain/decisions/decision.ts';
import type { Event } from '../../../domain/state/events.ts';
import { shardOf } from '../../documents/shards.ts';
import type { Places } from './people/places.ts';

/**
 * What an event changes in one document. The key names the document: `agents`, `runs/<id>`, a shard of what is found by
 * id or address, `ids/<shard>`, or what is kept of the contacts of a segment, `ledger/<segment>`.
 */
export type Part = { key: string; event: Event };

/** The whole event for each of these documents. */
function whole(event: Event, keys: readonly string[]): Part[] {
  return keys.map((key) => ({ key, event }));
}

/** Which document of a family an item concerns. */
type Grouping<T> = { family: string; idOf: (item: T) => string };

/** Groups the items of an event by document. Each document gets the event with its own items alone. */
function split<T>(items: readonly T[], { family, idOf }: Grouping<T>, eventOf: (items: T[]) => Event): Part[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const id = idOf(item);
    const group = groups.get(id);
    if (group) group.push(item);
    else groups.set(id, [item]);
  }
  return [...groups].map(([id, group]) => ({ key: family + id, event: eventOf(group) }));
}

function runKeys(ids: readonly string[]): string[] {
  return ids.map((id) => `runs/${id}`);
}

function resultParts(event: Event & { type: 'results_recorded' }, placeOf: PlaceOf): Part[] {
  const isPaid = event.results.some((result) => result.usage);
  const always = whole(event, [
    'runs',
    `runs/${event.run_id}`,
    ...(isPaid ? [`agents/${event.agent_id}`, 'spent'] : []),
  ]);
  // A dry run changes its own results and costs, and nothing else.
  if (event.dry_run) return always;
  const proposing = event.results.filter((result) => result.proposed_actions.length > 0);
  return [
    ...always,
    ...whole(event, ['desk', 'open', `evaluated/${event.agent_id}`]),
    ...split(proposing, { family: 'ledger/', idOf: (result) => placeOf(result.contact_id) }, (results) => ({
      ...event,
      results,
    })),
  ];
}

function changeParts(event: Event & { type: 'actions_changed' }, placeOf: PlaceOf): Part[] {
  return [
    ...whole(event, ['runs', 'desk', 'open']),
    ...split(event.changes, { family: 'runs/', idOf: (change) => change.run_id }, (changes) => ({ ...event, changes })),
    ...split(event.changes, { family: 'ledger/', idOf: (change) => placeOf(change.contact_id) }, (changes) => ({
      ...event,
      changes,
    })),
  ];
}

function decisionParts(event: Event & { type: 'decisions_recorded' }, placeOf: PlaceOf): Part[] {
  const about = event.entries.flatMap((entry) =>
    entry.personal ? [{ entry, contactId: entry.personal.contact_id }] : [],
  );
  return [
    ...whole(event, ['decisions']),
    ...split(event.entries, { family: 'decisions/', idOf: (entry) => chunkOf(entry.seq) }, (entries) => ({
      ...event,
      entries,
    })),
    ...split(about, { family: 'ledger/', idOf: ({ contactId }) => placeOf(contactId) }, (items) => ({
      ...event,
      entries: items.map(({ entry }) => entry),
    })),
  ];
}

/** What a commit says of saved contacts, for where they are found and where they are kept. */
function contactParts(event: Event & { type: 'contacts_saved' }, placeOf: PlaceOf): Part[] {
  const { contacts, aliases = [], part } = event;
  const ids = new Map<string, Event & { type: 'contacts_saved' }>();
  const inShard = (shard: string) => {
    const found = ids.get(shard);
    if (found) return found;
    const saved: Event & { type: 'contacts_saved' } = { type: 'contacts_saved', contacts: [], aliases: [] };
    if (part !== undefined) saved.part = part;
    ids.set(shard, saved);
    return saved;
  };
  for (const contact of contacts) inShard(shardOf(contact.id)).contacts.push(contact);
  for (const pair of aliases) for (const shard of new Set(pair.map(shardOf))) inShard(shard).aliases?.push(pair);
  const kept = (some: Contact[]): Event => ({ type: 'contacts_saved', contacts: some });
  return [
    ...split(contacts, { family: 'contacts/', idOf: ({ id }) => placeOf(id) }, kept),
    ...split(
      contacts.filter(({ email }) => email),
      { family: 'addresses/', idOf: ({ email = '' }) => shardOf(addressKey(email)) },
      kept,
    ),
    ...[...ids].map(([shard, saved]) => ({ key: `ids/${shard}`, event: saved })),
  ];
}

function deletionKeys(event: Event & { type: 'contact_deleted' }, places: Places): string[] {
  const threads = event.thread_ids ?? [];
  const agents = event.agent_ids ?? [];
  return [
    ...['desk', 'open', 'erasures', ...places.ofDeleted(event)],
    ...runKeys(event.run_ids),
    ...agents.map((id) => `evaluated/${id}`),
    ...(threads.length > 0 ? ['threads', ...threads.map((id) => `threads/${id}`)] : []),
  ];
}

const ERASING: ReadonlySet<Event['type']> = new Set(['contact_deleted', 'decisions_redacted', 'history_rewritten']);

/** Whether an event erases something from documents. Their earlier snapshots may not be used any more. */
export function isErasing(event: Event): boolean {
  return ERASING.has(event.type);
}

/** Events of which a document gets only what concerns it, or whose documents depend on where a contact is kept. */
type SplitEvent = Event & {
  type:
    | ('contacts_saved' | 'contact_deleted' | 'events_recorded' | 'note_added')
    | ('results_recorded' | 'actions_changed' | 'decisions_recorded' | 'decisions_redacted');
};

/** Events that concern one document alone, always the same one. */
const ONE_DOCUMENT = {
  mailbox_read: 'mailboxes',
  history_claimed: 'erasures',
  history_rewritten: 'erasures',
  home_raised: 'erasures',
  old_lines_bound: 'erasures',
  objections_kept: 'erasures',
  objections_lifted: 'erasures',
  tick_counted: 'schedules',
  brake_set: 'brake',
  send_claimed: 'pace',
  thread_ended: 'threads',
  key_used: 'keys',
  model_paid: 'spent',
  mandate_granted: 'changes',
  grant_ended: 'changes',
  trust_ended: 'changes',
  change_asked: 'changes',
  change_closed: 'changes',
  permit_used: 'changes',
  passkey_added: 'passkeys',
  passkey_removed: 'passkeys',
  signing_set: 'passkeys',
} as const;
type OneDocumentEvent = Event & { type: keyof typeof ONE_DOCUMENT };

function isOfOneDocument(event: Event): event is OneDocumentEvent {
  return Object.hasOwn(ONE_DOCUMENT, event.type);
}

/** The documents that an event concerns, where each of them gets the whole event. */
function keysOf(event: Exclude<Event, SplitEvent>): string[] {
  if (isOfOneDocument(event)) return [ONE_DOCUMENT[event.type]];
  switch (event.type) {
    case 'identity_saved':
      return ['identities', 'senders'];
    case 'agent_saved':
      return ['agents', 'schedules', `agents/${event.agent.id}`];
    case 'agent_deleted':
      return [
        ...['agents', `agents/${event.agent_id}`, `evaluated/${event.agent_id}`, 'schedules', 'runs', 'desk', 'open'],
        ...['changes', ...runKeys(event.run_ids)],
      ];
    case 'run_created':
      return ['runs', 'desk', `runs/${event.run.id}`];
    case 'run_started':
    case 'targets_taken':
    case 'run_ended':
      return ['runs', 'desk', `runs/${event.run_id}`];
    case 'evaluation_leased':
      return [`runs/${event.run_id}`];
    case 'signed':
      return ['passkeys', 'nonces'];
    case 'thread_talked':
      return ['threads', `threads/${event.thread.thread_id}`, ...(event.usage ? ['spent'] : [])];
  }
}

/** Where is kept what a commit says of a contact. */
type PlaceOf = (contactId: string) => string;

/** The documents that an event of commit `n` concerns, each with its part of the event. */
export function partsOf(event: Event, n: number, places: Places): Part[] {
  const placeOf: PlaceOf = (contactId) => places.of(contactId, n);
  switch (event.type) {
    case 'contacts_saved':
      return contactParts(event, (contactId) => places.ofSaved(contactId, n, event.part ?? 0));
    case 'contact_deleted':
      return whole(event, deletionKeys(event, places));
    case 'note_added':
      return whole(event, [`activity/${placeOf(event.note.contact_id)}`]);
    case 'events_recorded':
      return split(event.events, { family: 'activity/', idOf: (item) => placeOf(item.contact_id) }, (events) => ({
        ...event,
        events,
      }));
    case 'results_recorded':
      return resultParts(event, placeOf);
    case 'actions_changed':
      return changeParts(event, placeOf);
    case 'decisions_recorded':
      return decisionParts(event, placeOf);
    case 'decisions_redacted':
      return split(event.seqs, { family: 'decisions/', idOf: (seq) => chunkOf(seq) }, (seqs) => ({ ...event, seqs }));
    default:
      return whole(event, keysOf(event));
  }
}
