import { addressKey } from '../../../domain/contacts/address.ts';
import { chunkOf } from '../../../domain/decisions/decision.ts';
import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import { evaluationKey } from './row-kinds.ts';

/**
 * A document that an event changes, with its part of the event. `needs`: how the document has to be there for that: `old`, its state counts;
 * `new`, it begins empty where it isn't in memory; `none`, only a document in memory is changed.
 */
export type Touch = { family: string; id: string; event: Event; needs: 'old' | 'new' | 'none' };
/** Documents in memory that a deletion concerns, whichever those are: nobody knows their ids. */
export type Sweep = { family: string; event: Event; isOf: (id: string) => boolean };

function single(event: Event, ...families: string[]): Touch[] {
  return families.map((family) => ({ family, id: '', event, needs: 'old' }));
}

function grouped<T>(items: readonly T[], idOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const id = idOf(item);
    const group = groups.get(id);
    if (group) group.push(item);
    else groups.set(id, [item]);
  }
  return groups;
}

/** One touch for each group of items, with those items alone. */
function split<T>(
  place: { family: string; needs: Touch['needs'] },
  groups: ReadonlyMap<string, T[]>,
  eventOf: (items: T[]) => Event,
): Touch[] {
  return [...groups].map(([id, items]) => ({ ...place, id, event: eventOf(items) }));
}

function ofSaved({ contacts, aliases = [] }: Event & { type: 'contacts_saved' }): Touch[] {
  const saved = (some: typeof contacts): Event => ({ type: 'contacts_saved', contacts: some });
  return [
    ...split(
      { family: 'contacts/', needs: 'none' },
      grouped(contacts, ({ id }) => id),
      saved,
    ),
    ...split(
      { family: 'addresses/', needs: 'none' },
      grouped(
        contacts.filter(({ email }) => email),
        ({ email = '' }) => addressKey(email),
      ),
      saved,
    ),
    ...split(
      { family: 'aliases/', needs: 'none' },
      grouped(aliases, ([alias]) => alias),
      (some) => ({
        ...{ type: 'contacts_saved', contacts: [], aliases: some },
      }),
    ),
  ];
}

function ofResults(event: Event & { type: 'results_recorded' }): Touch[] {
  const { results, agent_id } = event;
  const isPaid = results.some((result) => result.usage);
  const always: Touch[] = [
    ...single(event, 'runs', ...(isPaid ? ['spent'] : [])),
    { family: 'runs/', id: event.run_id, event, needs: 'old' },
    ...(isPaid ? [{ family: 'agents/', id: agent_id, event, needs: 'old' } as const] : []),
  ];
  if (event.dry_run) return always;
  const proposing = results.filter((result) => result.proposed_actions.length > 0);
  const told = (some: typeof results): Event => ({ ...event, results: some });
  return [
    ...always,
    ...single(event, 'desk', 'open'),
    ...split(
      { family: 'evaluated/', needs: 'none' },
      grouped(results, ({ contact_id }) => evaluationKey(agent_id, contact_id)),
      told,
    ),
    ...split(
      { family: 'ledger/', needs: 'old' },
      grouped(proposing, ({ contact_id }) => contact_id),
      told,
    ),
  ];
}

function ofChanges(event: Event & { type: 'actions_changed' }): Touch[] {
  const changed = (changes: typeof event.changes): Event => ({ ...event, changes });
  return [
    ...single(event, 'runs', 'desk', 'open'),
    ...split(
      { family: 'runs/', needs: 'old' },
      grouped(event.changes, ({ run_id }) => run_id),
      changed,
    ),
    ...split(
      { family: 'ledger/', needs: 'old' },
      grouped(event.changes, ({ contact_id }) => contact_id),
      changed,
    ),
  ];
}

function ofDecisions(event: Event & { type: 'decisions_recorded' }): Touch[] {
  const told = (entries: typeof event.entries): Event => ({ ...event, entries });
  const about = event.entries.filter(({ personal }) => personal !== undefined);
  return [
    ...single(event, 'decisions'),
    ...split(
      { family: 'decisions/', needs: 'none' },
      grouped(event.entries, ({ seq }) => chunkOf(seq)),
      told,
    ),
    ...split(
      { family: 'ledger/', needs: 'old' },
      grouped(about, ({ personal }) => personal?.contact_id ?? ''),
      told,
    ),
  ];
}

function ofDeleted(event: Event & { type: 'contact_deleted' }): Touch[] {
  const names = namesOfDeleted(event);
  const { run_ids, agent_ids = [], thread_ids = [] } = event;
  const each = (family: string, ids: readonly string[], needs: Touch['needs']): Touch[] =>
    ids.map((id) => ({ family, id, event, needs }));
  return [
    ...single(event, 'desk', 'open', 'erasures', ...(thread_ids.length > 0 ? ['threads'] : [])),
    ...each('contacts/', names, 'none'),
    ...each('activity/', [event.contact_id], 'none'),
    ...each('ledger/', names, 'none'),
    ...each('runs/', run_ids, 'old'),
    ...each('threads/', thread_ids, 'old'),
    ...agent_ids.flatMap((id) =>
      each(
        'evaluated/',
        names.map((name) => evaluationKey(id, name)),
        'none',
      ),
    ),
  ];
}

function ofAgentDeleted(event: Event & { type: 'agent_deleted' }): Touch[] {
  return [
    ...single(event, 'agents', 'schedules', 'runs', 'desk', 'open', 'changes'),
    { family: 'agents/', id: event.agent_id, event, needs: 'none' },
    ...event.run_ids.map((id): Touch => ({ family: 'runs/', id, event, needs: 'old' })),
  ];
}

/** Events that concern one document alone, of which there is one. */
const ONE: Readonly<Partial<Record<Event['type'], string>>> = {
  ...{ mailbox_read: 'mailboxes', tick_counted: 'schedules', brake_set: 'brake', send_claimed: 'pace' },
  ...{ history_claimed: 'erasures', history_rewritten: 'erasures', home_raised: 'erasures' },
  ...{ old_lines_bound: 'erasures', objections_kept: 'erasures', objections_lifted: 'erasures' },
  ...{ mandate_granted: 'changes', grant_ended: 'changes', trust_ended: 'changes', change_asked: 'changes' },
  ...{ change_closed: 'changes', permit_used: 'changes', thread_ended: 'threads' },
  ...{ passkey_added: 'passkeys', passkey_removed: 'passkeys', signing_set: 'passkeys' },
};

/** The documents that an event changes, each with its part of the event. */
export function touchesOf(event: Event): Touch[] {
  switch (event.type) {
    case 'contacts_saved':
      return ofSaved(event);
    case 'events_recorded':
      return split(
        { family: 'activity/', needs: 'old' },
        grouped(event.events, (one) => one.contact_id),
        (events) => ({
          ...event,
          events,
        }),
      );
    case 'note_added':
      return [{ family: 'activity/', id: event.note.contact_id, event, needs: 'old' }];
    case 'results_recorded':
      return ofResults(event);
    case 'actions_changed':
      return ofChanges(event);
    case 'decisions_recorded':
      return ofDecisions(event);
    case 'decisions_redacted':
      return split({ family: 'decisions/', needs: 'none' }, grouped(event.seqs, chunkOf), (seqs) => ({
        ...event,
        seqs,
      }));
    case 'contact_deleted':
      return ofDeleted(event);
    case 'agent_deleted':
      return ofAgentDeleted(event);
    default:
      return otherTouches(event);
  }
}

function otherTouches(event: Event): Touch[] {
  switch (event.type) {
    case 'agent_saved': {
      const { id, version } = event.agent;
      const needs = version === 1 ? 'new' : 'old';
      return [...single(event, 'agents', 'schedules'), { family: 'agents/', id, event, needs }];
    }
    case 'identity_saved':
      return single(event, 'identities', 'senders');
    case 'run_created':
      return [...single(event, 'runs', 'desk'), { family: 'runs/', id: event.run.id, event, needs: 'new' }];
    case 'run_started':
    case 'targets_taken':
    case 'run_ended':
      return [...single(event, 'runs', 'desk'), { family: 'runs/', id: event.run_id, event, needs: 'old' }];
    case 'evaluation_leased':
      return [{ family: 'runs/', id: event.run_id, event, needs: 'old' }];
    case 'thread_talked':
      return [
        ...single(event, 'threads', ...(event.usage ? ['spent'] : [])),
        { family: 'threads/', id: event.thread.thread_id, event, needs: 'old' },
      ];
    case 'key_used':
      return [{ family: 'keys/', id: `${event.tool} ${event.key}`, event, needs: 'none' }];
    case 'signed':
      return [...single(event, 'passkeys'), { family: 'nonces/', id: event.proof.nonce, event, needs: 'none' }];
    default: {
      const family = ONE[event.type];
      // What this version doesn't know, it must not pass over.
      if (family === undefined) throw new TypeError(`an event "${event.type}"`);
      return single(event, family);
    }
  }
}

/** The documents in memory that a deletion concerns beside those of `touchesOf`. */
export function sweepsOf(event: Event): Sweep[] {
  if (event.type === 'contact_deleted')
    return ['aliases/', 'addresses/'].map((family) => ({ family, event, isOf: () => true }));
  if (event.type !== 'agent_deleted') return [];
  return [{ family: 'evaluated/', event, isOf: (id) => id.startsWith(`${event.agent_id} `) }];
}
