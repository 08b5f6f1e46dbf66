import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import { digest } from '../../domain/base/digest.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { OpenAction, View } from '../../domain/state/state.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { findAgent, findContact, findRun } from '../base/lookup.ts';
import { type Page, type PageOf, pageOf } from '../base/paging.ts';
import { sceneOf } from '../base/scene.ts';
import { type PendingAsShown, shownAction } from '../base/shown/action.ts';
import { briefContact } from '../base/shown/contact.ts';
import { recipientOf } from '../gate/digest.ts';
import { expireBeforeReading } from './expiry.ts';
import { type Found, locate } from './locate.ts';

export type PendingFilter = {
  agent_id?: string | undefined;
  run_id?: string | undefined;
  contact_id?: string | undefined;
  type?: string | undefined;
  status?: 'pending_approval' | 'unknown' | undefined;
};

export function openActions(view: View, filter: PendingFilter): OpenAction[] {
  const agent = filter.agent_id === undefined ? undefined : findAgent(view, filter.agent_id);
  const contact = filter.contact_id === undefined ? undefined : findContact(view, filter.contact_id);
  if (filter.run_id !== undefined) findRun(view, filter.run_id);
  if (filter.type !== undefined && !findActionType(filter.type)) {
    const types = ACTION_TYPES.map((known) => known.type).join(', ');
    throw invalid(`There is no action type "${filter.type}": ${types}.`, { type: 'unknown' });
  }
  const statuses = filter.status ? [filter.status] : ['pending_approval', 'unknown'];
  const found = [...view.desk().open.values()].filter(
    (item) =>
      statuses.includes(item.status) &&
      (!agent || item.agent_id === agent.id) &&
      (!contact || item.contact_id === contact.id) &&
      (filter.run_id === undefined || item.run_id === filter.run_id) &&
      (filter.type === undefined || item.type === filter.type),
  );
  return found.sort((a, b) => (a.proposed_at < b.proposed_at ? -1 : Number(a.proposed_at > b.proposed_at)));
}

/** Where an action goes and who it comes from, as it stands now. */
function route(view: View, found: Found): { to?: string | undefined; from?: string | undefined } {
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
  const contact = briefContact(view.contacts().byId.get(contact_id));
  const reasoning = view.run(run_id).results.get(contact_id)?.reasoning ?? '';
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

export type Row = [run_id: string, contact_id: string, action_index: number, digest: string];

export type PendingPage = PageOf<PendingAsShown> & { review_token?: string };

/** What waits for a person, oldest first, and a token that stands for exactly the rows given back. */
export async function listPending(
  house: House,
  filter: PendingFilter,
  detail: 'full' | 'brief',
  page: Page,
): Promise<PendingPage> {
  await expireBeforeReading(house);
  return house.store.read((view) => {
    const shown: Row[] = [];
    const result = pageOf(openActions(view, filter), page, (item) => {
      const row = shownPending(view, item, detail);
      shown.push([
        item.run_id,
        item.contact_id,
        item.action_index,
        item.status === 'pending_approval' ? String(row.digest) : '',
      ]);
      return row;
    });
    const rows = shown.slice(0, result.rows.length).filter(([, , , shownDigest]) => shownDigest !== '');
    if (rows.length === 0) return result;
    // The same rows have the same token, so that the resource `pending` equals the tool's result.
    const review_token = `rev_${Buffer.from(digest(rows), 'base64url').toString('hex')}`;
    try {
      house.store.keep(review_token, JSON.stringify(rows));
      return { ...result, review_token };
    } catch (error) {
      // Reading goes on where nothing can be written; deciding couldn't be written either.
      house.deps.log.warn({ error: String(error) }, 'no review token could be kept');
      return result;
    }
  });
}
