import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import { dayOf, nextSlot, type SendPace, slotInWords } from '../../domain/mail/pace.ts';
import type { Action, ActionRef, Wait } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';

/** An approved action at its attempt: its address, itself, and its sender's pace. */
type Paced = { ref: ActionRef; action: Action; identity_id: string; pace: SendPace };

/** The pace by which an action goes in a scene, and whose it is; undefined where it goes whenever it is approved. */
function paceIn(type: string, scene: ActionScene): Pick<Paced, 'identity_id' | 'pace'> | undefined {
  const pace = findActionType(type)?.pace?.(scene);
  return pace && scene.identity && { identity_id: scene.identity.id, pace };
}

/**
 * Whether an approved action will go soon, so that one that was approved after it lets it go first: it waits for its turn,
 * or a process that lives is about to attempt it. One whose time is long up is left alone by every process there is.
 */
function isInLine(view: View, { waits, tries, holder }: Action, now: Date, gapMs: number): boolean {
  if (!waits) return holder !== undefined && view.isAlive(holder);
  const until = Date.parse(waits.until);
  // What a receiver put off comes back at its own time, in no line.
  return tries === undefined || until <= now.getTime() ? until > now.getTime() - gapMs : false;
}

/** How many actions of the same sender were approved before this one, and go first. */
function goingFirst(view: View, { ref, action, identity_id, pace }: Paced, now: Date): number {
  const agents = new Set(view.agentsOf(identity_id).map(({ id }) => id));
  const own = refKey(ref);
  const line = view
    .open({ statuses: ['approved'] })
    .filter(({ agent_id, type }) => agents.has(agent_id) && findActionType(type)?.pace !== undefined);
  const place = line.findIndex((item) => refKey(item) === own);
  const since = action.decided_at ?? '';
  return line.filter((item, index) => {
    const other = index === place ? undefined : findAction(view, item);
    if (!other || !isInLine(view, other, now, pace.gap_seconds * 1_000)) return false;
    const decided = other.decided_at ?? '';
    return decided === since ? index < place : decided < since;
  }).length;
}

/** What an attempt at a paced action begins with: the wait for its time, or the claim of this moment for its sender. */
export type SenderTurn = { wait: Wait } | { claim: Event };

/**
 * Whether it is an approved action's turn. One sender's pace is one among all processes: it is decided in the commit that
 * begins the attempt, by what the sender has begun and what was approved before. Undefined for what has no pace.
 */
export function senderTurn(
  view: View,
  scene: ActionScene,
  { ref, action }: Pick<Paced, 'ref' | 'action'>,
  { now, at }: Pick<Moment, 'now' | 'at'>,
): SenderTurn | undefined {
  const found = paceIn(action.type, scene);
  if (!found) return undefined;
  const { identity_id, pace } = found;
  const others = goingFirst(view, { ref, action, ...found }, now);
  const slot = nextSlot(pace, { sent: view.sent(identity_id), others, now });
  const why = slotInWords(pace, slot, now);
  if (why !== undefined) return { wait: { until: slot.at.toISOString(), why } };
  return { claim: { type: 'send_claimed', identity_id, at, day: dayOf(pace, now) } };
}

/**
 * For how long an action would wait for its sender's hours, or for another day, if it were approved now; undefined where
 * it wouldn't. The pause between two emails is left out: it moves while a person reads.
 */
export function wouldWait(view: View, scene: ActionScene, type: string, now: Date): Wait | undefined {
  const found = paceIn(type, scene);
  if (!found) return undefined;
  const slot = nextSlot(found.pace, { sent: view.sent(found.identity_id), others: 0, now });
  const why = slot.why === 'gap' ? undefined : slotInWords(found.pace, slot, now);
  return why === undefined ? undefined : { until: slot.at.toISOString(), why };
}
