import type { ActionScene } from '../../actions/action.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { ledgerAt } from '../base/scene.ts';
import { objection } from './objections.ts';
import { lateDuplicate } from './repeats.ts';

/**
 * Why an approved action may no longer take effect: its agent was archived, the gate objects now, or an equal action
 * was done meanwhile. Undefined where it may.
 */
export function lateObjection(
  view: View,
  scene: ActionScene,
  { ref, tool, ...proposal }: Proposal & { ref: ActionRef; tool: PinnedTool | undefined },
  now: Date,
): string | undefined {
  if (scene.agent.status === 'archived')
    return 'its agent is archived: revive it with update_agent {"changes": {"enabled": true}}, then approve again';
  const entries = ledgerAt(view, scene, ref);
  return objection(scene, proposal, entries, now) ?? lateDuplicate(view, { ...proposal, scene, tool }, entries, now);
}
