import type { ActionScene } from '../../actions/action.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../base/actions.ts';
import { actionDigest } from '../gate/digest.ts';
import { freshnessOf, withMoved } from '../gate/freshness.ts';
import { pinnedNow } from '../gate/tool-offers.ts';
import { limitOf } from '../gate/waiting.ts';

/** Fields of an action that go when its decision no longer counts. */
const DECISION_FIELDS = ['auto_approved', 'decided_at', 'decided_by', 'decided_via', 'holder', 'tries'] as const;

/** Sends an action back to review as it would be done now: with the present recipient and tool, and a new limit. */
export function backToReview(
  view: View,
  base: Omit<ActionChange, 'to' | 'set' | 'unset'>,
  { scene, action }: { scene: ActionScene | undefined; action: Action },
  reason: string,
): ActionChange {
  const tool = scene && pinnedNow(scene, action)?.pinned_tool;
  const until = scene && limitOf(scene, action.type, base.at);
  const set: Partial<Action> = {
    reason,
    ...(tool ? { pinned_tool: tool } : {}),
    ...(until === undefined ? {} : { expires_at: until }),
  };
  if (scene) {
    const { changed_since } = freshnessOf(view, { ref: base, action: { ...action, status: 'pending_approval' } });
    const now = actionDigest(action.type, effectiveParams(action), scene, tool ?? action.pinned_tool);
    set.digest = withMoved(now, changed_since);
  }
  const unset = [...DECISION_FIELDS, ...(until === undefined ? (['expires_at'] as const) : [])];
  return { ...base, to: 'pending_approval', set, unset };
}
