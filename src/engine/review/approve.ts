import type { PinnedTool } from '../../domain/agents/tool.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import type { ActionAsShown } from '../base/shown/action.ts';
import { startAttempt } from '../execution/attempt.ts';
import { lackHere } from '../execution/hand-over.ts';
import { applyNow, type ChangedContacts } from '../execution/own-effects.ts';
import { actionDigest } from '../gate/digest.ts';
import { withMoved } from '../gate/freshness.ts';
import { APPROVED, demandDecision, type ProofLevel } from '../gate/proof.ts';
import { limitOf } from '../gate/waiting.ts';
import { type Proven, provenEvents } from '../passkeys/sign.ts';
import { demandEchoes, demandPending, type Echoes } from './demand.ts';
import { edited, offersForEdit } from './edit.ts';
import { expireDue } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';
import { shownDecidable } from './row.ts';

export type Approval = {
  by: Author;
  at: string;
  /** The process that is to execute the action; unset where one that has what this one lacks is to do it. */
  holder: string | undefined;
  params?: Record<string, unknown> | undefined;
  tool?: PinnedTool | undefined;
  note?: string | undefined;
  via: ProofLevel;
};

type Approved = { effects: Event[]; change: ActionChange };

/**
 * The change of one approval, with the events of its effect on Countersign's own state. Where that effect may not
 * happen any more, the change keeps the status and says why.
 */
export function approval(view: View, found: LocatedAction, given: Approval, contacts: ChangedContacts): Approved {
  const { ref, agent, action, moved } = found;
  const { by, at, holder, params, note, via, tool = action.pinned_tool } = given;
  const scene = sceneOf(view, agent, ref.contact_id);
  const decided: Action = { ...action, ...(params ? { edited_params: params } : {}) };
  const base = scene && actionDigest(action.type, effectiveParams(decided), scene, tool);
  const digest = base === undefined ? action.digest : withMoved(base, moved.changed_since);
  const common = { ...ref, agent_id: agent.id, from: action.status, auto_approved: action.auto_approved === true, at };
  // While the brake is on, an effect on own state waits as any other.
  const applied = view.brake().on ? undefined : applyNow(view, { ref, agent, action: decided }, at, contacts);
  if (applied && 'objection' in applied)
    return {
      effects: [],
      change: { ...common, to: action.status, set: { reason: `Back to review: ${applied.objection}.` } },
    };
  // A retry is a new decision with a new time limit: the first one may be over.
  const isRetry = action.status !== 'pending_approval';
  const until = isRetry && scene ? limitOf(scene, action.type, at) : action.expires_at;
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
    ...(applied ? applied.set : holder === undefined ? {} : { holder }),
  };
  const unset: (keyof Action)[] = [
    ...(note ? [] : ['reason' as const]),
    ...(until ? [] : ['expires_at' as const]),
    'error',
    'auto_approved',
    'tries',
  ];
  return { effects: applied?.events ?? [], change: { ...common, to: applied ? 'executed' : 'approved', set, unset } };
}

export type ApproveArgs = ActionRef &
  Echoes &
  Proven<ProofLevel> & {
    params?: Record<string, unknown> | undefined;
    /** The digest of the row that the person was shown. */
    expected_digest: string;
    note?: string | undefined;
    /** No form can show the action whole. */
    isTooLong?: boolean;
    /** Leaves the execution to another process where this one lacks what it takes. */
    handsOver?: boolean;
  };

/** The process that is to execute what this one approves; undefined where this one lacks what it takes, and hands over. */
export function executor(
  view: View,
  { holder, env }: Moment,
  found: LocatedAction,
  handsOver = false,
): string | undefined {
  return handsOver && lackHere(view, found, env) !== undefined ? undefined : holder;
}

/** Starts an attempt, unless another process is to make it, waits up to `seconds`, then shows the action as it is. */
export async function outcome(
  house: House,
  { ref, isOurs }: { ref: ActionRef; isOurs: boolean },
  seconds: number,
): Promise<ActionAsShown> {
  const attempt = isOurs ? startAttempt(house, ref) : Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([attempt, timeout]);
  clearTimeout(timer);
  return house.read((view) => shownDecidable(locate(view, ref)));
}

/** Approves one action, edited or as proposed. Waits up to `seconds` for its execution, then gives it as it is. */
export async function approve(house: House, by: Author, args: ApproveArgs, seconds: number): Promise<ActionAsShown> {
  await expireDue(house);
  const offers = args.params && (await offersForEdit(house, args, args.params));
  await house.store.renew();
  const decided = await house.commit(by, (view, moment) => {
    const { at } = moment;
    const found = locate(view, args);
    const holder = executor(view, moment, found, args.handsOver);
    demandPending(view, found, args.expected_digest);
    const { via = 'client' } = args;
    demandDecision(view, moment, found, { ...APPROVED, given: via, isTooLong: args.isTooLong });
    const edit = args.params && edited(view, found, args.params, { offers, now: moment.now });
    demandEchoes(view, found, args, edit ?? { params: effectiveParams(found.action), tool: found.action.pinned_tool });
    const { effects, change } = approval(view, found, { by, at, holder, note: args.note, via, ...edit }, new Map());
    const value = { ref: found.ref, isOurs: holder !== undefined };
    const events: Event[] = [...effects, { type: 'actions_changed', changes: [change] }];
    return { events: provenEvents(view, by, events, { via, proof: args.proof, at }), value };
  });
  return outcome(house, decided, seconds);
}

/** When an approved action goes that waits for its time, and how it is taken back until then. */
export function whenItGoes({ status, waits }: Pick<ActionAsShown, 'status' | 'waits'>): string | undefined {
  if (status !== 'approved' || !waits) return undefined;
  return `Approved; it goes at ${waits.until}. ${waits.why} It is looked at again before it goes; reject_action takes the yes back until then.`;
}
