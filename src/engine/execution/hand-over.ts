import { findActionType } from '../../actions/index.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { type AddressedAction, findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';

/**
 * What this process lacks for an action, such as the variable that holds the mail server's URL; undefined where it lacks
 * nothing. A terminal seldom has what a client set for its server.
 */
export function lackHere(view: View, { ref, agent, action }: AddressedAction, env: Moment['env']): string | undefined {
  const scene = sceneOf(view, agent, ref.contact_id);
  return scene && findActionType(action.type)?.lack?.(scene, env);
}

/** Whether an approved action that nobody holds waits for a process that has what this one lacks. */
export function isForAnother(view: View, item: OpenAction, { at, env }: Pick<Moment, 'at' | 'env'>): boolean {
  if (item.holder !== undefined || (item.expires_at !== undefined && item.expires_at <= at)) return false;
  const agent = currentAgent(view, item.agent_id);
  const action = findAction(view, item);
  return agent !== undefined && action !== undefined && lackHere(view, { ref: item, agent, action }, env) !== undefined;
}
