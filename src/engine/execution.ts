import { type Attempt, EffectFailed } from '../actions/action.ts';
import { findActionType } from '../actions/index.ts';
import type { Agent } from '../domain/agent.ts';
import type { Contact } from '../domain/contact.ts';
import { AppError } from '../domain/errors.ts';
import type { ActionChange, Event } from '../domain/events.ts';
import type { Action, ActionRef, ActionResult, ContactResult } from '../domain/run.ts';
import { refKey, type View } from '../domain/state.ts';
import { actionDigest, objection, sceneOf } from './gate.ts';
import type { House } from './house.ts';

const BY = 'countersign';
const AT_ONCE = 4;

/** What is really done: what was proposed, or what a person made of it. */
export function effectiveParams(action: Action): Record<string, unknown> {
  return action.edited_params ?? action.params;
}

/** The same for every attempt at an action, so that a receiver can tell a repeat. */
export function idempotencyKey(ref: ActionRef): string {
  return refKey(ref);
}

export function findAction(view: View, ref: ActionRef): Action | undefined {
  return view
    .run(ref.run_id)
    .results.get(ref.contact_id)
    ?.proposed_actions.find((action) => action.action_index === ref.action_index);
}

/** Contacts as earlier effects of the same commit leave them. */
export type Changes = Map<string, Contact>;

/**
 * The effect of an action on Countersign's own state, to be written in the commit that decides it: it happens exactly
 * once, or not at all. Undefined for actions that act on the world.
 */
export function applyNow(
  view: View,
  agent: Agent,
  ref: ActionRef,
  action: Action,
  at: string,
  changes: Changes,
): { events: Event[]; set: Partial<Action> } | { objection: string } | undefined {
  const known = findActionType(action.type);
  if (!known || !('apply' in known)) return undefined;
  const scene = sceneOf(view, agent, ref.contact_id);
  if (!scene) return { objection: 'the contact was deleted' };
  const params = effectiveParams(action);
  const current = { ...scene, contact: changes.get(ref.contact_id) ?? scene.contact };
  const against = objection(view, current, { type: action.type, params }, new Date(at), ref);
  if (against) return { objection: against };
  const { events, result } = known.apply({ ...current, ref, params, idempotency_key: idempotencyKey(ref) }, at);
  for (const event of events) {
    if (event.type === 'contacts_saved') for (const contact of event.contacts) changes.set(contact.id, contact);
  }
  return { events, set: { attempted_at: at, executed_at: at, result } };
}

/** Effects on our own state of what the agent's policy approved, for the commit that records the results. */
export function applyApproved(
  view: View,
  agent: Agent,
  runId: string,
  results: readonly ContactResult[],
  at: string,
): Event[] {
  const effects: Event[] = [];
  const changes: ActionChange[] = [];
  const contacts: Changes = new Map();
  for (const result of results) {
    for (const action of result.proposed_actions) {
      if (action.status !== 'approved') continue;
      const ref = { run_id: runId, contact_id: result.contact_id, action_index: action.action_index };
      const applied = applyNow(view, agent, ref, action, at, contacts);
      if (!applied || 'objection' in applied) continue;
      effects.push(...applied.events);
      changes.push({
        ...ref,
        agent_id: agent.id,
        from: 'approved',
        to: 'executed',
        auto_approved: true,
        at,
        set: applied.set,
      });
    }
  }
  return changes.length > 0 ? [...effects, { type: 'actions_changed', changes }] : [];
}

/** What stands against executing an approved action now; undefined when it may go ahead. */
function standsAgainst(view: View, agent: Agent, ref: ActionRef, action: Action, now: Date): string | undefined {
  const scene = sceneOf(view, agent, ref.contact_id);
  if (!scene) return 'the contact was deleted';
  if (agent.identity_id !== undefined && !scene.identity) return `the identity ${agent.identity_id} is gone`;
  const params = effectiveParams(action);
  if (actionDigest(action.type, params, scene) !== action.digest) {
    return 'its recipient, URL or sender changed after the decision';
  }
  return objection(view, scene, { type: action.type, params }, now, ref);
}

/** Writes `executing` before anything happens, or sends the action back to a person; undefined where there is nothing to do. */
function claim(house: House, ref: ActionRef): Promise<Attempt | undefined> {
  const { store, deps } = house;
  return store.commit(BY, (view) => {
    const run = view.runs().get(ref.run_id);
    const agent = run && view.agents().get(run.agent_id);
    const action = findAction(view, ref);
    if (!run || !agent || action?.status !== 'approved') return { events: [], value: undefined };
    const now = deps.now();
    const at = now.toISOString();
    const base = { ...ref, agent_id: agent.id, from: action.status, auto_approved: action.auto_approved === true, at };
    const against = standsAgainst(view, agent, ref, action, now);
    const scene = sceneOf(view, agent, ref.contact_id);
    if (against !== undefined || !scene) {
      const back: ActionChange = {
        ...base,
        to: 'pending_approval',
        set: { reason: `Back to review: ${against}.` },
        unset: ['auto_approved', 'decided_at', 'decided_by', 'decided_via'],
      };
      if (scene) back.set.digest = actionDigest(action.type, effectiveParams(action), scene);
      return { events: [{ type: 'actions_changed', changes: [back] }], value: undefined };
    }
    const change: ActionChange = {
      ...base,
      to: 'executing',
      set: { attempted_at: at, holder: store.holder },
      unset: ['error'],
    };
    const attempt: Attempt = {
      ...scene,
      ref,
      params: effectiveParams(action),
      idempotency_key: idempotencyKey(ref),
      home: store.home,
      deps,
    };
    return { events: [{ type: 'actions_changed', changes: [change] }], value: attempt };
  });
}

type Outcome =
  | { status: 'executed'; result: ActionResult }
  | { status: 'failed' | 'unknown'; error: { code: string; message: string } };

async function perform(house: House, attempt: Attempt, type: string): Promise<Outcome> {
  const known = findActionType(type);
  if (!known || !('perform' in known))
    return { status: 'failed', error: { code: 'INTERNAL', message: `no code performs "${type}"` } };
  try {
    return { status: 'executed', result: await known.perform(attempt) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof EffectFailed || error instanceof AppError)
      return { status: 'failed', error: { code: error.code, message } };
    house.deps.log.error({ error: message, ...attempt.ref }, 'an attempt ended without a known outcome');
    return { status: 'unknown', error: { code: 'INTERNAL', message } };
  }
}

function settle(house: House, ref: ActionRef, outcome: Outcome): Promise<void> {
  return house.store.commit(BY, (view) => {
    const action = findAction(view, ref);
    const run = view.runs().get(ref.run_id);
    // Whoever took this process for dead may have written `unknown` meanwhile; the true outcome still counts.
    const isOurs =
      action?.holder === house.store.holder && (action.status === 'executing' || action.status === 'unknown');
    if (!action || !run || !isOurs || action.status === outcome.status) return { events: [], value: undefined };
    const at = house.deps.now().toISOString();
    const set: Partial<Action> =
      outcome.status === 'executed' ? { executed_at: at, result: outcome.result } : { error: outcome.error };
    const change: ActionChange = {
      ...ref,
      agent_id: run.agent_id,
      from: action.status,
      to: outcome.status,
      auto_approved: action.auto_approved === true,
      at,
      set,
      unset: ['holder'],
    };
    return { events: [{ type: 'actions_changed', changes: [change] }], value: undefined };
  });
}

/** The one way out: claims an approved action, acts, writes what came of it. */
async function attempt(house: House, ref: ActionRef): Promise<void> {
  house.store.renew();
  const claimed = await claim(house, ref);
  if (!claimed) return;
  const beat = setInterval(() => house.store.renew(), 4_000);
  beat.unref();
  try {
    const type = await house.store.read((view) => findAction(view, ref)?.type ?? '');
    await settle(house, ref, await perform(house, claimed, type));
  } finally {
    clearInterval(beat);
  }
}

/** Executes an approved action in the background, once in this process. Never throws; the store tells what came of it. */
export function startAttempt(house: House, ref: ActionRef): Promise<void> {
  const key = refKey(ref);
  const running = house.attempts.get(key);
  if (running) return running;
  const started = attempt(house, ref)
    .catch((error: unknown) => house.deps.log.error({ error: String(error), ...ref }, 'an attempt stopped'))
    .finally(() => house.attempts.delete(key));
  house.attempts.set(key, started);
  return started;
}

/** Executes, a few at once, what is approved and waits: of one run, or of all. */
export function startAttempts(house: House, runId?: string): void {
  const work = async () => {
    const refs = await house.store.read((view) =>
      [...view.desk().open.values()].filter(
        (item) => item.status === 'approved' && (runId === undefined || item.run_id === runId),
      ),
    );
    for (let at = 0; at < refs.length; at += AT_ONCE) {
      await Promise.all(
        refs
          .slice(at, at + AT_ONCE)
          .map(({ run_id, contact_id, action_index }) => startAttempt(house, { run_id, contact_id, action_index })),
      );
    }
  };
  work().catch((error: unknown) =>
    house.deps.log.error({ error: String(error) }, 'approved actions could not be started'),
  );
}
