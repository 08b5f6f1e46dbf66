import { canonical } from '../../../domain/base/json.ts';
import { withoutPerson } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import { isUnchanged, type ReadCommit } from './commit.ts';

/** A rewritten line as an audit judges it. `erased` is undefined where the first edition rewrote the line. */
export type RewrittenCommit = { n: number; own: string; segment: number; where: string; erased?: readonly string[] };

/**
 * Kinds of events of which an erasure leaves a sign, as they then name the stand-in, and kinds that it never touches. A
 * line of nothing else that names no stand-in was rewritten without being about the contact.
 */
const TELLING: ReadonlySet<Event['type']> = new Set([
  ...(['actions_changed', 'run_started', 'run_ended', 'contact_deleted', 'decisions_recorded'] as const),
  ...([
    'decisions_redacted',
    'agent_saved',
    'agent_deleted',
    'identity_saved',
    'tick_counted',
    'thread_ended',
  ] as const),
  ...(['history_claimed', 'history_rewritten', 'home_raised'] as const),
]);

/** Whether an event's kind would show the stand-in. Beside an assistant's answer stood the lease of the next contact. */
function isTelling(event: Event): boolean {
  if (event.type !== 'results_recorded') return TELLING.has(event.type);
  return event.results.every((result) => result.evaluation_id === undefined);
}

/**
 * Why a line can't be what an erasure of the contacts behind these stand-ins left; undefined where it can. Forgetting
 * the contacts again must leave the line as it is, and it must show that it was about one of them.
 */
export function unlikeErasure({ commit }: ReadCommit, erased: readonly string[]): string | undefined {
  if (erased.length === 0) return 'it names nobody who was erased';
  const { events } = commit;
  for (const standIn of erased) {
    const erasure = { contact_id: standIn, stand_in: standIn, thread_ids: [] };
    const again = events.flatMap((event) => withoutPerson(event, erasure) ?? []);
    if (canonical(again) !== canonical(events)) return `it still says what erasing ${standIn} removes`;
  }
  if (events.length === 0 || !events.every(isTelling)) return undefined;
  const text = JSON.stringify(events);
  return erased.some((standIn) => text.includes(JSON.stringify(standIn)))
    ? undefined
    : 'it is about none of the contacts that were erased';
}

/** The line of a step in the log where an erasure rewrote it and changed what it says. */
export function rewrittenIn(step: ReadCommit & { where: string; segment: number }): RewrittenCommit | undefined {
  const { commit, rewriting, own, segment, where } = step;
  if (!rewriting || isUnchanged(step)) return undefined;
  return { n: commit.n, own, segment, where, ...(rewriting.erased ? { erased: rewriting.erased } : {}) };
}
