import type { Agent } from '../../domain/agents/agent.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { ContactEvent, RecentAction, Rejection, UnifiedProfile } from '../../domain/contacts/contact.ts';
import { recentActions, rejectionsOf } from '../../domain/contacts/profile.ts';
import { reasoningFor } from '../../domain/runs/revision.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { shownEntries } from '../../domain/visibility/hidden-entries.ts';
import { effectiveParams } from '../base/actions.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { ledgerAt, sceneOf } from '../base/scene.ts';
import { lackHere } from '../execution/hand-over.ts';
import { recoverAttempts } from '../execution/recover-attempts.ts';
import { actionDigest } from '../gate/digest.ts';
import { withMoved } from '../gate/freshness.ts';
import { objection } from '../gate/objections.ts';
import { edited, offersForEdit } from './edit.ts';
import { expireBeforeReading } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';
import { findWaiting, type PendingFilter } from './pending.ts';
import { actionLines, freshnessLines } from './questions.ts';

type Params = Record<string, unknown>;

/** All that a person looks at before deciding on one action. */
export type Dossier = {
  ref: ActionRef;
  action: Action;
  /** What would be done: the params as proposed, as edited before, or with the edit that the person looks at. */
  params: Params;
  edited: boolean;
  /** The digest to decide on; for an unknown attempt, what a retry binds to. */
  digest: string;
  /** A digest over all that would be done: it changes when anything would be done otherwise than shown. */
  binding: string;
  /** The action as its recipient will see it, the recipient first. */
  lines: [label: string, text: string][];
  /** What moved since the action was proposed. */
  moved: [label: string, text: string][];
  /** Why the action would go back to review if it were approved now. */
  against?: string | undefined;
  /** What this process lacks to do it, so that another one has to. */
  lacks?: string | undefined;
  agent: Agent;
  reasoning: string;
  profile: UnifiedProfile;
  /** Newest first. */
  events: ContactEvent[];
  recent: RecentAction[];
  rejections: Rejection[];
};

/** What waits for a person, oldest first: proposals, and attempts whose outcome is unknown. */
export async function queueOf(house: House, filter: PendingFilter): Promise<ActionRef[]> {
  await expireBeforeReading(house);
  await recoverAttempts(house);
  return house.read((view) => {
    const open = findWaiting(view, filter, ALL).rows.filter((item) => view.contact(item.contact_id) !== undefined);
    return open.map(({ run_id, contact_id, action_index }) => ({ run_id, contact_id, action_index }));
  });
}

function against(view: View, { now }: Moment, found: LocatedAction, params: Params): string | undefined {
  const scene = sceneOf(view, found.agent, found.ref.contact_id);
  if (!scene) return undefined;
  const proposal = { type: found.action.type, params };
  return objection(scene, proposal, ledgerAt(view, scene, found.ref), now);
}

/** One action in full, as it is now or with an edit; VALIDATION_ERROR where the edit doesn't fit its type. */
export async function dossierOf(house: House, ref: ActionRef, edit?: Params): Promise<Dossier> {
  const offers = edit && (await offersForEdit(house, ref, edit));
  return house.read((view, moment) => {
    const found = locate(view, ref);
    const { action, agent } = found;
    const scene = sceneOf(view, agent, ref.contact_id);
    const context = contextOf(view, agent, ref.contact_id, moment.now);
    if (!scene || !context) throw new AppError('NOT_FOUND', 'The contact of this action was deleted.');
    const result = view.results(ref.run_id).results.get(ref.contact_id);
    const entries = shownEntries(ledgerAt(view, scene, ref), view.shows);
    const doing = edit ? edited(view, found, edit, { offers, now: moment.now }) : { params: effectiveParams(action) };
    const { params, tool = action.pinned_tool } = doing;
    return {
      ref: found.ref,
      action,
      params,
      edited: edit !== undefined || action.edited_params !== undefined,
      digest: found.digest,
      binding: withMoved(actionDigest(action.type, params, scene, tool), found.moved.changed_since),
      lines: actionLines(view, found, { params, tool, now: moment.now }),
      moved: freshnessLines(found),
      against: against(view, moment, found, params),
      lacks: lackHere(view, found, moment.env),
      agent,
      reasoning: result ? reasoningFor(result, found.action) : '',
      profile: context.unified_profile,
      events: [...context.events].reverse(),
      recent: recentActions(entries).filter((entry) => entry.status !== 'rejected'),
      rejections: rejectionsOf(entries),
    };
  });
}
