import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { holdsInBudget } from '../../domain/base/budget.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { monitoredBy } from '../../domain/contacts/contact-filter.ts';
import type { Action, ActionRef, ActionSource, BlockedAction, ContactResult } from '../../domain/runs/run.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import type { Moment } from '../base/moment.ts';
import { ledgerAt } from '../base/scene.ts';
import { actionDigest, paramsInScene, recipientOf } from './digest.ts';
import { autoApproves, lotOf } from './grant.ts';
import { objection, pinningOf } from './objections.ts';
import { duplicate } from './repeats.ts';
import { limitOf, waitsAlready } from './waiting.ts';

/** A proposal; `rule` is the place of the rule that made it, if one did. */
export type GatedProposal = Proposal & { rule?: number | undefined };

/**
 * An action that a person sent back: `of` is its index, and `from` the index of the next action. What is proposed in its
 * place waits for a person, whatever the agent's policy allows. `isSame`: its own draft is proposed once more.
 */
export type GatedRevision = { of: number; from: number; isSame: boolean };

/** What the gate has to know of a run; `source` is set where an assistant or a chat proposes. */
export type GatedRun = { id: string; dry_run: boolean; source?: ActionSource; revision?: GatedRevision };

/** The ledger entry of a new action. In a dry run it counts as pending, so that it blocks a repeat as in any run. */
function entryOf(action: Action, scene: ActionScene, run_id: string): LedgerEntry {
  const { action_index, type, params, status, proposed_at: at, pinned_tool } = action;
  const counted = status === 'dry_run' ? 'pending_approval' : status;
  const to = pinned_tool && recipientOf(type, scene, pinned_tool);
  const goes = to === undefined ? {} : { to };
  return { run_id, action_index, agent_id: scene.agent.id, type, params, ...goes, status: counted, at };
}

/** What earlier results of the same commit send to other contacts with the address: no ledger has it yet. */
function entriesOf(earlier: readonly ContactResult[], scene: ActionScene, runId: string): LedgerEntry[] {
  const ids = new Set(scene.sharing?.map(({ id }) => id));
  if (ids.size === 0) return [];
  const actions = earlier.flatMap(({ contact_id, proposed_actions }) => (ids.has(contact_id) ? proposed_actions : []));
  return actions.filter(({ type }) => findActionType(type)?.outbound).map((action) => entryOf(action, scene, runId));
}

/** What new proposals are held against, by the address: a draft proposed once more is no repeat of itself. */
function knownEntries(view: View, { id, revision }: GatedRun, scene: ActionScene): LedgerEntry[] {
  const draft: ActionRef | undefined = revision?.isSame
    ? { run_id: id, contact_id: scene.contact.id, action_index: revision.of }
    : undefined;
  return ledgerAt(view, scene, draft);
}

/**
 * The only way from a proposal to an action. A proposal becomes an action that waits for a person, an action that the
 * agent's own policy approves, or a blocked one with its reason. The proposals for a contact are taken in order, so a
 * repeat among them is blocked too. It holds them against what all agents did, whoever's call it is.
 */
export function passGate(
  looker: View,
  moment: Moment,
  { run, scene, earlier = [] }: { run: GatedRun; scene: ActionScene; earlier?: readonly ContactResult[] | undefined },
  proposals: readonly GatedProposal[],
): { proposed: Action[]; blocked: BlockedAction[] } {
  const view = wholeOf(looker);
  const proposed: Action[] = [];
  const blocked: BlockedAction[] = [];
  const entries = [...knownEntries(view, run, scene), ...entriesOf(earlier, scene, run.id)];
  const from = run.revision?.from ?? 0;
  for (const { type, params: given, rule } of proposals) {
    const params = paramsInScene(type, given, scene);
    const proposal = { type, params };
    const pinning = pinningOf(scene, proposal);
    const tool = pinning?.pinned_tool;
    const reason =
      objection(scene, proposal, entries, moment.now) ??
      pinning?.problem ??
      duplicate(view, { type, params, scene, tool }, entries, moment.now) ??
      waitsAlready(view, scene, { type, tool, runId: run.id, now: moment.now });
    if (reason !== undefined) {
      blocked.push({ type, params, reason });
      continue;
    }
    const action = newAction(scene, { type, params, rule, index: from + proposed.length, tool }, run, moment);
    const ref = { run_id: run.id, contact_id: scene.contact.id, action_index: action.action_index };
    const decidable = { ...proposal, lot: lotOf(ref, action.digest) };
    if (!run.dry_run && !run.revision && isAllowedUnasked(view, scene, decidable, moment))
      approveByPolicy(action, moment);
    proposed.push(action);
    entries.push(entryOf(action, scene, run.id));
  }
  return { proposed, blocked };
}

function newAction(
  scene: ActionScene,
  { type, params, rule, index, tool }: GatedProposal & { index: number; tool: PinnedTool | undefined },
  run: GatedRun,
  { at }: Moment,
): Action {
  const action: Action = {
    action_index: index,
    type,
    params,
    digest: actionDigest(type, params, scene, tool),
    status: run.dry_run ? 'dry_run' : 'pending_approval',
    proposed_at: at,
  };
  if (tool) action.pinned_tool = tool;
  if (run.source) action.source = run.source;
  if (rule !== undefined) action.rule = rule;
  if (run.revision) action.revises = run.revision.of;
  if (run.dry_run) return action;
  const until = limitOf(scene, type, at);
  if (until !== undefined) action.expires_at = until;
  return action;
}

/**
 * Whether the agent's own policy lets an action happen. A run keeps the version that it began with, but the current
 * version must allow the action too: a policy that was made stricter meanwhile holds at once.
 */
function isAllowedUnasked(
  view: View,
  { agent, contact }: ActionScene,
  proposal: Proposal & { lot: string },
  { env }: Moment,
): boolean {
  const current = currentAgent(view, agent.id) ?? agent;
  const versions = current.version === agent.version ? [current] : [agent, current];
  return versions.every(
    (version) =>
      version.status !== 'archived' &&
      autoApproves(view, version, proposal, env) &&
      isMeant(version, contact, proposal.type),
  );
}

/**
 * Whether an agent's permission is for this contact. A caller may name contacts that the filter doesn't find; the person
 * allowed the agent to act on those that it finds. What is harmless needs no permission.
 */
function isMeant({ monitoring }: Agent, contact: Contact, type: string): boolean {
  return findActionType(type)?.harmless === true || holdsInBudget(() => monitoredBy(monitoring)(contact));
}

function approveByPolicy(action: Action, { at, holder }: Moment): void {
  const decision = { decided_at: at, decided_by: 'policy', decided_via: 'policy' as const };
  Object.assign(action, { status: 'approved', auto_approved: true, ...decision, holder } satisfies Partial<Action>);
}
