import type { ActionScene, Pinning } from '../../actions/action.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { canonical } from '../../domain/base/json.ts';
import type { ContactResult } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { ledgerAt } from '../base/scene.ts';
import { recipientOf } from '../gate/digest.ts';
import { objection, pinningOf } from '../gate/objections.ts';
import { duplicate } from '../gate/repeats.ts';
import { waitsAlready } from '../gate/waiting.ts';

/** What the gate of then goes by: the view, scene and clock of then, the run of then, and its result. */
export type GateThen = { view: View; scene: ActionScene; now: Date; runId: string; result: ContactResult };
/** Proposals as the gate of then parts them; `tool` where one calls a tool of an MCP server. */
export type GatedThen = { passed: (Proposal & { tool?: PinnedTool })[]; blocked: (Proposal & { reason: string })[] };

/** The settings by which the gate blocks. */
function gateTerms({ capabilities, limits, connections, identity_id }: Agent): string {
  return canonical({ capabilities, limits, connections, identity_id });
}

function keyOf({ type, params }: Proposal): string {
  return canonical([type, params]);
}

function isNamed({ server, name }: PinnedTool, { params }: Proposal): boolean {
  return params.tool === name || params.tool === `${server}/${name}`;
}

/**
 * The tool that a proposal calls: as that evaluation called it, else as its server offers it now, since nobody keeps what
 * servers offered. A server that can't be asked now says nothing against a proposal of then.
 */
function toolThen(scene: ActionScene, proposal: Proposal, { proposed_actions }: ContactResult): Pinning {
  const pinning = pinningOf(scene, proposal) ?? {};
  const { type } = proposal;
  const then = proposed_actions.find(
    (each) => each.type === type && each.pinned_tool && isNamed(each.pinned_tool, proposal),
  );
  const before = then?.pinned_tool;
  // As its server defines it now it says nothing of then, where that isn't the definition of then.
  if (before && before.digest !== pinning.pinned_tool?.digest) return { pinned_tool: before };
  return pinning.isUnreachable ? {} : pinning;
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
    const { pinned_tool: tool, problem } = toolThen(scene, proposal, result);
    const wasPassed = isSame && passedThen.has(key) && !gated.passed.some((each) => keyOf(each) === key);
    const reason = wasPassed
      ? undefined
      : ((isSame ? blockedThen.get(key) : undefined) ??
        objection(scene, proposal, entries, now) ??
        problem ??
        duplicate(view, { type, params, scene, tool }, entries, now) ??
        waitsAlready(view, scene, { type, tool, runId, now }));
    if (reason !== undefined) gated.blocked.push({ type, params, reason });
    else {
      gated.passed.push({ type, params, ...(tool ? { tool } : {}) });
      const to = tool && recipientOf(type, scene, tool);
      entries.push({
        ...(to === undefined ? {} : { to }),
        ...{ run_id: runId, action_index: result.proposed_actions.length + gated.passed.length },
        ...{ agent_id: scene.agent.id, type, params, status: 'pending_approval', at: now.toISOString() },
      });
    }
  }
  return gated;
}
