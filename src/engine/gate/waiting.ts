import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import { type Action, type ActionRef, decidableUntil } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { refKey } from '../../domain/state/state.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import { sharing } from '../base/scene.ts';
import { comparerOf } from './comparer.ts';
import { freshnessOf } from './freshness.ts';

/** An action that waited longer than this makes room for a newer one. */
const OLD_MS = 7 * 86_400_000;
/** How long what leaves the machine waits for a decision, unless the agent sets another time. */
const HOURS_TO_DECIDE = 168;
const WAITS: ReadonlySet<string> = new Set(['pending_approval', 'approved']);

type ResultsRecorded = Extract<Event, { type: 'results_recorded' }>;
/** What goes to a contact, and by which way: emails are one channel, the tools of one server another. */
type Outgoing = { type: string; tool: PinnedTool | undefined };

/**
 * The time until which a person may decide on an action that begins to wait at `at`: by the agent's
 * `approval.expires_after_hours`, else 168 hours for what leaves the machine; undefined where there is no limit.
 */
export function limitOf(scene: ActionScene, type: string, at: string): string | undefined {
  const leaves = findActionType(type)?.leavesMachine(scene) === true;
  return decidableUntil(at, scene.agent.approval.expires_after_hours ?? (leaves ? HOURS_TO_DECIDE : undefined));
}

function isSameChannel(action: Action, { type, tool }: Outgoing): boolean {
  return action.type === type && action.pinned_tool?.server === tool?.server;
}

type Beside = { ref: ActionRef; action: Action };

/** The actions of these contacts, who have one address, that wait, go out, by the same agent and channel, of another run. */
function waitingBeside(
  view: View,
  { ids, runId, agentId }: { ids: readonly string[]; runId: string; agentId: string },
  outgoing: Outgoing,
): Beside[] {
  if (!findActionType(outgoing.type)?.outbound) return [];
  return ids.flatMap((contact_id) =>
    view.ledger(contact_id).flatMap(({ status, agent_id, run_id, action_index }) => {
      if (!WAITS.has(status) || agent_id !== agentId || run_id === runId) return [];
      const ref = { run_id, contact_id, action_index };
      const action = findAction(view, ref);
      return action && isSameChannel(action, outgoing) ? [{ ref, action }] : [];
    }),
  );
}

/**
 * Why a message may not be proposed beside one of the same agent and channel that waits already, from another run:
 * undefined where there is none, and where something moved since that one was proposed, or it is older than 7 days. Such
 * a one is cancelled by `supersededBy` when the new one is recorded.
 */
export function waitsAlready(
  view: View,
  { agent, contact, sharing = [] }: ActionScene,
  asked: Outgoing & { runId: string; now: Date },
): string | undefined {
  const { runId, now } = asked;
  const around = { ids: [contact, ...sharing].map(({ id }) => id), runId, agentId: agent.id };
  const beside = waitingBeside(view, around, asked);
  if (beside.length === 0) return undefined;
  const oldest = new Date(now.getTime() - OLD_MS).toISOString();
  const comparer = comparerOf(view);
  for (const { ref, action } of beside) {
    if (action.proposed_at < oldest || freshnessOf(view, { ref, action }, comparer).changed_since.length > 0) continue;
    const whom = ref.contact_id === contact.id ? 'this contact' : `"${ref.contact_id}", which has the same address,`;
    return `${asked.type} ${ref.action_index} of run ${ref.run_id} is ${action.status} for ${whom} already: decide on that one first`;
  }
  return undefined;
}

/** The events that cancel what waited, where new results hold a newer action of the same agent and channel. */
export function supersededBy(looker: View, { run_id, agent_id, dry_run, at, results }: ResultsRecorded): Event[] {
  if (dry_run) return [];
  const view = wholeOf(looker);
  const changes = new Map<string, ActionChange>();
  for (const { contact_id, proposed_actions } of results) {
    if (!proposed_actions.some(({ type }) => findActionType(type)?.outbound)) continue;
    const contact = view.contact(contact_id);
    const ids = [contact_id, ...(contact ? sharing(view, contact) : []).map(({ id }) => id)];
    const around = { ids, runId: run_id, agentId: agent_id };
    for (const { type, pinned_tool: tool, action_index } of proposed_actions) {
      for (const { ref, action } of waitingBeside(view, around, { type, tool })) {
        if (changes.has(refKey(ref))) continue;
        const reason = 'A newer one takes its place, because something moved since it was proposed, or it grew old.';
        changes.set(refKey(ref), {
          ...ref,
          agent_id,
          from: action.status,
          to: 'cancelled',
          auto_approved: action.auto_approved === true,
          at,
          set: { decided_at: at, decided_by: PRODUCT, reason, superseded_by: { run_id, action_index } },
          unset: ['holder'],
        });
      }
    }
  }
  return changes.size > 0 ? [{ type: 'actions_changed', changes: [...changes.values()] }] : [];
}
