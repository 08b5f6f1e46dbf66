import type { ActionScene } from '../../actions/action.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { ledgerAt } from '../base/scene.ts';
import { equalEntries, objection, repeatProblem } from './objections.ts';

/** Statuses in which an equal action may have had its effect. */
const MAY_BE_DONE = new Set(['executing', 'unknown']);

/**
 * Why an approved action may no longer take effect: its agent was archived, the gate objects now, or an equal action
 * was done meanwhile. Undefined where it may.
 */
export function lateObjection(
  view: View,
  scene: ActionScene,
  { ref, ...proposal }: Proposal & { ref: ActionRef },
  now: Date,
): string | undefined {
  if (scene.agent.status === 'archived')
    return 'its agent is archived: revive it with update_agent {"changes": {"enabled": true}}, then approve again';
  const entries = ledgerAt(view, scene.contact, ref);
  const against = objection(scene, proposal, entries, now);
  if (against !== undefined) return against;
  return equalEntries(scene, proposal, entries).flatMap((entry) => repeatProblem(entry, MAY_BE_DONE, now) ?? [])[0];
}
