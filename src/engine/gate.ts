import type { ActionScene, ActionType, Pinning } from '../actions/action.ts';
import { isCapable } from '../actions/allowed.ts';
import { findActionType } from '../actions/index.ts';
import type { Agent } from '../domain/agent.ts';
import { digest } from '../domain/digest.ts';
import type { Identity } from '../domain/identity.ts';
import { canonical } from '../domain/json.ts';
import { type Action, type ActionRef, type ActionSource, type BlockedAction, decidableUntil } from '../domain/run.ts';
import type { AgentCard, LedgerEntry, View } from '../domain/state.ts';
import type { PinnedTool } from '../domain/tool.ts';
import type { Proposal } from '../evaluators/evaluator.ts';
import { autoApproves } from './proof.ts';

const DAY_MS = 86_400_000;
const COUNTS_FOR_CADENCE = new Set(['approved', 'executing', 'executed', 'unknown']);
const STANDS = new Set(['pending_approval', 'approved', 'executing', 'unknown']);

export function sceneOf(view: View, agent: Agent, contactId: string): ActionScene | undefined {
  const contact = view.contacts().byId.get(contactId);
  if (!contact) return undefined;
  return { agent, contact, identity: agent.identity_id ? view.identities().get(agent.identity_id) : undefined };
}

/** Who it comes from; that it is really sent counts too, where it is. */
function senderParts({ id, name, email, signature, smtp_url_env }: Identity): (string | null)[] {
  const parts = [id, name, email, signature ?? null];
  return smtp_url_env === undefined ? parts : [...parts, smtp_url_env];
}

/** Where an action goes, as a person should see it: an address, a profile, a URL, or the tool of a server. */
export function recipientOf(type: string, scene: ActionScene, tool: PinnedTool | undefined): string | undefined {
  return tool ? `${tool.server}/${tool.name}` : findActionType(type)?.target(scene);
}

/**
 * What a decision binds to: type, params, where it goes, for what reaches people, who it comes from, and for a call of
 * another's tool, how that tool is defined.
 */
export function actionDigest(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
  tool: PinnedTool | undefined,
): string {
  const known = findActionType(type);
  const { identity } = scene;
  const from = known?.outbound && identity ? senderParts(identity) : null;
  const bound = [type, params, known?.target(scene) ?? null, from];
  return digest(tool ? [...bound, tool.server, tool.name, tool.digest] : bound);
}

function outsideCapabilities(agent: Agent, known: ActionType): string | undefined {
  if (isCapable(agent, known)) return undefined;
  return `${known.type} needs the capability "${known.capability}", which this agent doesn't have`;
}

function missingConsent(known: ActionType, scene: ActionScene): string | undefined {
  const flag = known.consent.find((name) => scene.contact[name]);
  return flag ? `the contact has ${flag} set` : undefined;
}

/** Entries but that of one action. */
export function others(entries: readonly LedgerEntry[], except: ActionRef | undefined): LedgerEntry[] {
  return entries.filter(
    (entry) => !except || entry.run_id !== except.run_id || entry.action_index !== except.action_index,
  );
}

export function overCadence(agent: Agent, entries: readonly LedgerEntry[], now: Date): string | undefined {
  const { cooldown_days, max_per_contact_per_week } = agent.limits;
  const times = entries.flatMap((entry) =>
    COUNTS_FOR_CADENCE.has(entry.status) && findActionType(entry.type)?.outbound ? [Date.parse(entry.at)] : [],
  );
  const since = (days: number) => times.filter((time) => time > now.getTime() - days * DAY_MS).length;
  if (cooldown_days !== undefined && since(cooldown_days) > 0) {
    return `limits.cooldown_days is ${cooldown_days}, and the contact was written to since`;
  }
  if (max_per_contact_per_week !== undefined && since(7) >= max_per_contact_per_week) {
    return `limits.max_per_contact_per_week is ${max_per_contact_per_week}, which the last 7 days have used up`;
  }
  return undefined;
}

function pinningOf(scene: ActionScene, { type, params }: Proposal): Pinning | undefined {
  return findActionType(type)?.pin?.(scene, params);
}

/** Params as they are compared: whichever way a tool is named, it is the same call. */
function comparable(scene: ActionScene, type: string, params: Record<string, unknown>): string {
  const tool = pinningOf(scene, { type, params })?.pinned_tool;
  return canonical(tool ? { ...params, tool: [tool.server, tool.name] } : params);
}

/** Entries of actions that are, or were proposed as, the same. */
export function equals(scene: ActionScene, proposal: Proposal, entries: readonly LedgerEntry[]): LedgerEntry[] {
  const same = entries.filter((entry) => entry.type === proposal.type);
  if (same.length === 0) return [];
  const wanted = comparable(scene, proposal.type, proposal.params);
  const isSame = (params: Record<string, unknown> | undefined) =>
    params !== undefined && comparable(scene, proposal.type, params) === wanted;
  return same.filter((entry) => isSame(entry.params) || isSame(entry.proposed_params));
}

/** What an equal action in one of these statuses, or done in the last 30 days, has against another one. */
export function standing(
  { status, at, run_id }: LedgerEntry,
  stands: ReadonlySet<string>,
  now: Date,
): string | undefined {
  if (stands.has(status)) return `the same action is ${status} already (run ${run_id})`;
  if (status !== 'executed' || Date.parse(at) <= now.getTime() - 30 * DAY_MS) return undefined;
  return `the same action was executed at ${at} (run ${run_id})`;
}

function duplicate(
  scene: ActionScene,
  proposal: Proposal,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  for (const entry of equals(scene, proposal, entries)) {
    const stands = standing(entry, STANDS, now);
    if (stands !== undefined) return stands;
    if (entry.status === 'rejected')
      return `a person rejected the same action${entry.reason ? `: "${entry.reason}"` : ''}`;
  }
  return undefined;
}

/** Why an action may not be, or no longer: capability, shape, a way to go, consent, cadence. Asked again at execution. */
export function objection(
  view: View,
  scene: ActionScene,
  proposal: Proposal,
  now: Date,
  except?: ActionRef,
): string | undefined {
  const known = findActionType(proposal.type);
  if (!known) return `there is no action of type "${proposal.type}"`;
  const outside = outsideCapabilities(scene.agent, known);
  if (outside) return outside;
  const shape = known.params.safeParse(proposal.params);
  if (!shape.success) {
    const issue = shape.error.issues[0];
    return `wrong shape: ${['params', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`;
  }
  const stopped = known.obstacle(scene, proposal.params) ?? missingConsent(known, scene);
  if (stopped) return stopped;
  if (!known.outbound) return undefined;
  return overCadence(scene.agent, others(view.ledger(scene.contact.id), except), now);
}

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
