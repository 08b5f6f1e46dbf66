import type { Author } from '../../domain/base/author.ts';
import { AppError, conflict, invalid } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import type { ChangedContacts } from '../execution/own-effects.ts';
import { demandProof, type ProofLevel } from '../gate/proof.ts';
import { type Approval, approval } from './approve.ts';
import { expireDue } from './expiry.ts';
import { demandPending, type LocatedAction, locate } from './locate.ts';
import type { ShownRow } from './pending.ts';
import { rejection } from './reject.ts';

/** The rows that a review token stands for; VALIDATION_ERROR where it stands for none. */
export async function tokenRows(house: House, token: string): Promise<ShownRow[]> {
  const text = await house.store.recall(token);
  if (text === undefined) {
    throw invalid(
      'review_token is unknown or older than a day. Call list_pending_actions for the rows as they are now; its review_token stands for exactly those.',
      { review_token: 'unknown' },
    );
  }
  const rows: ShownRow[] = JSON.parse(text);
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
  found: LocatedAction,
  given: Approval & Pick<BulkArgs, 'decision'>,
  contacts: ChangedContacts,
): { effects: Event[]; change: ActionChange } {
  if (given.decision === 'reject') return { effects: [], change: rejection(found, given, given.note) };
  return approval(view, found, given, contacts);
}

/** Decides the rows that a review token stands for. Where one of them changed since, none is decided: CONFLICT. */
export async function decideShown(house: House, by: Author, args: BulkArgs): Promise<BulkOutcome> {
  await expireDue(house);
  return decideRows(house, by, await tokenRows(house, args.review_token), args);
}

/** Decides these rows of a review token, in one commit. Where one of them changed since, none is decided: CONFLICT. */
export async function decideRows(
  house: House,
  by: Author,
  rows: readonly ShownRow[],
  args: BulkArgs,
): Promise<BulkOutcome> {
  await house.store.renew();
  const { decision, reason: note, via = 'client' } = args;
  const { outcome, approved } = await house.commit(by, (view, { at, env, holder }) => {
    const skipped: BulkOutcome['skipped'] = [];
    const effects: Event[] = [];
    const changes: ActionChange[] = [];
    const contacts: ChangedContacts = new Map();
    for (const row of rows) {
      const [run_id, contact_id, action_index] = row;
      const ref = { run_id, contact_id, action_index };
      const found = asShown(view, row);
      const shortfall = args.decision === 'approve' ? shortfallOf(() => demandFor(env, found, args.via)) : undefined;
      if (shortfall !== undefined) {
        skipped.push({ ...ref, reason: shortfall });
        continue;
      }
      const decided = decideRow(view, found, { decision, by, at, holder, note, via }, contacts);
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

function demandFor(env: Moment['env'], { agent, action }: LocatedAction, given: ProofLevel | undefined): void {
  demandProof(agent, env, 'Approving this action', { given, source: action.source });
}

/** Why a row needs more proof than a form gives; undefined where a form does. */
export function beyondForms(env: Moment['env'], found: LocatedAction): string | undefined {
  return shortfallOf(() => demandFor(env, found, 'elicited'));
}

/** A row's action, still pending and as it was shown; CONFLICT where it isn't. */
export function asShown(view: View, [run_id, contact_id, action_index, digest]: ShownRow): LocatedAction {
  const found = locateShown(view, { run_id, contact_id, action_index });
  demandPending(found, digest);
  return found;
}

function locateShown(view: View, ref: ActionRef): LocatedAction {
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

function shortfallOf(demand: () => void): string | undefined {
  try {
    demand();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === 'FORBIDDEN') return error.message;
    throw error;
  }
}

/** Merges the contacts_saved events, so that each contact is written once, as the last effect left it. */
function mergeSaved(effects: Event[]): Event[] {
  const contacts = new Map(
    effects.flatMap((event) =>
      event.type === 'contacts_saved' ? event.contacts.map((contact) => [contact.id, contact] as const) : [],
    ),
  );
  const others = effects.filter((event) => event.type !== 'contacts_saved');
  return contacts.size === 0 ? others : [...others, { type: 'contacts_saved', contacts: [...contacts.values()] }];
}
