import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import type { Author } from '../../domain/base/author.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { ALL, isOpenOf, type OpenQuery, type Page, type Rows } from '../../domain/state/queries.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent, findContact, findRun } from '../base/lookup.ts';
import { PAGE_TOKENS, type PageOf, shownPage } from '../base/paging.ts';
import type { PendingAsShown } from '../base/shown/action.ts';
import { comparerOf } from '../gate/comparer.ts';
import { expireBeforeReading } from './expiry.ts';
import { locate } from './locate.ts';
import { type ShownRow, tokenFor } from './review-token.ts';
import { shownRow } from './row.ts';

export type PendingFilter = {
  agent_id?: string | undefined;
  run_id?: string | undefined;
  contact_id?: string | undefined;
  type?: string | undefined;
  status?: 'pending_approval' | 'unknown' | 'failed' | 'approved' | undefined;
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
    statuses: status && status !== 'failed' ? [status] : ['pending_approval', 'unknown'],
  };
}

/** Actions whose attempt failed, oldest run first. They aren't open, so they are looked for in the runs that have some. */
function findFailed(view: View, { statuses: _, ...query }: OpenQuery, { limit, offset }: Page): Rows<OpenAction> {
  const runs = view.find.runs({ agent_id: query.agent_id }, ALL).rows.filter((run) => run.summary.actions_failed > 0);
  const found = runs.reverse().flatMap(({ id: run_id, agent_id }) =>
    [...view.results(run_id).results.values()].flatMap(({ contact_id, proposed_actions }) =>
      proposed_actions
        .filter(({ status }) => status === 'failed')
        .map(({ action_index, type, status, proposed_at }) => ({
          ...{ run_id, contact_id, action_index, agent_id },
          ...{ type, status, proposed_at },
        })),
    ),
  );
  const wanted = found.filter((item) => isOpenOf(query, item) && view.contact(item.contact_id) !== undefined);
  return { rows: wanted.slice(offset, offset + limit), total: wanted.length };
}

/**
 * What waits for a person, oldest first: proposals, and attempts whose outcome is unknown. Where asked for: failed ones,
 * and approved ones that aren't done yet.
 */
export function findWaiting(view: View, filter: PendingFilter, page: Page): Rows<OpenAction> {
  const query = queryOf(view, filter);
  return filter.status === 'failed' ? findFailed(view, query, page) : view.find.open(query, page);
}

export type PendingPage = PageOf<PendingAsShown> & { review_token?: string };

/** What a caller lists; `taken`: how many tokens of the page are taken by what stands beside the rows. */
export type PendingListing = PendingFilter & { detail: 'full' | 'brief'; taken?: number };

/** What waits for a person, oldest first, and a token that stands for exactly the rows given back, for this caller. */
export async function listPending(
  house: House,
  by: Author,
  { detail, taken = 0, ...filter }: PendingListing,
  page: Page,
): Promise<PendingPage> {
  await expireBeforeReading(house);
  const { shown, rows } = await house.read((view, { now }) => {
    const rows: ShownRow[] = [];
    const comparer = comparerOf(view);
    const show = (item: OpenAction) => {
      const row = shownRow(view, locate(view, item, comparer), detail, now);
      const digest = item.status === 'pending_approval' ? String(row.digest) : '';
      rows.push([item.run_id, item.contact_id, item.action_index, digest]);
      return row;
    };
    const shown = shownPage(findWaiting(view, filter, page), page, show, PAGE_TOKENS - taken);
    return { shown, rows: rows.slice(0, shown.rows.length).filter(([, , , digest]) => digest !== '') };
  });
  return rows.length === 0 ? shown : { ...shown, ...(await tokenFor(house, by, rows)) };
}

/** One action as list_pending_actions shows it, by its address, with the digest to decide on now. NOT_FOUND where there is none. */
export function readDecidable(
  house: House,
  wanted: ActionRef,
): Promise<{ ref: ActionRef; status: Action['status']; digest: string; row: PendingAsShown }> {
  return house.read((view, { now }) => {
    const found = locate(view, wanted);
    const { ref, action, digest } = found;
    return { ref, status: action.status, digest, row: shownRow(view, found, 'full', now) };
  });
}
