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
import type { ProofLevel } from '../gate/proof.ts';
import { demandProvider } from '../money/model-check.ts';
import { demandPending } from '../review/demand.ts';
import { expireDue } from '../review/expiry.ts';
import { type LocatedAction, locate } from '../review/locate.ts';
import { shownDecidable } from '../review/row.ts';
import { startRevisions } from './revision-work.ts';
import { isSameAction, mindOf, openRevisions } from './revisions.ts';

const LOOK_MS = 50;
const LOOK_AGAIN_MS = 200;

/** Why no mind can revise an action: a rule or a chat proposed it, its agent is archived, or it went back too often. */
export type Unrevisable = 'rule' | 'chat' | 'archived' | 'often';

/** Why an action that waits can't be sent back; undefined where it can. */
export function unrevisable(view: View, { ref, agent, action }: LocatedAction): Unrevisable | undefined {
  const run = findRun(view, ref.run_id);
  if (run.trigger === 'chat' || action.source === 'chat') return 'chat';
  if (effectiveProvider(mindOf(view, run)) === 'rules') return 'rule';
  if (agent.status === 'archived') return 'archived';
  const result = view.results(ref.run_id).results.get(ref.contact_id);
  return result && revisionsAsked(result) >= MOST_REVISIONS ? 'often' : undefined;
}

/** Refuses to send an action back that no mind can revise: CONFLICT, or LIMIT_EXCEEDED where it went back too often. */
function demandMind(view: View, found: LocatedAction): void {
  const { ref, agent } = found;
  const { run_id, contact_id, action_index } = ref;
  const instead = 'Nothing was changed: edit it with params of approve_action, or reject_action it';
  switch (unrevisable(view, found)) {
    case 'chat':
      throw conflict(
        `Action ${action_index} was proposed in a chat, which takes nothing back. ${instead} and say in chat_with_agent how it should be.`,
        { source: 'chat' },
      );
    case 'rule':
      throw conflict(
        `Action ${action_index} was proposed by a rule, which can't be told anything. ${instead}; playbook.rules are changed with update_agent.`,
        { provider: 'rules' },
      );
    case 'archived':
      throw conflict(
        `Agent "${agent.name}" is archived, so it revises nothing. Revive it with update_agent {"changes": {"enabled": true}}.`,
        { status: agent.status },
      );
    case 'often':
      throw new AppError(
        'LIMIT_EXCEEDED',
        `Actions for contact "${contact_id}" were sent back ${MOST_REVISIONS} times in run ${run_id}, which is the most. Action ${action_index} still waits: approve_action takes an edit as params, reject_action ends it.`,
        { revisions: MOST_REVISIONS },
      );
  }
}

/** Whether this process lacks what its model takes, such as a key: PROVIDER_ERROR, unless another process may ask it. */
function lacksModel(view: View, moment: Moment, { ref }: LocatedAction, handsOver: boolean): boolean {
  try {
    demandProvider(view, moment, mindOf(view, findRun(view, ref.run_id)), 'Nothing was changed');
    return false;
  } catch (error) {
    if (handsOver && error instanceof AppError && error.code === 'PROVIDER_ERROR') return true;
    throw error;
  }
}

export type ReviseArgs = ActionRef & {
  feedback: string;
  /** The digest of the row that the person was shown. */
  expected_digest?: string;
  /** The proof that these are a person's words. */
  via?: ProofLevel;
  /** Leaves it to another process to ask the model where this one can't. */
  handsOver?: boolean;
};

/** The change by which an action is sent back. */
function sendingBack({ ref, agent }: LocatedAction, by: Author, at: string, args: ReviseArgs): ActionChange {
  const decided = { decided_at: at, decided_by: nameOf(by), decided_via: args.via ?? 'client' };
  return {
    ...ref,
    agent_id: agent.id,
    from: 'pending_approval',
    to: 'cancelled',
    auto_approved: false,
    at,
    set: { ...decided, reason: args.feedback, revised: true },
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
  args: ReviseArgs,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<Returned> {
  await expireDue(house);
  if (house.ending) throw conflict('This Countersign process is about to end. Nothing was changed.');
  const { ref, isLeft } = await house.commit(by, (view, moment) => {
    const found = locate(view, args);
    demandReleased(view, 'No action is sent back');
    demandPending(view, found, args.expected_digest);
    demandMind(view, found);
    const isLeft = lacksModel(view, moment, found, args.handsOver === true);
    const change = sendingBack(found, by, moment.at, args);
    return { events: [{ type: 'actions_changed', changes: [change] }], value: { ref: found.ref, isLeft } };
  });
  return isLeft ? house.read((view) => returned(view, ref)) : followed(house, ref, seconds, signal);
}
