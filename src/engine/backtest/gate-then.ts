import type { ActionScene } from '../../actions/action.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { canonical } from '../../domain/base/json.ts';
import type { ContactResult } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { ledgerAt } from '../base/scene.ts';
import { objection } from '../gate/objections.ts';
import { duplicate } from '../gate/repeats.ts';
import { waitsAlready } from '../gate/waiting.ts';

/** What the gate of then goes by: the view, scene and clock of then, the run of then, and its result. */
export type GateThen = { view: View; scene: ActionScene; now: Date; runId: string; result: ContactResult };
/** Proposals as the gate of then parts them. */
export type GatedThen = { passed: Proposal[]; blocked: (Proposal & { reason: string })[] };

/** The settings by which the gate blocks. */
function gateTerms({ capabilities, limits, connections, identity_id }: Agent): string {
  return canonical({ capabilities, limits, connections, identity_id });
}

function keyOf({ type, params }: Proposal): string {
  return canonical([type, params]);
}

/**
 * Passes proposals through the gate as it was at an evaluation. What that evaluation proposed to the letter, by an agent with
 * the same limits, fares as it did then: that is on record.
 */
export function passGateThen(
  { view, scene, now, runId, result }: GateThen,
  agentThen: Agent | undefined,
  proposals: readonly Proposal[],
): GatedThen {
  const isSame = agentThen !== undefined && gateTerms(agentThen) === gateTerms(scene.agent);
  const passedThen = new Set(result.proposed_actions.map(keyOf));
  const blockedThen = new Map(result.blocked_actions.map((each) => [keyOf(each), each.reason]));
  const entries: LedgerEntry[] = ledgerAt(view, scene);
  const gated: GatedThen = { passed: [], blocked: [] };
  for (const proposal of proposals) {
    const key = keyOf(proposal);
    const { type, params } = proposal;
    const wasPassed = isSame && passedThen.has(key) && !gated.passed.some((each) => keyOf(each) === key);
    const reason = wasPassed
      ? undefined
      : ((isSame ? blockedThen.get(key) : undefined) ??
        objection(scene, proposal, entries, now) ??
        duplicate(view, { type, params, scene, tool: undefined }, entries, now) ??
        waitsAlready(view, scene, { type, tool: undefined, runId, now }));
    if (reason !== undefined) gated.blocked.push({ type, params, reason });
    else {
      gated.passed.push({ type, params });
      entries.push({
        ...{ run_id: runId, action_index: result.proposed_actions.length + gated.passed.length },
        ...{ agent_id: scene.agent.id, type, params, status: 'pending_approval', at: now.toISOString() },
      });
    }
  }
  return gated;
}
