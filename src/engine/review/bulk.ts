import type { Author } from '../../domain/base/author.ts';
import { conflict } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import type { ChangedContacts } from '../execution/own-effects.ts';
import { comparerOf } from '../gate/comparer.ts';
import { APPROVED, type ProofLevel, shortfallOf } from '../gate/proof.ts';
import { type ProofTerms, waysInWords } from '../gate/ways.ts';
import { type Approval, approval } from './approve.ts';
import { formRow, LAST_PLACE, tooLong } from './bulk-row.ts';
import { staleness } from './demand.ts';
import { expireDue } from './expiry.ts';
import { type LookedAt, lookInTurns } from './in-turns.ts';
import { type LocatedAction, locateShown } from './locate.ts';
import { rejection } from './reject.ts';
import { type ShownRow, tokenRows } from './review-token.ts';

export type BulkArgs = {
  decision: 'approve' | 'reject';
  review_token: string;
  reason?: string | undefined;
  via?: ProofLevel;
};

/** A row that wasn't decided. `needed`: the proof that it takes, where the call gave less. */
export type Skipped = ActionRef & { reason: string; needed?: ProofLevel };
export type BulkOutcome = { decided: number; skipped: Skipped[] };

/** The most rows that an error lists. */
const MOST_LISTED = 20;

function decideRow(
  view: View,
  found: LocatedAction,
  given: Approval & Pick<BulkArgs, 'decision'>,
  contacts: ChangedContacts,
): { effects: Event[]; change: ActionChange } {
  if (given.decision === 'reject') return { effects: [], change: rejection(found, given, given.note) };
  return approval(view, found, given, contacts);
}

/**
 * The rows of a token that are still what was shown, and those that changed or were decided since. `lookedAt` knows
 * rows that were looked at before.
 */
export function sorted(
  view: View,
  rows: readonly ShownRow[],
  lookedAt?: LookedAt,
): { same: LocatedAction[]; changed: Skipped[] } {
  const same: LocatedAction[] = [];
  const changed: Skipped[] = [];
  const comparer = comparerOf(view);
  for (const [run_id, contact_id, action_index, digest] of rows) {
    const ref = { run_id, contact_id, action_index };
    const found = lookedAt?.(view, ref) ?? locateShown(view, ref, comparer);
    const reason = found ? staleness(found, digest) : 'it is gone since it was shown';
    if (found && reason === undefined) same.push(found);
    else changed.push({ ...ref, reason: reason ?? '' });
  }
  return { same, changed };
}

/** Refuses to decide where no row is left that is as it was shown: CONFLICT. */
export function demandSome(same: readonly LocatedAction[], changed: readonly Skipped[]): void {
  if (same.length > 0) return;
  throw conflict(
    `None of the ${changed.length} rows of this review_token can be decided: each changed or was decided since it was shown, the first (contact "${changed[0]?.contact_id}") because ${changed[0]?.reason}. Nothing was changed. Call list_pending_actions again and show the person the rows as they are now.`,
    { skipped: changed.slice(0, MOST_LISTED), skipped_total: changed.length },
  );
}

type Changes = { effects: Event[]; changes: ActionChange[]; skipped: Skipped[] };

/** What comes of a decision on rows that are as they were shown. */
function changesOf(
  view: View,
  moment: Moment,
  rows: readonly LocatedAction[],
  args: BulkArgs & { by: Author },
): Changes {
  const { at, holder } = moment;
  const { decision, reason: note, via = 'client', by } = args;
  const found: Changes = { effects: [], changes: [], skipped: [] };
  const contacts: ChangedContacts = new Map();
  for (const row of rows) {
    const short = decision === 'approve' ? beyond(view, moment, row, via) : undefined;
    if (short) {
      found.skipped.push(short);
      continue;
    }
    const { effects, change } = decideRow(view, row, { decision, by, at, holder, note, via }, contacts);
    if (change.to === 'pending_approval') found.skipped.push({ ...row.ref, reason: change.set.reason ?? '' });
    found.effects.push(...effects);
    found.changes.push(change);
  }
  return found;
}

/** Decides the rows that a review token stands for, as `decideRows` does. */
export async function decideShown(house: House, by: Author, args: BulkArgs): Promise<BulkOutcome> {
  await expireDue(house);
  return decideRows(house, by, await tokenRows(house, by, args.review_token), args);
}

/**
 * Decides these rows of a review token, in one commit. Those that changed or were decided since are skipped, with the
 * reason; where no other is left, CONFLICT.
 */
export async function decideRows(
  house: House,
  by: Author,
  rows: readonly ShownRow[],
  args: BulkArgs,
): Promise<BulkOutcome> {
  const lookedAt = await lookInTurns(
    house,
    rows.map(([run_id, contact_id, action_index]) => ({ run_id, contact_id, action_index })),
  );
  await house.store.renew();
  const { outcome, approved } = await house.commit(by, (view, moment) => {
    const { same, changed } = sorted(view, rows, lookedAt);
    demandSome(same, changed);
    const { effects, changes, skipped } = changesOf(view, moment, same, { ...args, by });
    const approved = changes.filter((change) => change.to === 'approved');
    const events: Event[] = changes.length > 0 ? [...mergeSaved(effects), { type: 'actions_changed', changes }] : [];
    const decided = changes.filter((change) => change.to !== 'pending_approval').length;
    return { events, value: { outcome: { decided, skipped: [...changed, ...skipped] }, approved } };
  });
  if (approved.length > 0) startAttempts(house);
  return outcome;
}

/**
 * A row that needs more proof than this, as one to skip; undefined where the proof is enough. A form that can't be drawn
 * isn't named as what would do.
 */
export function beyond(view: View, terms: ProofTerms, row: LocatedAction, given: ProofLevel): Skipped | undefined {
  const short = shortfallOf(view, terms.env, row, given);
  if (!short) return undefined;
  if (short.needed === 'elicited' && !formRow(view, row, LAST_PLACE)) return { ...row.ref, ...tooLong(terms) };
  return { ...row.ref, reason: `${short.why}, so ${APPROVED.so}`, needed: short.needed };
}

/** How the person decides on rows that were skipped because they need more proof; undefined where none were. */
export function decideElsewhere(terms: ProofTerms, skipped: readonly Skipped[]): string | undefined {
  const needed = skipped.flatMap((row) => row.needed ?? []);
  if (needed.length === 0) return undefined;
  const level = needed.includes('human') ? 'human' : 'elicited';
  return `Skipped rows that the person decides on: ${needed.length}. Tell them to ${waysInWords(terms, level)}.`;
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
