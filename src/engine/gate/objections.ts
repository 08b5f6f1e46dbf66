import type { ActionScene, ActionType, Pinning } from '../../actions/action.ts';
import { isCapable } from '../../actions/allowed.ts';
import { findActionType } from '../../actions/index.ts';
import { paramsProblems } from '../../actions/params.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { canonical } from '../../domain/base/json.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { consentObjection } from './consent.ts';

const DAY_MS = 86_400_000;

/** Statuses in which an action counts as a message to its contact. */
const COUNTS_FOR_CADENCE = new Set(['approved', 'executing', 'executed', 'unknown']);

/** Statuses in which an action blocks an equal proposal. */
const BLOCKS_EQUAL = new Set(['pending_approval', 'approved', 'executing', 'unknown']);

function outsideCapabilities(agent: Agent, known: ActionType): string | undefined {
  if (isCapable(agent, known)) return undefined;
  return `${known.type} needs the capability "${known.capability}", which this agent doesn't have`;
}

export function overCadence(agent: Agent, entries: readonly LedgerEntry[], now: Date): string | undefined {
  const { cooldown_days, max_per_contact_per_week } = agent.limits;
  const times = entries.flatMap((entry) =>
    COUNTS_FOR_CADENCE.has(entry.status) && findActionType(entry.type)?.outbound ? [Date.parse(entry.at)] : [],
  );
  const since = (days: number) => times.filter((time) => time > now.getTime() - days * DAY_MS).length;
  if (cooldown_days !== undefined && since(cooldown_days) > 0) {
    return `limits.cooldown_days is ${cooldown_days}, and the contact was written to within that time`;
  }
  if (max_per_contact_per_week !== undefined && since(7) >= max_per_contact_per_week) {
    return `limits.max_per_contact_per_week is ${max_per_contact_per_week}, which the last 7 days have used up`;
  }
  return undefined;
}

export function pinningOf(scene: ActionScene, { type, params }: Proposal): Pinning | undefined {
  return findActionType(type)?.pin?.(scene, params);
}

/** Params in a form that can be compared. A tool is resolved first, because one tool can be named in several ways. */
function comparable(scene: ActionScene, type: string, params: Record<string, unknown>): string {
  const tool = pinningOf(scene, { type, params })?.pinned_tool;
  return canonical(tool ? { ...params, tool: [tool.server, tool.name] } : params);
}

/** The entries whose action equals a proposal, either as it was proposed or as a person edited it. */
export function equalEntries(scene: ActionScene, proposal: Proposal, entries: readonly LedgerEntry[]): LedgerEntry[] {
  const same = entries.filter((entry) => entry.type === proposal.type);
  if (same.length === 0) return [];
  const wanted = comparable(scene, proposal.type, proposal.params);
  const isSame = (params: Record<string, unknown> | undefined) =>
    params !== undefined && comparable(scene, proposal.type, params) === wanted;
  return same.filter((entry) => isSame(entry.params) || isSame(entry.proposed_params));
}

/** Why an equal action stands in the way: its status is one of `blocking`, or it was executed in the last 30 days. */
export function repeatProblem(
  { status, at, run_id }: LedgerEntry,
  blocking: ReadonlySet<string>,
  now: Date,
): string | undefined {
  if (blocking.has(status)) return `the same action is ${status} already (run ${run_id})`;
  if (status !== 'executed' || Date.parse(at) <= now.getTime() - 30 * DAY_MS) return undefined;
  return `the same action was executed at ${at} (run ${run_id})`;
}

export function duplicate(
  scene: ActionScene,
  proposal: Proposal,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  for (const entry of equalEntries(scene, proposal, entries)) {
    const problem = repeatProblem(entry, BLOCKS_EQUAL, now);
    if (problem !== undefined) return problem;
    if (entry.status === 'rejected')
      return `a person rejected the same action${entry.reason ? `: "${entry.reason}"` : ''}`;
    if (entry.revised) return `a person sent the same action back: "${entry.reason ?? ''}"`;
  }
  return undefined;
}

/**
 * What stands against a proposal, or against an approved action at its execution: capability, shape, recipient,
 * consent, cadence. Undefined where nothing does. `entries` is what `ledgerAt` gives without the action itself.
 */
export function objection(
  scene: ActionScene,
  proposal: Proposal,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  const known = findActionType(proposal.type);
  if (!known) return `there is no action of type "${proposal.type}"`;
  const outside = outsideCapabilities(scene.agent, known);
  if (outside) return outside;
  const [problem] = paramsProblems(known, proposal.params);
  if (problem) return `wrong shape: ${problem.path}: ${problem.message}`;
  const stopped = known.obstacle(scene, proposal.params) ?? consentObjection(known, scene)?.why;
  if (stopped) return stopped;
  return known.outbound ? overCadence(scene.agent, entries, now) : undefined;
}
