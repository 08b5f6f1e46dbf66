import { ACTION_TYPES, findActionType } from '../actions/index.ts';
import type { Author } from '../domain/author.ts';
import { digest } from '../domain/digest.ts';
import { AppError, conflict, invalid } from '../domain/errors.ts';
import type { ActionChange, Event } from '../domain/events.ts';
import type { ActionRef } from '../domain/run.ts';
import type { OpenAction, View } from '../domain/state.ts';
import { startAttempts } from './execution.ts';
import { expireBeforeReading, expireDue } from './expiry.ts';
import { recipientOf, sceneOf } from './gate.ts';
import type { House } from './house.ts';
import { findAgent, findContact, findRun } from './lookup.ts';
import { type Changes, effectiveParams } from './own-effects.ts';
import { type Page, type PageOf, pageOf } from './paging.ts';
import { demandProof, type ProofLevel } from './proof.ts';
import { bulkQuestion, type Question } from './questions.ts';
import { approval, demandPending, type Found, locate, rejection } from './review.ts';
import { briefContact, shownAction } from './runs.ts';

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
function route(view: View, found: Found): Record<string, unknown> {
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

export function shownPending(view: View, ref: ActionRef, detail: 'full' | 'brief'): Record<string, unknown> {
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

type Row = [run_id: string, contact_id: string, action_index: number, digest: string];

export type PendingPage = PageOf<Record<string, unknown>> & { review_token?: string };

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

function rowsOf(house: House, token: string): Row[] {
  const text = house.store.recall(token);
  if (text === undefined) {
    throw invalid(
      'review_token is unknown or older than a day. Call list_pending_actions for the rows as they are now; its review_token stands for exactly those.',
      { review_token: 'unknown' },
    );
  }
  const rows: Row[] = JSON.parse(text);
  return rows;
}

export type BulkArgs = {
  decision: 'approve' | 'reject';
  review_token: string;
  reason?: string | undefined;
  via?: ProofLevel;
};
export type BulkOutcome = {
  decided: number;
  skipped: { run_id: string; contact_id: string; action_index: number; reason: string }[];
};

function decideRow(
  view: View,
  found: Found,
  by: Author,
  args: BulkArgs,
  at: string,
  holder: string,
  contacts: Changes,
): { effects: Event[]; change: ActionChange } {
  const { reason, via = 'client' } = args;
  if (args.decision === 'reject') return { effects: [], change: rejection(found, { by, at, via }, reason) };
  return approval(view, found, { by, at, holder, note: reason, via }, contacts);
}

/** Decides exactly the rows that were shown: all, or, when one changed since, none. */
export async function decideShown(house: House, by: Author, args: BulkArgs): Promise<BulkOutcome> {
  await expireDue(house);
  const rows = rowsOf(house, args.review_token);
  house.store.renew();
  const { outcome, approved } = await house.store.commit(by, (view) => {
    const at = house.deps.now().toISOString();
    const skipped: BulkOutcome['skipped'] = [];
    const effects: Event[] = [];
    const changes: ActionChange[] = [];
    const contacts: Changes = new Map();
    for (const [run_id, contact_id, action_index, digest] of rows) {
      const ref = { run_id, contact_id, action_index };
      const found = locateShown(view, ref);
      demandPending(found, digest);
      const shortfall = args.decision === 'approve' ? refusal(() => demandFor(house, found, args.via)) : undefined;
      if (shortfall !== undefined) {
        skipped.push({ ...ref, reason: shortfall });
        continue;
      }
      const decided = decideRow(view, found, by, args, at, house.store.holder, contacts);
      if (decided.change.to === 'pending_approval') skipped.push({ ...ref, reason: decided.change.set.reason ?? '' });
      effects.push(...decided.effects);
      changes.push(decided.change);
    }
    const approved = changes.filter((change) => change.to === 'approved');
    const events: Event[] = changes.length > 0 ? [...mergeSaved(effects), { type: 'actions_changed', changes }] : [];
    const decidedCount = changes.filter((change) => change.to !== 'pending_approval').length;
    return { events, value: { outcome: { decided: decidedCount, skipped }, approved } };
  });
  if (approved.length > 0) startAttempts(house);
  return outcome;
}

function demandFor(house: House, { agent, action }: Found, given: ProofLevel | undefined): void {
  demandProof(agent, house.deps.env, 'Approving this action', { given, source: action.source });
}

/** The question before the rows of a token are approved; rows that no form could approve are left to be skipped. */
export async function shownQuestion(house: House, token: string): Promise<Question | undefined> {
  await expireDue(house);
  const rows = rowsOf(house, token);
  const refs = await house.store.read((view) =>
    rows.flatMap(([run_id, contact_id, action_index, digest]) => {
      const found = locateShown(view, { run_id, contact_id, action_index });
      demandPending(found, digest);
      return refusal(() => demandFor(house, found, 'elicited')) === undefined ? [found.ref] : [];
    }),
  );
  return refs.length > 0 ? bulkQuestion(house, refs) : undefined;
}

function locateShown(view: View, ref: ActionRef): Found {
  try {
    return locate(view, ref);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw conflict(
      `Action ${ref.action_index} for contact "${ref.contact_id}" of run ${ref.run_id} is gone since it was shown. Nothing was decided. Call list_pending_actions again.`,
      { ...ref },
    );
  }
}

function refusal(demand: () => void): string | undefined {
  try {
    demand();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === 'FORBIDDEN') return error.message;
    throw error;
  }
}

/** Saved contacts of many effects as one event, so that each stands once, as the last effect left it. */
function mergeSaved(effects: Event[]): Event[] {
  const contacts = new Map(
    effects.flatMap((event) =>
      event.type === 'contacts_saved' ? event.contacts.map((contact) => [contact.id, contact] as const) : [],
    ),
  );
  const others = effects.filter((event) => event.type !== 'contacts_saved');
  return contacts.size === 0 ? others : [...others, { type: 'contacts_saved', contacts: [...contacts.values()] }];
}
