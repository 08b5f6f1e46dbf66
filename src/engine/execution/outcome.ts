import { AddressRefused, EffectFailed, EffectLater, EffectUnknown } from '../../actions/action.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Action, ActionRef, ActionResult } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { markBounced } from './bounced.ts';
import { type AfterAttempt, type AttemptError, putOff } from './later-try.ts';
import { applyAfter, type OwnEffects } from './own-effects.ts';

const WRITE_TRIES = 10;
const WRITE_PAUSE_MS = 1_000;

/** What came of an attempt. `later`: nothing happened, and the receiver asks to come back. */
export type AttemptOutcome =
  | { status: 'executed'; result: ActionResult }
  | { status: 'failed'; error: AttemptError; refused?: Pick<AddressRefused, 'address' | 'words'> }
  | { status: 'unknown' | 'later'; error: AttemptError };

/** What an effect that threw came to; undefined where nobody can tell from the error. */
export function outcomeOfError(error: unknown): AttemptOutcome | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AddressRefused) {
    const { code, address, words } = error;
    return { status: 'failed', error: { code, message }, refused: { address, words } };
  }
  if (error instanceof EffectFailed || error instanceof AppError)
    return { status: 'failed', error: { code: error.code, message } };
  if (error instanceof EffectUnknown) return { status: 'unknown', error: { code: error.code, message } };
  if (error instanceof EffectLater) return { status: 'later', error: { code: error.code, message } };
  return undefined;
}

function done(result: ActionResult, own: Pick<OwnEffects, 'events'> & { note?: string }, at: string): AfterAttempt {
  const noted = own.note === undefined ? result : { ...result, note: `${result.note}; ${own.note}` };
  return { to: 'executed', set: { executed_at: at, result: noted }, unset: ['holder', 'error'] };
}

function afterAttempt(
  outcome: AttemptOutcome,
  action: Action,
  own: Parameters<typeof done>[1],
  at: string,
): AfterAttempt {
  if (outcome.status === 'executed') return done(outcome.result, own, at);
  if (outcome.status === 'later') return putOff(action, outcome.error, at);
  return { to: outcome.status, set: { error: outcome.error }, unset: ['holder'] };
}

/** What an attempt changes of our own state, in the commit that records its outcome. */
function ownChanges(
  view: View,
  { outcome, ref, action }: { outcome: AttemptOutcome; ref: ActionRef; action: Action },
  at: string,
): { events: Event[]; note?: string } {
  const agent = currentAgent(view, view.run(ref.run_id)?.agent_id ?? '');
  if (outcome.status === 'executed' && agent) return applyAfter(view, { ref, agent, action }, at) ?? { events: [] };
  if (outcome.status !== 'failed' || !outcome.refused) return { events: [] };
  const by = agent?.identity_id ?? ref.run_id;
  return { events: markBounced(view, outcome.refused, { by, at }) };
}

function writeOutcome(house: House, ref: ActionRef, outcome: AttemptOutcome): Promise<void> {
  return house.commit(PRODUCT, (view, { at, holder }) => {
    const action = findAction(view, ref);
    const run = view.run(ref.run_id);
    // Another process may have taken this one for dead, and written `unknown`: the true outcome still counts.
    const isOurs = action?.holder === holder && (action.status === 'executing' || action.status === 'unknown');
    if (!action || !run || !isOurs || action.status === outcome.status) return { events: [], value: undefined };
    const own = ownChanges(view, { outcome, ref, action }, at);
    const change = {
      ...ref,
      agent_id: run.agent_id,
      from: action.status,
      auto_approved: action.auto_approved === true,
      at,
      ...afterAttempt(outcome, action, own, at),
    };
    return { events: [...own.events, { type: 'actions_changed', changes: [change] }], value: undefined };
  });
}

/** Writes the outcome of an attempt. The attempt has happened, so a write that fails is tried again for a while. */
export async function writeOutcomeSurely(house: House, ref: ActionRef, outcome: AttemptOutcome): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await writeOutcome(house, ref, outcome);
    } catch (error) {
      if (tries === WRITE_TRIES || house.ending) throw error;
      await new Promise((resolve) => setTimeout(resolve, WRITE_PAUSE_MS));
    }
  }
}
