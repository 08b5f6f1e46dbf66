import { chunkOf } from '../../../domain/decisions/decision.ts';
import type { Event } from '../../../domain/state/events.ts';

/** What an event means to one document: `agents`, `runs/<id>`, or a share of what is kept by contact: `ledger/<shard>`. */
export type Part = { key: string; event: Event };

/** How many documents what is kept by contact is spread over. Another number needs other names: old ones stay on disk. */
const SHARDS = 64;

/** Where what is kept by contact lies: the same contact always in the same document. */
export function shardOf(contactId: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < contactId.length; i++) hash = Math.imul(hash ^ contactId.charCodeAt(i), 0x01000193);
  // The last bits of a product depend on few of the text's bits; the middle ones on all.
  return String(((hash >>> 16) ^ hash) & (SHARDS - 1)).padStart(2, '0');
}

/** A name for nobody, kept by contact where the one it stands in for was kept. */
export function standInFor(contactId: string, drawn: string): string {
  const shard = shardOf(contactId);
  let name = drawn;
  for (let i = 0; shardOf(name) !== shard; i++) name = `${drawn}${i.toString(36)}`;
  return name;
}

function whole(event: Event, keys: readonly string[]): Part[] {
  return keys.map((key) => ({ key, event }));
}

/** One part for each group of an event's items, holding those of its group alone. */
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
  // A dry run leaves nothing but its cost.
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

function deletionParts(event: Event & { type: 'contact_deleted' }): Part[] {
  const shard = shardOf(event.contact_id);
  const threads = event.thread_ids ?? [];
  const agents = event.agent_ids ?? [];
  return whole(event, [
    ...['contacts', `activity/${shard}`, `ledger/${shard}`, 'desk', 'open', 'erasures'],
    ...runKeys(event.run_ids),
    ...agents.map((id) => `evaluated/${id}`),
    ...(threads.length > 0 ? ['threads', ...threads.map((id) => `threads/${id}`)] : []),
  ]);
}

const ERASING: ReadonlySet<Event['type']> = new Set(['contact_deleted', 'decisions_redacted', 'history_rewritten']);

/** Whether an event makes documents forget: as they were before it, they aren't to be believed any more. */
export function isErasing(event: Event): boolean {
  return ERASING.has(event.type);
}

/** The documents that an event belongs to, each with its part of it. */
export function partsOf(event: Event): Part[] {
  switch (event.type) {
    case 'agent_saved':
      return whole(event, ['agents', 'schedules', `agents/${event.agent.id}`]);
    case 'agent_deleted':
      return whole(event, [
        ...['agents', `agents/${event.agent_id}`, `evaluated/${event.agent_id}`, 'schedules', 'runs', 'desk', 'open'],
        ...runKeys(event.run_ids),
      ]);
    case 'identity_saved':
      return whole(event, ['identities']);
    case 'contacts_saved':
      return whole(event, ['contacts']);
    case 'events_recorded':
      return split(
        event.events,
        (item) => `activity/${shardOf(item.contact_id)}`,
        (events) => ({ ...event, events }),
      );
    case 'note_added':
      return whole(event, [`activity/${shardOf(event.note.contact_id)}`]);
    case 'contact_deleted':
      return deletionParts(event);
    case 'history_claimed':
    case 'history_rewritten':
      return whole(event, ['erasures']);
    case 'run_created':
      return whole(event, ['runs', 'desk', `runs/${event.run.id}`]);
    case 'run_started':
    case 'run_ended':
      return whole(event, ['runs', 'desk', `runs/${event.run_id}`]);
    case 'evaluation_leased':
      return whole(event, [`runs/${event.run_id}`]);
    case 'results_recorded':
      return resultParts(event);
    case 'actions_changed':
      return changeParts(event);
    case 'tick_counted':
      return whole(event, ['schedules']);
    case 'decisions_recorded':
      return decisionParts(event);
    case 'decisions_redacted':
      return split(
        event.seqs,
        (seq) => `decisions/${chunkOf(seq)}`,
        (seqs) => ({ ...event, seqs }),
      );
    case 'thread_talked':
      return whole(event, ['threads', `threads/${event.thread.thread_id}`]);
    case 'thread_ended':
      return whole(event, ['threads']);
    case 'key_used':
      return whole(event, ['keys']);
  }
}
