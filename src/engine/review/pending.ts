import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import { digest } from '../../domain/base/digest.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { OpenQuery, Page, Rows } from '../../domain/state/queries.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { findAgent, findContact, findRun } from '../base/lookup.ts';
import { type PageOf, shownPage } from '../base/paging.ts';
import { sceneOf } from '../base/scene.ts';
import { type PendingAsShown, shownAction } from '../base/shown/action.ts';
import { briefContact } from '../base/shown/contact.ts';
import { recipientOf } from '../gate/digest.ts';
import { expireBeforeReading } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';

export type PendingFilter = {
  agent_id?: string | undefined;
  run_id?: string | undefined;
  contact_id?: string | undefined;
  type?: string | undefined;
  status?: 'pending_approval' | 'unknown' | undefined;
};

/** The store's query for a filter, which may give an agent's name or a contact's address in place of an id. */
function queryOf(view: View, filter: PendingFilter): OpenQuery {
  const { agent_id, contact_id, run_id, type, status } = filter;
  if (type !== undefined && !findActionType(type)) {
    const types = ACTION_TYPES.map((known) => known.type).join(', ');
    throw invalid(`There is no action type "${type}": valid ones are ${types}.`, { type: 'unknown' });
  }
  return {
    agent_id: agent_id === undefined ? undefined : findAgent(view, agent_id).id,
    contact_id: contact_id === undefined ? undefined : findContact(view, contact_id).id,
    run_id: run_id === undefined ? undefined : findRun(view, run_id).id,
    type,
    statuses: status ? [status] : ['pending_approval', 'unknown'],
  };
}

/** What waits for a person, oldest first: proposals, and attempts whose outcome is unknown. */
export function findWaiting(view: View, filter: PendingFilter, page: Page): Rows<OpenAction> {
  return view.find.open(queryOf(view, filter), page);
}

/** The recipient and the sender of an action, as they are now. */
function route(view: View, found: LocatedAction): { to?: string | undefined; from?: string | undefined } {
  const scene = sceneOf(view, found.agent, found.ref.contact_id);
  if (!scene) return {};
  const known = findActionType(found.action.type);
  const from = known?.outbound && scene.identity ? `${scene.identity.name} <${scene.identity.email}>` : undefined;
  return { to: recipientOf(found.action.type, scene, found.action.pinned_tool), from };
}

function headline(params: Record<string, unknown>): string {
  const { subject, body, message } = params;
  const text = [subject, body, message].find((item) => typeof item === 'string') ?? JSON.stringify(params);
  return String(text).slice(0, 100);
}

export function shownPending(view: View, ref: ActionRef, detail: 'full' | 'brief'): PendingAsShown {
  const found = locate(view, ref);
  const { action, agent, digest } = found;
  const { run_id, contact_id, action_index } = found.ref;
  const address = { run_id, contact_id, action_index, type: action.type };
  if (detail === 'brief')
    return {
      ...address,
      headline: headline(effectiveParams(action)),
      digest,
      ...(action.status === 'unknown' ? { status: action.status } : {}),
    };
  const contact = briefContact(view.contact(contact_id));
  const reasoning = view.results(run_id).results.get(contact_id)?.reasoning ?? '';
  return {
    ...address,
    agent_id: agent.id,
    agent_name: agent.name,
    contact,
    ...route(view, found),
    reasoning,
    ...shownAction(action),
    digest,
  };
}

export type ShownRow = [run_id: string, contact_id: string, action_index: number, digest: string];

export type PendingPage = PageOf<PendingAsShown> & { review_token?: string };

/** What waits for a person, oldest first, and a token that stands for exactly the rows given back. */
export async function listPending(
  house: House,
  filter: PendingFilter,
  detail: 'full' | 'brief',
  page: Page,
): Promise<PendingPage> {
  await expireBeforeReading(house);
  const { shown, rows } = await house.read((view) => {
    const rows: ShownRow[] = [];
    const shown = shownPage(findWaiting(view, filter, page), page, (item) => {
      const row = shownPending(view, item, detail);
      const digest = item.status === 'pending_approval' ? String(row.digest) : '';
      rows.push([item.run_id, item.contact_id, item.action_index, digest]);
      return row;
    });
    return { shown, rows: rows.slice(0, shown.rows.length).filter(([, , , digest]) => digest !== '') };
  });
  return rows.length === 0 ? shown : { ...shown, ...(await tokenFor(house, rows)) };
}

/**
 * A token that stands for rows as they were shown. It is made of the rows: the resource `pending` then equals the
 * result of list_pending_actions.
 */
export async function tokenFor(house: House, rows: readonly ShownRow[]): Promise<{ review_token?: string }> {
  const review_token = `rev_${Buffer.from(digest(rows), 'base64url').toString('hex')}`;
  try {
    await house.store.keep(review_token, JSON.stringify(rows));
    return { review_token };
  } catch (error) {
    // The rows can be read without a token. Where the token can't be written, a decision couldn't be either.
    house.deps.log.warn({ error: String(error) }, 'a review token could not be kept');
    return {};
  }
}
