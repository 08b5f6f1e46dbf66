import type { Agent } from '../domain/agent.ts';
import { type Author, nameOf } from '../domain/author.ts';
import { conflict, type ErrorDetails, notFound } from '../domain/errors.ts';
import type { ActionChange, Event } from '../domain/events.ts';
import { type Action, type ActionRef, decidableUntil } from '../domain/run.ts';
import { currentAgent, type View } from '../domain/state.ts';
import type { PinnedTool } from '../domain/tool.ts';
import { edited, offersForEdit } from './edit.ts';
import { startAttempt } from './execution.ts';
import { expireDue } from './expiry.ts';
import { actionDigest, sceneOf } from './gate.ts';
import type { House } from './house.ts';
import { findContact, findRun } from './lookup.ts';
import { applyNow, type Changes, effectiveParams, findAction } from './own-effects.ts';
import { demandProof, type ProofLevel } from './proof.ts';
import { shownAction } from './runs.ts';

export type Found = { ref: ActionRef; agent: Agent; action: Action; digest: string };

/** An action by its address, with the digest of what it would do now. */
export function locate(view: View, ref: ActionRef): Found {
  const run = findRun(view, ref.run_id);
  const contact = findContact(view, ref.contact_id);
  // Callers hand over all their arguments; only the address may travel on.
  const exact: ActionRef = { run_id: run.id, contact_id: contact.id, action_index: ref.action_index };
  const action = findAction(view, exact);
  const agent = currentAgent(view, run.agent_id);
  if (!action || !agent) {
    const count = view.run(run.id).results.get(contact.id)?.proposed_actions.length ?? 0;
    throw notFound(
      `Run ${run.id} has no action ${ref.action_index} for contact "${contact.id}": it has ${count}, counted from 0. get_run or list_pending_actions shows them.`,
    );
  }
  return { ref: exact, agent, action, digest: currentDigest(view, agent, exact, action) };
}

/** The digest of an action as it would be done now; what was decided or tried keeps the digest it was decided with. */
export function currentDigest(view: View, agent: Agent, ref: ActionRef, action: Action): string {
  const scene = action.status === 'pending_approval' ? sceneOf(view, agent, ref.contact_id) : undefined;
  return scene ? actionDigest(action.type, effectiveParams(action), scene, action.pinned_tool) : action.digest;
}

export function standing({ action }: Found): ErrorDetails {
  const { status, decided_by, decided_at, decided_via, reason, result, error } = action;
  return { status, decided_by, decided_at, decided_via, reason, result, error };
}

/** Refuses what waits no longer, or isn't what the decider saw. The loser of a race reads the winner's decision. */
export function demandPending(found: Found, expected: string | undefined): void {
  const { action, digest, ref } = found;
  if (action.status !== 'pending_approval') {
    const who = action.decided_by ? ` by ${action.decided_by} at ${action.decided_at}` : '';
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" is ${action.status} already${who}. Nothing was changed.`,
      standing(found),
    );
  }
  if (expected !== undefined && expected !== digest) {
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" isn't what was shown: its digest is ${digest}, not ${expected}. Nothing was changed. Read it again with list_pending_actions, then decide.`,
      { ...standing(found), digest },
    );
  }
}

export type Settlement = 'sent' | 'not_sent' | 'retry';

/** Refuses to settle what isn't unknown; a retry takes failed attempts too. */
export function demandSettleable(found: Found, settlement: Settlement): void {
  const { status } = found.action;
  if (status === 'unknown' || (settlement === 'retry' && status === 'failed')) return;
  throw conflict(
    `Action ${found.ref.action_index} is ${status}; settle_action takes unknown ones, and failed ones for a retry. Nothing was changed.`,
    standing(found),
  );
}

export type Approval = {
  by: Author;
  at: string;
  /** The process that is to execute it. */
  holder: string;
  params?: Record<string, unknown> | undefined;
  tool?: PinnedTool | undefined;
  note?: string | undefined;
  via: ProofLevel;
};

type Approved = { effects: Event[]; change: ActionChange };

/** The events of one approval; effects on our own state are part of them. */
export function approval(view: View, found: Found, given: Approval, contacts: Changes): Approved {
  const { ref, agent, action } = found;
  const { by, at, holder, params, note, via, tool = action.pinned_tool } = given;
  const scene = sceneOf(view, agent, ref.contact_id);
  const decided: Action = { ...action, ...(params ? { edited_params: params } : {}) };
  const digest = scene ? actionDigest(action.type, effectiveParams(decided), scene, tool) : action.digest;
  const base = { ...ref, agent_id: agent.id, from: action.status, auto_approved: action.auto_approved === true, at };
  const applied = applyNow(view, agent, ref, decided, at, contacts);
  if (applied && 'objection' in applied)
    return {
      effects: [],
      change: { ...base, to: action.status, set: { reason: `Back to review: ${applied.objection}.` } },
    };
  // A retry is a decision of its own, made after the first one's time may have run out.
  const isRetry = action.status !== 'pending_approval';
  const until = isRetry ? decidableUntil(at, agent.approval.expires_after_hours) : action.expires_at;
  const set: Partial<Action> = {
    type: action.type,
    proposed_at: action.proposed_at,
    ...(until ? { expires_at: until } : {}),
    digest,
    decided_at: at,
    decided_by: nameOf(by),
    decided_via: via,
    ...(params ? { edited_params: params } : {}),
    ...(tool ? { pinned_tool: tool } : {}),
    ...(note ? { reason: note } : {}),
    ...(applied ? applied.set : { holder }),
  };
  const unset: (keyof Action)[] = [
    ...(note ? [] : ['reason' as const]),
    ...(until ? [] : ['expires_at' as const]),
    'error',
    'auto_approved',
  ];
  return { effects: applied?.events ?? [], change: { ...base, to: applied ? 'executed' : 'approved', set, unset } };
}

export type ApproveArgs = ActionRef & {
  params?: Record<string, unknown> | undefined;
  expected_digest?: string | undefined;
  note?: string | undefined;
  /** The proof that this is a person's decision. */
  via?: ProofLevel;
};

/** Waits for an attempt, at most so long, then shows the action as it stands. */
export async function outcome(house: House, ref: ActionRef, seconds: number): Promise<object> {
  const waiting = startAttempt(house, ref);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([waiting, patience]);
  clearTimeout(timer);
  return house.store.read((view) => shownAction(locate(view, ref).action));
}

/** Approves one action, edited or as it is, and gives it back as far as it got. */
export async function approve(house: House, by: Author, args: ApproveArgs, seconds: number): Promise<object> {
  await expireDue(house);
  const offers = args.params && (await offersForEdit(house, args, args.params));
  house.store.renew();
  const ref = await house.store.commit(by, (view) => {
    const found = locate(view, args);
    demandPending(found, args.expected_digest);
    const { via = 'client' } = args;
    demandProof(found.agent, house.deps.env, 'Approving this action', { given: via, source: found.action.source });
    const edit = args.params && edited(view, found, args.params, offers);
    const { effects, change } = approval(
      view,
      found,
      { by, at: house.deps.now().toISOString(), holder: house.store.holder, note: args.note, via, ...edit },
      new Map(),
    );
    return { events: [...effects, { type: 'actions_changed', changes: [change] }], value: found.ref };
  });
  return outcome(house, ref, seconds);
}

export async function reject(
  house: House,
  by: Author,
  args: ActionRef & { reason?: string | undefined; expected_digest?: string | undefined; via?: ProofLevel },
): Promise<object> {
  await expireDue(house);
  const ref = await house.store.commit(by, (view) => {
    const found = locate(view, args);
    demandPending(found, args.expected_digest);
    return {
      events: [
        {
          type: 'actions_changed',
          changes: [
            rejection(found, { by, at: house.deps.now().toISOString(), via: args.via ?? 'client' }, args.reason),
          ],
        },
      ],
      value: found.ref,
    };
  });
  return house.store.read((view) => shownAction(locate(view, ref).action));
}

export function rejection(
  { ref, agent, action }: Found,
  { by, at, via }: { by: Author; at: string; via: ProofLevel },
  reason: string | undefined,
): ActionChange {
  const set: Partial<Action> = {
    decided_at: at,
    decided_by: nameOf(by),
    decided_via: via,
    ...(reason ? { reason } : {}),
  };
  return {
    ...ref,
    agent_id: agent.id,
    from: action.status,
    to: 'rejected',
    auto_approved: false,
    at,
    set,
    unset: reason ? [] : ['reason'],
  };
}
