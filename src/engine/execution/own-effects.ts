import { type ActionScene, ownEffectAlone } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef, ContactResult } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import { type AddressedAction, attemptKey, effectiveParams } from '../base/actions.ts';
import { sceneOf } from '../base/scene.ts';
import { type Comparer, comparerOf } from '../gate/comparer.ts';
import { freshnessOf } from '../gate/freshness.ts';
import { lateObjection } from '../gate/late-objection.ts';

/** Contacts as earlier effects of the same commit leave them, by id. */
export type ChangedContacts = Map<string, Contact>;

/** What an effect on our own state changes: its events, and the fields of the action that tell of it. */
export type OwnEffects = { events: Event[]; set: Partial<Action> };

/** An attempt in a scene. It is the scene itself, with more in it: a copy would read the contact's events. */
function attemptOf(scene: ActionScene, ref: ActionRef, params: Record<string, unknown>) {
  return Object.assign(scene, { ref, params, idempotency_key: attemptKey(ref) });
}

/**
 * The events of an action whose whole effect is on Countersign's own state. They are part of the commit that approves
 * the action, so that the effect happens once or not at all. `objection` says why it may not happen. Undefined for an
 * action that acts on the world.
 */
export function applyNow(
  view: View,
  { ref, agent, action }: AddressedAction,
  at: string,
  changed: ChangedContacts,
): OwnEffects | { objection: string } | undefined {
  const known = findActionType(action.type);
  if (!known || !('apply' in known)) return undefined;
  const scene = sceneOf(view, agent, ref.contact_id);
  if (!scene) return { objection: 'the contact was deleted' };
  const effect = ownEffectAlone(known, scene);
  if (!effect) return undefined;
  const params = effectiveParams(action);
  scene.contact = changed.get(ref.contact_id) ?? scene.contact;
  const { type, pinned_tool: tool } = action;
  const against = lateObjection(view, scene, { ref, type, params, tool }, new Date(at));
  if (against) return { objection: against };
  const { events, result } = effect.apply(attemptOf(scene, ref, params), at);
  for (const event of events) {
    if (event.type === 'contacts_saved') for (const contact of event.contacts) changed.set(contact.id, contact);
  }
  return { events, set: { attempted_at: at, executed_at: at, result } };
}

/**
 * The events by which an action that acted on the world also changes Countersign's own state. They are part of the
 * commit that records its success. Undefined where there are none, and where the contact was deleted.
 */
export function applyAfter(
  view: View,
  { ref, agent, action }: AddressedAction,
  at: string,
): { events: Event[]; note: string } | undefined {
  const known = findActionType(action.type);
  const scene = sceneOf(view, agent, ref.contact_id);
  if (!known || !('apply' in known) || !scene) return undefined;
  const params = effectiveParams(action);
  const { events, result } = known.apply(attemptOf(scene, ref, params), at);
  return { events, note: result.note };
}

/**
 * Whether something moved between an evaluation and its record. A policy's yes is for what the evaluation saw: the last
 * look then sends the action to a person.
 */
function hasMoved(
  view: View,
  comparer: Comparer,
  result: ContactResult,
  found: Omit<AddressedAction, 'agent'>,
): boolean {
  const { seen } = result;
  if (seen === undefined) return false;
  const action = { ...found.action, seen };
  return freshnessOf(view, { ref: found.ref, action }, comparer).changed_since.length > 0;
}

type ResultsRecorded = Extract<Event, { type: 'results_recorded' }>;

/**
 * The own-state effects of actions that the agent's policy approved, for the commit that records the results. None while
 * the brake is on: the actions then wait as all approved ones do.
 */
export function applyApproved(view: View, agent: Agent, { run_id, results, at }: ResultsRecorded): Event[] {
  if (view.brake().on) return [];
  const effects: Event[] = [];
  const changes: ActionChange[] = [];
  const contacts: ChangedContacts = new Map();
  const comparer = comparerOf(view);
  for (const result of results) {
    for (const action of result.proposed_actions) {
      if (action.status !== 'approved') continue;
      const ref = { run_id, contact_id: result.contact_id, action_index: action.action_index };
      if (hasMoved(view, comparer, result, { ref, action })) continue;
      const applied = applyNow(view, { ref, agent, action }, at, contacts);
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
        unset: ['holder'],
      });
    }
  }
  return changes.length > 0 ? [...effects, { type: 'actions_changed', changes }] : [];
}
