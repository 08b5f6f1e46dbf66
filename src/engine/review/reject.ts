import { type Author, nameOf } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { House } from '../base/house.ts';
import type { ActionAsShown } from '../base/shown/action.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { type Proven, provenEvents } from '../passkeys/sign.ts';
import { demandRejectable } from './demand.ts';
import { expireDue } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';
import { shownDecidable } from './row.ts';

/**
 * Rejects one action that waits for a person. An approved one that waits for its time, for the brake or for another
 * process can be taken back too: it is cancelled.
 */
export async function reject(
  house: House,
  by: Author,
  args: ActionRef & Proven<ProofLevel> & { reason?: string | undefined; expected_digest?: string | undefined },
): Promise<ActionAsShown> {
  await expireDue(house);
  const ref = await house.commit(by, (view, { at }) => {
    const found = locate(view, args);
    demandRejectable(view, found, args.expected_digest);
    const change = rejection(found, { by, at, via: args.via ?? 'client' }, args.reason);
    const events: Event[] = [{ type: 'actions_changed', changes: [change] }];
    return { events: provenEvents(view, by, events, { ...args, at }), value: found.ref };
  });
  return house.read((view) => shownDecidable(locate(view, ref)));
}

/** The change of one rejection: an action that was approved already is cancelled. */
export function rejection(
  { ref, agent, action, digest }: LocatedAction,
  { by, at, via }: { by: Author; at: string; via: ProofLevel },
  reason: string | undefined,
): ActionChange {
  const set: Partial<Action> = {
    decided_at: at,
    decided_by: nameOf(by),
    decided_via: via,
    ...(reason ? { reason } : {}),
    // A signature is over the row as the person was shown it, with all that has moved.
    ...(via === 'signed' ? { digest } : {}),
  };
  return {
    ...ref,
    agent_id: agent.id,
    from: action.status,
    to: action.status === 'approved' ? 'cancelled' : 'rejected',
    auto_approved: action.auto_approved === true,
    at,
    set,
    unset: reason ? ['holder'] : ['reason', 'holder'],
  };
}
