import { conflict, unlawful } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Event } from '../../domain/state/events.ts';
import type { Brake } from '../../domain/state/fold-brake.ts';
import type { View } from '../../domain/state/view.ts';
import { onOneLine } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';

/** The tool that switches the brake, and what a person types in a terminal of their own to switch it off. */
export const BRAKE_TOOL = 'set_brake';
export const RESUME_COMMAND = '`countersign resume`';

/** Since when the brake is on, who put it on, and why, in words that go on from "The brake is on". */
function circumstances({ since, by, reason }: Brake): string {
  const why = reason === undefined ? '' : `: ${JSON.stringify(onOneLine(reason))}`;
  return since === undefined ? why : ` since ${since}, put on by ${by ?? 'somebody'}${why}`;
}

/** That the brake is on and what it means, in one sentence for a notice, a screen or the doctor. */
export function brakeSentence(brake: Brake): string {
  return `The brake is on${circumstances(brake)}. Nothing is evaluated, fired or executed until a person takes it off`;
}

/**
 * Refuses what may not begin while the brake is on: CONFLICT. `what` says so from the start of a sentence, such as "No
 * agent is triggered".
 */
export function demandReleased(view: View, what: string): void {
  const brake = view.brake();
  if (!brake.on) return;
  const { on, reason, since, by } = brake;
  throw conflict(
    `${what} while the brake is on: it is on${circumstances(brake)}. Nothing was changed. Reading, rejecting and authoring go on, and an approval waits. Only the person takes the brake off: by ${BRAKE_TOOL} {"on": false}, which asks them in a form, or by ${RESUME_COMMAND} in a terminal of their own.`,
    { brake: { on, reason, since, by } },
  );
}

/**
 * Whether the brake is on at this moment, also for a call that has looked before: for what goes out without a commit of its own, which would
 * decide on the newest state.
 */
export const isBrakedNow = (house: Pick<House, 'read' | 'store'>): Promise<boolean> =>
  house.store.oneCall(() => house.read((view) => view.brake().on));

/** Throws AppError CONFLICT while the brake is on at this moment, as `demandReleased` does. */
export const demandReleasedNow = (house: Pick<House, 'read' | 'store'>, what: string): Promise<void> =>
  house.store.oneCall(() => house.read((view) => demandReleased(view, what)));

/** Whether a change begins an attempt, or is itself an effect on own state. What an attempt came to is neither. */
function executes({ from, to, set }: ActionChange): boolean {
  if (to === 'executing') return true;
  if (to !== 'executed') return false;
  return from === 'approved' || from === 'pending_approval' || set.decided_at !== undefined;
}

/** What an event begins that may not begin while the brake is on; undefined where it begins nothing. */
function begins(view: View, event: Event): string | undefined {
  switch (event.type) {
    case 'run_created':
      // What a chat proposes is a run of its own. The chat began before the brake, and its proposals wait.
      return event.run.trigger === 'chat' ? undefined : `run ${event.run.id}`;
    case 'run_started':
      // A chat's run is made, started and ended in one commit: it isn't there yet.
      return view.run(event.run_id) && `run ${event.run_id}`;
    case 'targets_taken':
      return event.leaves && event.targets.length === 0 ? undefined : `an evaluation of run ${event.run_id}`;
    case 'evaluation_leased':
      return `an evaluation of run ${event.run_id}`;
    case 'actions_changed': {
      const change = event.changes.find(executes);
      return change && `an execution of action ${change.action_index} of run ${change.run_id}`;
    }
    default:
      return undefined;
  }
}

/**
 * The lock's part about the brake: no commit may begin a run, an evaluation or an execution while the brake is on, and
 * none may take it off without a person's proof. INTERNAL, because whoever makes such a commit should have looked before.
 */
export function demandBrakeObeyed(view: View, events: readonly Event[]): void {
  const isOn = view.brake().on;
  for (const event of events) {
    const begun = isOn ? begins(view, event) : undefined;
    const isLifted = event.type === 'brake_set' && !event.on && (event.via === 'client' || event.via === 'policy');
    if (begun === undefined && !isLifted) continue;
    throw unlawful(
      begun === undefined ? 'the brake was to go off without a proof' : `the brake is on, and ${begun} was to begin`,
    );
  }
}
