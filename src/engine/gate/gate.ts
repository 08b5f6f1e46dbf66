import type { ActionScene } from '../../actions/action.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { type Action, type ActionSource, type BlockedAction, decidableUntil } from '../../domain/runs/run.ts';
import type { AgentCard, LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import type { Moment } from '../base/moment.ts';
import { actionDigest } from './digest.ts';
import { duplicate, objection, pinningOf } from './objections.ts';
import { autoApproves } from './proof.ts';

/** What the gate has to know of a run; `source` where the proposals are an assistant's or a chat's. */
export type GatedRun = { id: string; dry_run: boolean; source?: ActionSource };

/** A new action as the next proposal for its contact finds it, in a dry run as in any other. */
function entryOf(
  { action_index, type, params, status, proposed_at }: Action,
  scene: ActionScene,
  run_id: string,
): LedgerEntry {
  const stands = status === 'dry_run' ? 'pending_approval' : status;
  return { run_id, action_index, agent_id: scene.agent.id, type, params, status: stands, at: proposed_at };
}

/**
 * The one way in: turns proposals into actions that wait (or are approved by the agent's own policy), or into blocked
 * ones with their reason. Proposals of one contact are seen in order, so a repeat within one answer is blocked too.
 */
export function passGate(
  view: View,
  moment: Moment,
  { run, scene }: { run: GatedRun; scene: ActionScene },
  proposals: readonly Proposal[],
): { proposed: Action[]; blocked: BlockedAction[] } {
  const proposed: Action[] = [];
  const blocked: BlockedAction[] = [];
  const entries: LedgerEntry[] = [...view.ledger(scene.contact.id)];
  for (const proposal of proposals) {
    const pinning = pinningOf(scene, proposal);
    const reason =
      objection(scene, proposal, entries, moment.now) ??
      pinning?.problem ??
      duplicate(scene, proposal, entries, moment.now);
    if (reason !== undefined) {
      blocked.push({ ...proposal, reason });
      continue;
    }
    const current = view.agent(scene.agent.id) ?? scene.agent;
    const tool = pinning?.pinned_tool;
    const action = newAction(scene, { ...proposal, index: proposed.length, tool }, { ...run, current }, moment);
    proposed.push(action);
    entries.push(entryOf(action, scene, run.id));
  }
  return { proposed, blocked };
}

function newAction(
  scene: ActionScene,
  { type, params, index, tool }: Proposal & { index: number; tool: PinnedTool | undefined },
  run: GatedRun & { current: AgentCard },
  { at, env, holder }: Moment,
): Action {
  const { agent } = scene;
  const action: Action = {
    action_index: index,
    type,
    params,
    digest: actionDigest(type, params, scene, tool),
    ...(tool ? { pinned_tool: tool } : {}),
    status: run.dry_run ? 'dry_run' : 'pending_approval',
    ...(run.source ? { source: run.source } : {}),
    proposed_at: at,
  };
  if (run.dry_run) return action;
  const until = decidableUntil(at, agent.approval.expires_after_hours);
  if (until !== undefined) action.expires_at = until;
  // A run uses the version it began with, but a policy that was tightened since holds at once.
  const isAllowed = (version: AgentCard) =>
    version.status !== 'archived' && autoApproves(version, type, env, run.source);
  if (![agent, run.current].every(isAllowed)) return action;
  return {
    ...action,
    status: 'approved',
    auto_approved: true,
    decided_at: at,
    decided_by: 'policy',
    decided_via: 'policy',
    holder,
  };
}
