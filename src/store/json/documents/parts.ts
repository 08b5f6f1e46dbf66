import { chunkOf } from '../../../domain/decisions/decision.ts';
import type { Event } from '../../../domain/state/events.ts';

/**
 * What an event changes in one document. The key names the document: `agents`, `runs/<id>`, or one of the shards of
 * what is kept by contact, `ledger/<shard>`.
 */
export type Part = { key: string; event: Event };

/**
 * How many shards hold what is kept by contact. Another number needs other names, because old snapshots stay on disk.
 */
const SHARDS = 64;

/** The shard of a contact, in two digits: always the same for the same contact. */
export function shardOf(contactId: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < contactId.length; i++) hash = Math.imul(hash ^ contactId.charCodeAt(i), 0x01000193);
  // The last bits of a product depend on few bits of the text, the middle ones on all: so both are mixed.
  return String(((hash >>> 16) ^ hash) & (SHARDS - 1)).padStart(2, '0');
}

/** A name that stands for an erased contact, made of a drawn id. It falls into the shard of that contact. */
export function standInFor(contactId: string, drawn: string): string {
  const shard = shardOf(contactId);
  let name = drawn;
  for (let i = 0; shardOf(name) !== shard; i++) name = `${drawn}${i.toString(36)}`;
  return name;
}

/** The whole event for each of these documents. */
function whole(event: Event, keys: readonly string[]): Part[] {
  return keys.map((key) => ({ key, event }));
}

/** Groups the items of an event by document. Each document gets the event with its own items alone. */
function split<T>(items: readonly T[], keyOf: (item: T) => string, eventOf: (items: T[]) => Event): Part[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].map(([key, group]) => ({ key, event: eventOf(group) }));
}

function runKeys(ids: readonly string[]): string[] {
  return ids.map((id) => `runs/${id}`);
}

function resultParts(event: Event & { type: 'results_recorded' }): Part[] {
  const isPaid = event.results.some((result) => result.usage);
  const always = whole(event, ['runs', `runs/${event.run_id}`, ...(isPaid ? [`agents/${event.agent_id}`] : [])]);
  // A dry run changes its own results and costs, and nothing else.
  if (event.dry_run) return always;
  const proposing = event.results.filter((result) => result.proposed_actions.length > 0);
  return [
    ...always,
    ...whole(event, ['desk', 'open', `evaluated/${event.agent_id}`]),
    ...split(
      proposing,
      (result) => `ledger/${shardOf(result.contact_id)}`,
      (results) => ({ ...event, results }),
    ),
  ];
}

function changeParts(event: Event & { type: 'actions_changed' }): Part[] {
  return [
    ...whole(event, ['runs', 'desk', 'open']),
    ...split(
      event.changes,
      (change) => `runs/${change.run_id}`,
      (changes) => ({ ...event, changes }),
    ),
    ...split(
      event.changes,
      (change) => `ledger/${shardOf(change.contact_id)}`,
      (changes) => ({ ...event, changes }),
    ),
  ];
}

function decisionParts(event: Event & { type: 'decisions_recorded' }): Part[] {
  const about = event.entries.flatMap((entry) =>
    entry.personal ? [{ entry, contactId: entry.personal.contact_id }] : [],
  );
  return [
    ...whole(event, ['decisions']),
    ...split(
      event.entries,
      (entry) => `decisions/${chunkOf(entry.seq)}`,
      (entries) => ({ ...event, entries }),
    ),
    ...split(
      about,
      ({ contactId }) => `ledger/${shardOf(contactId)}`,
      (items) => ({ ...event, entries: items.map(({ entry }) => entry) }),
    ),
  ];
}

function deletionKeys(event: Event & { type: 'contact_deleted' }): string[] {
  const shard = shardOf(event.contact_id);
  const threads = event.thread_ids ?? [];
  const agents = event.agent_ids ?? [];
  return [
    ...['contacts', `activity/${shard}`, `ledger/${shard}`, 'desk', 'open', 'erasures'],
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

/** Events of which a document gets only the items that concern it. */
type SplitEvent = Event & {
  type: 'events_recorded' | 'results_recorded' | 'actions_changed' | 'decisions_recorded' | 'decisions_redacted';
};

/** Events that concern one document alone, always the same one. */
const ONE_DOCUMENT = {
  identity_saved: 'identities',
  mailbox_read: 'mailboxes',
  contacts_saved: 'contacts',
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
  mandate_granted: 'changes',
  grant_ended: 'changes',
  change_asked: 'changes',
  change_closed: 'changes',
  permit_used: 'changes',
} as const;
type OneDocumentEvent = Event & { type: keyof typeof ONE_DOCUMENT };

function isOfOneDocument(event: Event): event is OneDocumentEvent {
  return Object.hasOwn(ONE_DOCUMENT, event.type);
}

/** The documents that an event concerns, where each of them gets the whole event. */
function keysOf(event: Exclude<Event, SplitEvent>): string[] {
  if (isOfOneDocument(event)) return [ONE_DOCUMENT[event.type]];
  switch (event.type) {
    case 'agent_saved':
      return ['agents', 'schedules', `agents/${event.agent.id}`];
    case 'agent_deleted':
      return [
        ...['agents', `agents/${event.agent_id}`, `evaluated/${event.agent_id}`, 'schedules', 'runs', 'desk', 'open'],
        ...['changes', ...runKeys(event.run_ids)],
      ];
    case 'note_added':
      return [`activity/${shardOf(event.note.contact_id)}`];
    case 'contact_deleted':
      return deletionKeys(event);
    case 'run_created':
      return ['runs', 'desk', `runs/${event.run.id}`];
    case 'run_started':
    case 'run_ended':
      return ['runs', 'desk', `runs/${event.run_id}`];
    case 'evaluation_leased':
      return [`runs/${event.run_id}`];
    case 'thread_talked':
      return ['threads', `threads/${event.thread.thread_id}`];
  }
}

/** The documents that an event concerns, each with its part of the event. */
export function partsOf(event: Event): Part[] {
  switch (event.type) {
    case 'events_recorded':
      return split(
        event.events,
        (item) => `activity/${shardOf(item.contact_id)}`,
        (events) => ({ ...event, events }),
      );
    case 'results_recorded':
      return resultParts(event);
    case 'actions_changed':
      return changeParts(event);
    case 'decisions_recorded':
      return decisionParts(event);
    case 'decisions_redacted':
      return split(
        event.seqs,
        (seq) => `decisions/${chunkOf(seq)}`,
        (seqs) => ({ ...event, seqs }),
      );
    default:
      return whole(event, keysOf(event));
  }
}
