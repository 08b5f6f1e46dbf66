import type { ActionScene } from '../../actions/action.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { type Action, type ActionSource, type BlockedAction, decidableUntil } from '../../domain/runs/run.ts';
import type { AgentCard, LedgerEntry, View } from '../../domain/state/state.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { actionDigest } from './digest.ts';
import { duplicate, objection, pinningOf } from './objections.ts';
import { autoApproves } from './proof.ts';

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
  scene: ActionScene,
  proposals: readonly Proposal[],
  run: { id: string; dry_run: boolean; source?: ActionSource },
  house: { now: Date; env: Readonly<Record<string, string | undefined>>; holder: string },
): { proposed: Action[]; blocked: BlockedAction[] } {
  const proposed: Action[] = [];
  const blocked: BlockedAction[] = [];
  const at = house.now.toISOString();
  const entries: LedgerEntry[] = [...view.ledger(scene.contact.id)];
  const soFar: View = { ...view, ledger: () => entries };
  for (const proposal of proposals) {
    const pinning = pinningOf(scene, proposal);
    const reason =
      objection(soFar, scene, proposal, house.now) ??
      pinning?.problem ??
      duplicate(scene, proposal, entries, house.now);
    if (reason !== undefined) {
      blocked.push({ ...proposal, reason });
      continue;
    }
    const action = newAction(
      scene,
      view.agents().get(scene.agent.id) ?? scene.agent,
      proposal,
      proposed.length,
      at,
      run,
      house,
      pinning?.pinned_tool,
    );
    proposed.push(action);
    entries.push(entryOf(action, scene, run.id));
  }
  return { proposed, blocked };
}

function newAction(
  scene: ActionScene,
  current: AgentCard,
  proposal: Proposal,
  index: number,
  at: string,
  run: { dry_run: boolean; source?: ActionSource },
  { env, holder }: { env: Readonly<Record<string, string | undefined>>; holder: string },
  tool: PinnedTool | undefined,
): Action {
  const { agent } = scene;
  const action: Action = {
    action_index: index,
    type: proposal.type,
    params: proposal.params,
    digest: actionDigest(proposal.type, proposal.params, scene, tool),
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
    version.status !== 'archived' && autoApproves(version, proposal.type, env, run.source);
  if (![agent, current].every(isAllowed)) return action;
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
