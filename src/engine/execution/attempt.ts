import type { Attempt } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { type OpenAction, refKey } from '../../domain/state/state.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { attemptKey, effectiveParams, findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { offersNow } from '../gate/tool-offers.ts';
import { backToReview } from './back-to-review.ts';
import { isForAnother } from './hand-over.ts';
import { standsAgainst } from './last-look.ts';
import { isTooEarly, waitFor } from './later-try.ts';
import { type AttemptOutcome, outcomeOfError, writeOutcomeSurely } from './outcome.ts';
import { applyNow, type OwnEffects } from './own-effects.ts';
import { senderTurn } from './sender-pace.ts';
import { waitsForMailbox } from './unread-mail.ts';

const BY = PRODUCT;
const AT_ONCE = 4;
const RENEW_MS = 4_000;

/** The events of an effect on our own state that had to wait, as it does while the brake is on. */
function doneAtOnce(base: Omit<ActionChange, 'to' | 'set'>, { events, set }: OwnEffects): Event[] {
  const change: ActionChange = { ...base, to: 'executed', set, unset: ['holder', 'error'] };
  return [...events, { type: 'actions_changed', changes: [change] }];
}

/** Writes `executing` before an attempt, or sends the action back to review; undefined where no attempt follows. */
function claim(
  house: House,
  ref: ActionRef,
  offers: Offers | undefined,
): Promise<{ attempt: Attempt; type: string } | undefined> {
  return house.commit(BY, (view, moment) => {
    const { at, holder } = moment;
    const run = view.run(ref.run_id);
    const agent = run && currentAgent(view, run.agent_id);
    const action = findAction(view, ref);
    const isDue = action?.status === 'approved' && !isTooEarly(action.waits?.until, at);
    if (view.brake().on || !run || !agent || !isDue) return { events: [], value: undefined };
    const base = { ...ref, agent_id: agent.id, from: action.status, auto_approved: action.auto_approved === true, at };
    const found = sceneOf(view, agent, ref.contact_id);
    const scene = found && { ...found, offers };
    const own = applyNow(view, { ref, agent, action }, at, new Map());
    const against =
      standsAgainst(view, scene, { ref, agent, action }, moment) ??
      (own && 'objection' in own ? own.objection : undefined);
    if (against !== undefined || !scene) {
      const back = backToReview(view, base, { scene, action }, `Back to review: ${against}.`);
      return { events: [{ type: 'actions_changed', changes: [back] }], value: undefined };
    }
    if (own && 'events' in own) return { events: doneAtOnce(base, own), value: undefined };
    const turn = senderTurn(view, scene, { ref, action }, moment);
    if (turn && 'wait' in turn) {
      const change = { ...base, ...waitFor(action, turn.wait) };
      return { events: [{ type: 'actions_changed', changes: [change] }], value: undefined };
    }
    const change: ActionChange = { ...base, to: 'executing', set: { attempted_at: at, holder }, unset: ['error'] };
    const attempt: Attempt = {
      ...scene,
      ref,
      params: effectiveParams(action),
      idempotency_key: attemptKey(ref),
      pinned_tool: action.pinned_tool,
      toolServers: house.toolServers,
      deps: house.deps,
      ended: house.ended,
      secret: house.store.secret,
    };
    const events: Event[] = [{ type: 'actions_changed', changes: [change] }, ...(turn ? [turn.claim] : [])];
    return { events, value: { attempt, type: action.type } };
  });
}

async function perform(house: House, attempt: Attempt, type: string): Promise<AttemptOutcome> {
  const known = findActionType(type);
  if (!known || !('perform' in known))
    return { status: 'failed', error: { code: 'INTERNAL', message: `no code performs "${type}"` } };
  try {
    // A database that is restored to before the claim shows the action as approved again: then somebody has to notice.
    await house.store.remember();
    return { status: 'executed', result: await known.perform(attempt) };
  } catch (error) {
    const known = outcomeOfError(error);
    if (known) return known;
    const message = error instanceof Error ? error.message : String(error);
    house.deps.log.error({ error: message, ...attempt.ref }, 'an attempt ended without a known outcome');
    return { status: 'unknown', error: { code: 'INTERNAL', message } };
  }
}

/** The only way from an approved action to its effect: claims the action, performs it, writes the outcome. */
async function attempt(house: House, ref: ActionRef): Promise<void> {
  if (house.ending) return;
  await house.store.renew();
  const action = await house.read((view) => (view.brake().on ? undefined : findAction(view, ref)));
  if (action?.status !== 'approved') return;
  const offers = await offersNow(house, action);
  if (house.ending || (await waitsForMailbox(house, ref))) return;
  const claimed = await claim(house, ref, offers);
  if (!claimed) return;
  const heartbeat = setInterval(() => void house.store.renew(), RENEW_MS);
  heartbeat.unref();
  try {
    await writeOutcomeSurely(house, ref, await perform(house, claimed.attempt, claimed.type));
  } finally {
    clearInterval(heartbeat);
  }
}

/** Executes an approved action in the background, once at a time. Never rejects: the outcome stands in the store. */
export function startAttempt({ whole: house }: House, ref: ActionRef): Promise<void> {
  const key = refKey(ref);
  const running = house.attempts.get(key);
  if (running) return running;
  const started = attempt(house, ref)
    .catch((error: unknown) => house.deps.log.error({ error: String(error), ...ref }, 'an attempt ended with an error'))
    .finally(() => house.attempts.delete(key));
  house.attempts.set(key, started);
  return started;
}

/**
 * The next approved actions that this process may execute. An action is left to the process that approved it as long as
 * that process lives, because others may lack its keys, MCP servers and allowed hosts. One that nobody holds is left to a
 * process that has what it takes.
 */
function nextApproved(view: View, moment: Moment, tried: ReadonlySet<string>): OpenAction[] {
  if (view.brake().on) return [];
  const isFree = ({ holder }: OpenAction) => holder === undefined || holder === moment.holder || !view.isAlive(holder);
  return view
    .open({ statuses: ['approved'] })
    .filter((item) => !tried.has(refKey(item)) && isFree(item) && !isTooEarly(item.not_before, moment.at))
    .filter((item) => !isForAnother(view, item, moment))
    .slice(0, AT_ONCE);
}

/** Executes approved actions, a few at once, until each of them was tried in this round. */
async function executeApproved(house: House): Promise<void> {
  const tried = new Set<string>();
  while (!house.ending) {
    const next = await house.read((view, moment) => nextApproved(view, moment, tried));
    if (next.length === 0) return;
    for (const item of next) tried.add(refKey(item));
    await Promise.all(
      next.map(({ run_id, contact_id, action_index }) => startAttempt(house, { run_id, contact_id, action_index })),
    );
  }
}

/** Executes approved actions in the background. A round under way also takes what is approved meanwhile. */
export function startAttempts({ whole: house }: House): void {
  if (house.executing || house.ending) return;
  house.executing = executeApproved(house)
    .catch((error: unknown) => house.deps.log.error({ error: String(error) }, 'approved actions could not be started'))
    .finally(() => {
      house.executing = undefined;
    });
}
