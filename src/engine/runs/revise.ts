import { setTimeout as pause } from 'node:timers/promises';
import { effectiveProvider } from '../../domain/agents/agent.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { AppError, conflict } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import { MOST_REVISIONS, revisionOf, revisionsAsked } from '../../domain/runs/revision.ts';
import type { ActionRef, Revision } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findRun } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import type { ActionAsShown } from '../base/shown/action.ts';
import { demandReleased } from '../gate/brake.ts';
import { demandProvider } from '../money/model-check.ts';
import { demandPending } from '../review/demand.ts';
import { expireDue } from '../review/expiry.ts';
import { type LocatedAction, locate } from '../review/locate.ts';
import { shownDecidable } from '../review/row.ts';
import { startRevisions } from './revision-work.ts';
import { isSameAction, mindOf, openRevisions } from './revisions.ts';

const LOOK_MS = 50;
const LOOK_AGAIN_MS = 200;

/** Refuses what no mind can revise: what a rule proposed, and what came from a chat. CONFLICT. */
function demandMind(view: View, moment: Moment, { ref, agent, action }: LocatedAction): void {
  const run = findRun(view, ref.run_id);
  const mind = mindOf(view, run);
  const instead = 'Nothing was changed: edit it with params of approve_action, or reject_action it';
  if (run.trigger === 'chat' || action.source === 'chat')
    throw conflict(
      `Action ${ref.action_index} was proposed in a chat, which takes nothing back. ${instead} and say in chat_with_agent how it should be.`,
      { source: 'chat' },
    );
  if (effectiveProvider(mind) === 'rules')
    throw conflict(
      `Action ${ref.action_index} was proposed by a rule, which can't be told anything. ${instead}; playbook.rules are changed with update_agent.`,
      { provider: 'rules' },
    );
  if (agent.status === 'archived')
    throw conflict(
      `Agent "${agent.name}" is archived, so it revises nothing. Revive it with update_agent {"changes": {"enabled": true}}.`,
      { status: agent.status },
    );
  demandProvider(view, moment, mind, 'Nothing was changed');
}

/** Refuses to send an action back that was decided, that no mind can revise, or whose contact had its revisions. */
function demandRevisable(view: View, moment: Moment, found: LocatedAction): void {
  demandReleased(view, 'No action is sent back');
  demandPending(view, found, undefined);
  demandMind(view, moment, found);
  const { run_id, contact_id, action_index } = found.ref;
  const result = view.results(run_id).results.get(contact_id);
  if (result && revisionsAsked(result) >= MOST_REVISIONS)
    throw new AppError(
      'LIMIT_EXCEEDED',
      `Actions for contact "${contact_id}" were sent back ${MOST_REVISIONS} times in run ${run_id}, which is the most. Action ${action_index} still waits: approve_action takes an edit as params, reject_action ends it.`,
      { revisions: MOST_REVISIONS },
    );
}

/** The change by which an action is sent back. */
function sendingBack({ ref, agent }: LocatedAction, by: Author, at: string, feedback: string): ActionChange {
  const decided = { decided_at: at, decided_by: nameOf(by), decided_via: 'client' as const };
  return {
    ...ref,
    agent_id: agent.id,
    from: 'pending_approval',
    to: 'cancelled',
    auto_approved: false,
    at,
    set: { ...decided, reason: feedback, revised: true },
    unset: ['error'],
  };
}

/**
 * An action that was sent back: as it is now, who revises it, and what came of that so far. `isOpen`: nothing yet.
 */
export type Returned = {
  action: ActionAsShown;
  mind: 'assistant' | 'model';
  isOpen: boolean;
  revision?: Revision;
};

function returned(view: View, ref: ActionRef): Returned {
  const result = view.results(ref.run_id).results.get(ref.contact_id);
  const revision = result && revisionOf(result, ref.action_index);
  const isAssistant = effectiveProvider(mindOf(view, findRun(view, ref.run_id))) === 'assistant';
  return {
    action: shownDecidable(locate(view, ref)),
    mind: isAssistant ? 'assistant' : 'model',
    isOpen: openRevisions(view, ref.run_id).some((open) => isSameAction(open, ref)),
    ...(revision ? { revision } : {}),
  };
}

/** Follows a model's revision for up to `seconds`. The work goes on when the wait ends. */
async function followed(house: House, ref: ActionRef, seconds: number, signal: AbortSignal): Promise<Returned> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const now = await house.read((view) => returned(view, ref));
    if (now.mind === 'assistant' || !now.isOpen) return now;
    const work = startRevisions(house, ref.run_id);
    const left = until - Date.now();
    if (left <= 0 || signal.aborted || house.ending) return now;
    // After its end the work is looked at again: this action may have been sent back a moment too late for it.
    await Promise.race([Promise.all([work, pause(LOOK_MS)]), pause(Math.min(left, LOOK_AGAIN_MS))]);
  }
}

/**
 * Sends an action that waits back to the mind that proposed it, with the person's feedback. It is cancelled, and what the
 * mind proposes instead waits in its place. The assistant gets it by next_evaluation; a model is asked at once, and the
 * call waits up to `seconds` for it.
 *
 * @throws AppError CONFLICT where it was decided, or came from a rule or a chat; LIMIT_EXCEEDED after five times
 */
export async function revise(
  house: House,
  by: Author,
  { feedback, ...address }: ActionRef & { feedback: string },
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<Returned> {
  await expireDue(house);
  if (house.ending) throw conflict('This Countersign process is about to end. Nothing was changed.');
  const ref = await house.commit(by, (view, moment) => {
    const found = locate(view, address);
    demandRevisable(view, moment, found);
    const change = sendingBack(found, by, moment.at, feedback);
    return { events: [{ type: 'actions_changed', changes: [change] }], value: found.ref };
  });
  return followed(house, ref, seconds, signal);
}
