import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import { movedBriefly } from '../../domain/runs/moved-words.ts';
import type { View } from '../../domain/state/view.ts';
import { type AddressedAction, effectiveParams } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { actionDigest } from '../gate/digest.ts';
import { freshnessOf, withMoved } from '../gate/freshness.ts';
import { autoApproves } from '../gate/grant.ts';
import { lateObjection } from '../gate/late-objection.ts';
import { shortfallOf } from '../gate/proof.ts';
import { toolObjection } from '../gate/tool-offers.ts';

/** Why a decision counts no longer: it expired, or has less proof than is needed now. Undefined where it counts. */
function outdated(view: View, found: AddressedAction, { at, env }: Moment): string | undefined {
  const { agent, action } = found;
  const { expires_at, decided_via } = action;
  if (expires_at !== undefined && expires_at <= at) return `it was not executed before it expired at ${expires_at}`;
  if (action.auto_approved)
    return autoApproves(view, agent, { type: action.type, params: effectiveParams(action) }, env)
      ? undefined
      : "the agent's policy no longer approves it";
  const short = shortfallOf(view, env, found, decided_via);
  return short && `${short.why}, and it is not certain that it was you who approved it`;
}

const OTHER_WAY = 'its recipient, URL or sender changed after the decision';

/** How an action differs from what was decided on, by its digest: where it goes, or what moved since. */
function differs(
  view: View,
  scene: ActionScene,
  { ref, action }: Pick<AddressedAction, 'ref' | 'action'>,
): string | undefined {
  const { changed_since } = freshnessOf(view, { ref, action });
  const now = actionDigest(action.type, effectiveParams(action), scene, action.pinned_tool);
  if (withMoved(now, changed_since) === action.digest) return undefined;
  const isElsewhere = changed_since.length === 0 || changed_since.some(({ what }) => what === 'email');
  return isElsewhere ? OTHER_WAY : `after the decision, ${movedBriefly(changed_since)}`;
}

/** Why an approved action may not be executed now; undefined where it may. */
export function standsAgainst(
  view: View,
  scene: ActionScene | undefined,
  found: AddressedAction,
  moment: Moment,
): string | undefined {
  if (!scene) return 'the contact was deleted';
  const { agent } = scene;
  const { ref, action } = found;
  if (agent.identity_id !== undefined && !scene.identity) return `the identity ${agent.identity_id} is gone`;
  const params = effectiveParams(action);
  const { type } = action;
  const otherwise = differs(view, scene, { ref, action });
  if (otherwise === OTHER_WAY) return otherwise;
  return (
    outdated(view, { ref, agent, action }, moment) ??
    lateObjection(view, scene, { ref, type, params, tool: action.pinned_tool }, moment.now) ??
    findActionType(type)?.lack?.(scene, moment.env) ??
    toolObjection(scene, action) ??
    otherwise
  );
}
