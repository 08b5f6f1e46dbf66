import { isKnownTo } from '../agents/audience.ts';
import type { LedgerEntry } from '../state/state.ts';
import { type View, wholeOf } from '../state/view.ts';

/** Whether what an agent did is told in full. */
export type ShowsAgent = (agentId: string) => boolean;

/** Of what another agent did: what, how it went, and when. Nothing else of it is told. */
function hiddenEntry({ type, status, at }: LedgerEntry): LedgerEntry {
  return { run_id: '', action_index: 0, agent_id: '', type, params: {}, status, at, hidden: true };
}

/** A contact's entries as they are told to somebody who doesn't see every agent; the same list where all are shown. */
export function shownEntries(entries: readonly LedgerEntry[], shows: ShowsAgent): readonly LedgerEntry[] {
  const isShown = (entry: LedgerEntry) => entry.hidden === true || shows(entry.agent_id);
  return entries.every(isShown) ? entries : entries.map((entry) => (isShown(entry) ? entry : hiddenEntry(entry)));
}

/**
 * Which agents' doings may be told wherever an agent speaks, in evaluations, chats, templates and the gate's reasons: those
 * that everybody knows who sees it. Its audience decides there, and not whose call it is.
 */
export function knownAlong(view: View, agentId: string): ShowsAgent {
  const { belonging } = wholeOf(view);
  return (other) => other === agentId || isKnownTo(belonging(agentId), belonging(other));
}
