import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, Wait } from '../../domain/runs/run.ts';

/**
 * The minutes before each further try of an action that its receiver put off, about 8 hours in all: most servers that
 * greylist let a message in after 5 to 15 minutes (RFC 6647, section 2), and a busy one is left alone longer and longer.
 */
const PAUSES_MIN = [5, 15, 30, 60, 120, 240] as const;
/** After so many minutes an action is looked at again that could not begin. */
const LOOK_AGAIN_MIN = 5;

/** Whether an approved action that isn't to be attempted before one time is left alone at another, both ISO 8601. */
export function isTooEarly(notBefore: string | undefined, at: string): boolean {
  return notBefore !== undefined && notBefore > at;
}

/** An attempt's error as it is kept. */
export type AttemptError = NonNullable<Action['error']>;
/** How an action stands after an attempt, or before one that has to wait: a part of the change that says so. */
export type AfterAttempt = Pick<ActionChange, 'to' | 'set'> & { unset: (keyof Action)[] };

function minutesAfter(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString();
}

/** A time, or that at which the yes expires, whichever comes first. */
function orExpiry(time: string, { expires_at }: Pick<Action, 'expires_at'>): string {
  return expires_at !== undefined && expires_at < time ? expires_at : time;
}

/** When an action that was put off at `at` is tried again; undefined after its last try. */
function nextTry(action: Pick<Action, 'tries' | 'expires_at'>, at: string): string | undefined {
  const minutes = PAUSES_MIN[action.tries ?? 0];
  return minutes === undefined ? undefined : orExpiry(minutesAfter(at, minutes), action);
}

/**
 * An approved action that can't begin yet, for a reason that isn't its receiver's: it keeps the yes, and is looked at
 * again after minutes, as often as it takes until the yes expires. No process holds it meanwhile.
 */
export function waiting(action: Pick<Action, 'expires_at'>, why: string, at: string): AfterAttempt {
  return waitFor(action, { until: minutesAfter(at, LOOK_AGAIN_MIN), why });
}

/**
 * An action whose receiver asked to come back keeps the yes that it has, and waits for its next try, at the latest until
 * the yes expires: the look before that try then sends it back to review. No process holds it meanwhile, so any makes
 * that try that has what it takes. After the last try it has failed; so has one that another process took for dead,
 * because a person was shown it as unknown.
 */
export function putOff(
  action: Pick<Action, 'status' | 'tries' | 'expires_at'>,
  error: AttemptError,
  at: string,
): AfterAttempt {
  const { status, tries = 0 } = action;
  const until = status === 'executing' ? nextTry(action, at) : undefined;
  if (until !== undefined) {
    const set = { tries: tries + 1, waits: { until, why: error.message } };
    return { to: 'approved', set, unset: ['holder', 'error'] };
  }
  const message = tries === 0 ? error.message : `${error.message} It was tried again after minutes, ${tries} times.`;
  return { to: 'failed', set: { error: { ...error, message } }, unset: ['holder'] };
}

/**
 * An approved action whose sender's time hasn't come waits for it, at the latest until its yes expires. As with one that
 * its receiver put off, no process holds it meanwhile, and everything is looked at again before it goes.
 */
export function waitFor(action: Pick<Action, 'expires_at'>, { until, why }: Wait): AfterAttempt {
  return { to: 'approved', set: { waits: { until: orExpiry(until, action), why } }, unset: ['holder', 'error'] };
}
