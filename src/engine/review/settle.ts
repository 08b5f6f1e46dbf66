import { type Author, nameOf } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { isInOutbox } from '../../domain/runs/transitions.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import type { ActionAsShown } from '../base/shown/action.ts';
import { applyAfter } from '../execution/own-effects.ts';
import { demandDecision, type ProofLevel, REPEATED } from '../gate/proof.ts';
import { type Proven, provenEvents } from '../passkeys/sign.ts';
import { approval, executor, outcome } from './approve.ts';
import { demandRetryOf, demandSettleable, type Settlement } from './demand.ts';
import { attemptNow, type LocatedAction, locate } from './locate.ts';

/** How what a person says of an attempt begins: "sent", or "not sent", follows. */
export const PERSON_SAYS = 'A person says it was';

export type SettleArgs = ActionRef &
  Proven<ProofLevel> & {
    outcome: Settlement;
    note?: string | undefined;
    /** The digest of the action as the person was shown it: a retry needs it. */
    expected_digest?: string | undefined;
    /** No form can show the action whole. */
    isTooLong?: boolean;
    /** Leaves the new attempt to another process where this one lacks what it takes. */
    handsOver?: boolean;
  };

/** Who settles an attempt, over which state, and when. */
type Settling = { by: Author; view: View; moment: Moment };

/** Refuses a retry that lacks the needed proof (FORBIDDEN), or that doesn't name the action as it is now. */
function demandRetry(view: View, moment: Moment, found: LocatedAction, args: SettleArgs): void {
  const { via = 'client', expected_digest } = args;
  demandRetryOf(view, found, expected_digest);
  demandDecision(view, moment, found, { ...REPEATED, given: via, isTooLong: args.isTooLong });
}

/** The attempt as the person was shown it, where they signed what they say of it. */
function shownAttempt(view: View, found: LocatedAction, via: ProofLevel | undefined): Pick<ActionChange, 'attempt'> {
  return via === 'signed' ? { attempt: attemptNow(view, found) } : {};
}

/** The events of a retry, which is an approval. */
function retried({ by, view, moment }: Settling, found: LocatedAction, args: SettleArgs): Event[] {
  demandRetry(view, moment, found, args);
  const { note, via = 'client' } = args;
  const given = { by, at: moment.at, holder: executor(view, moment, found, args.handsOver), note, via };
  const { effects, change } = approval(view, found, given, new Map());
  return [...effects, { type: 'actions_changed', changes: [{ ...change, ...shownAttempt(view, found, via) }] }];
}

/** What a person's word that something was sent sets. Of a message in the outbox its file stays known. */
function sentByPerson({ result, status, attempted_at }: Action, note: string, at: string): Partial<Action> {
  if (result && isInOutbox({ status, result })) return { executed_at: at, result: { ...result, note } };
  return { executed_at: attempted_at ?? at, result: { channel: 'settled', note } };
}

/** The events of a person's word that an attempt was sent, or wasn't. A sent one has its effect on own state. */
function settled({ by, view, moment }: Settling, found: LocatedAction, args: SettleArgs): Event[] {
  const { ref, action, agent } = found;
  const { at } = moment;
  demandSettleable(found, args.outcome, args.via);
  const said = args.note ?? `settled by ${nameOf(by)}`;
  const isSent = args.outcome === 'sent';
  const own = isSent && action.status === 'unknown' ? applyAfter(view, found, at) : undefined;
  // A plain call may be the assistant's own: only a proof shows that a person said so.
  const who = args.via === undefined || args.via === 'client' ? 'It was settled as' : PERSON_SAYS;
  const note = `${who} sent: ${said}${own ? `; ${own.note}` : ''}`;
  const set: Partial<Action> = isSent
    ? sentByPerson(action, note, at)
    : { error: { code: 'NOT_SENT', message: `${who} not sent: ${said}` } };
  const change: ActionChange = {
    ...ref,
    agent_id: agent.id,
    from: action.status,
    to: isSent ? 'executed' : 'failed',
    auto_approved: action.auto_approved === true,
    ...(args.via ? { via: args.via } : {}),
    ...shownAttempt(view, found, args.via),
    at,
    set,
    unset: isSent ? ['holder', 'error'] : ['holder'],
  };
  return [...(own?.events ?? []), { type: 'actions_changed', changes: [change] }];
}

/** Records what a person says of an unknown attempt, or retries a failed or unknown one with its idempotency key. */
export async function settleAction(house: House, by: Author, args: SettleArgs): Promise<ActionAsShown> {
  await house.store.renew();
  const settling = await house.commit(by, (view, moment) => {
    const found = locate(view, args);
    const eventsOf = args.outcome === 'retry' ? retried : settled;
    const isOurs = executor(view, moment, found, args.handsOver) !== undefined;
    const events = eventsOf({ by, view, moment }, found, args);
    return {
      events: provenEvents(view, by, events, { ...args, at: moment.at }),
      value: { ref: found.ref, isOurs },
    };
  });
  return outcome(house, settling, args.outcome === 'retry' ? 10 : 0);
}
