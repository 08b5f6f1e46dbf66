import { addUsage } from '../base/usage.ts';
import type { Action, ActionRef, ContactResult, Revision } from './run.ts';

/** How often the actions for one contact of one run may be sent back. */
export const MOST_REVISIONS = 5;

/** How many actions of a result were sent back to whoever proposed them. */
export function revisionsAsked({ proposed_actions }: ContactResult): number {
  return proposed_actions.filter((action) => action.revised).length;
}

/** What became of an action that was sent back; undefined while nothing has, or where it wasn't. */
export function revisionOf({ revisions = [] }: ContactResult, actionIndex: number): Revision | undefined {
  return revisions.find((revision) => revision.action_index === actionIndex);
}

/** The place of a contact's next action in its result. */
export function nextIndex({ proposed_actions }: ContactResult): number {
  return Math.max(-1, ...proposed_actions.map((action) => action.action_index)) + 1;
}

/** The reasoning that an action comes from: its revision's own, or, for a draft that only came back, the one before. */
export function reasoningFor(result: ContactResult, { revises }: Action): string {
  if (revises === undefined) return result.reasoning;
  const own = revisionOf(result, revises);
  if (own && !own.error) return own.reasoning;
  const before = result.proposed_actions.find((action) => action.action_index === revises);
  return before ? reasoningFor(result, before) : result.reasoning;
}

/**
 * A contact's result with what came of one action that was sent back: `after` has only the new actions. Every earlier
 * action stays where it is, and the one sent back names the first that stands in its place.
 */
export function withRevision(
  before: ContactResult,
  after: ContactResult,
  { action_index, at }: { action_index: number; at: string },
): ContactResult {
  const { contact_id: _contact, proposed_actions: made, blocked_actions, as_of, seen, ...revision } = after;
  const sight = { ...(as_of === undefined ? {} : { as_of }), ...(seen === undefined ? {} : { seen }) };
  const proposed_actions = made.map((action): Action => ({ ...action, ...sight }));
  const [first] = proposed_actions;
  const earlier = before.proposed_actions.map((action) =>
    first && action.action_index === action_index ? { ...action, superseded_by: first.action_index } : action,
  );
  const usage = after.usage ? addUsage(before.usage, after.usage) : before.usage;
  return {
    ...before,
    proposed_actions: [...earlier, ...proposed_actions],
    blocked_actions: [...before.blocked_actions, ...blocked_actions],
    revisions: [...(before.revisions ?? []), { action_index, at, ...revision }],
    ...(usage ? { usage } : {}),
  };
}

/** An action's address, out of the text that `refKey` made of it. */
export function addressIn(key: string): ActionRef {
  const [run_id = '', index = '', ...contact] = key.split('/');
  return { run_id, contact_id: contact.join('/'), action_index: Number(index) };
}
