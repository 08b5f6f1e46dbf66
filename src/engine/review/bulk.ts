import type { Author } from '../../domain/base/author.ts';
import { AppError, conflict } from '../../domain/base/errors.ts';
import { MOST_SIGNED } from '../../domain/decisions/signed-proof.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { startAttempts } from '../execution/attempt.ts';
import type { ChangedContacts } from '../execution/own-effects.ts';
import { comparerOf } from '../gate/comparer.ts';
import { APPROVED, LEVELS, type ProofLevel, shortfallOf } from '../gate/proof.ts';
import { type ProofTerms, waysInWords } from '../gate/ways.ts';
import { type Proven, provenEvents } from '../passkeys/sign.ts';
import { type Approval, approval, executor } from './approve.ts';
import { formRow, LAST_PLACE, tooLong } from './bulk-row.ts';
import { staleness } from './demand.ts';
import { type Chosen, digestOfEdit, editedRow, offersForEdits, type RefRow } from './edit.ts';
import { expireDue } from './expiry.ts';
import { type LookedAt, lookInTurns } from './in-turns.ts';
import { type LocatedAction, locateShown } from './locate.ts';
import { rejection } from './reject.ts';
import { type ShownRow, tokenRows } from './review-token.ts';

export type BulkArgs = {
  decision: 'approve' | 'reject';
  review_token: string;
  reason?: string | undefined;
  /** Leaves what this process lacks something for to another one. */
  handsOver?: boolean;
} & Proven<ProofLevel>;

/** A row that wasn't decided. `needed`: the proof that it takes, where the call gave less. */
export type Skipped = ActionRef & { reason: string; needed?: ProofLevel };
export type BulkOutcome = { decided: number; skipped: Skipped[] };

/** The most rows that an error lists. */
const MOST_LISTED = 20;

function decideRow(
  view: View,
  { found, edit }: Chosen,
  given: Approval & Pick<BulkArgs, 'decision'>,
  contacts: ChangedContacts,
): { effects: Event[]; change: ActionChange } {
  if (given.decision === 'reject') return { effects: [], change: rejection(found, given, given.note) };
  return approval(view, found, { ...given, ...edit }, contacts);
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
export function demandSome(same: readonly unknown[], changed: readonly Skipped[]): void {
  if (same.length > 0) return;
  throw conflict(
    `None of the ${changed.length} rows of this review_token can be decided: each changed or was decided since it was shown, the first (contact "${changed[0]?.contact_id}") because ${changed[0]?.reason}. Nothing was changed. Call list_pending_actions again and show the person the rows as they are now.`,
    { skipped: changed.slice(0, MOST_LISTED), skipped_total: changed.length },
  );
}

type Changes = { effects: Event[]; changes: ActionChange[]; skipped: Skipped[] };
type BulkTerms = Omit<BulkArgs, 'review_token'> & { by: Author };

/** Why a row isn't decided, although it is as it was shown: it needs more proof, or isn't what was signed. */
function heldBack(
  view: View,
  moment: Moment,
  { found, edit }: Chosen,
  { decision, via = 'client', left }: BulkTerms & { left: string[] | undefined },
): Skipped | undefined {
  const short = decision === 'approve' ? beyond(view, moment, found, via) : undefined;
  if (short || !left) return short;
  const at = left.indexOf(edit ? digestOfEdit(view, found, edit) : found.digest);
  if (at === -1) return { ...found.ref, reason: "it isn't among what was signed" };
  left.splice(at, 1);
  return undefined;
}

/** What comes of a decision on rows that are as they were shown. */
function changesOf(view: View, moment: Moment, rows: readonly Chosen[], args: BulkTerms): Changes {
  const { at } = moment;
  const { decision, reason: note, via = 'client', by, proof, handsOver } = args;
  const done: Changes = { effects: [], changes: [], skipped: [] };
  const contacts: ChangedContacts = new Map();
  const left = via === 'signed' ? [...(proof?.digests ?? [])] : undefined;
  for (const row of rows) {
    const short = heldBack(view, moment, row, { ...args, left });
    if (short) {
      done.skipped.push(short);
      continue;
    }
    const holder = executor(view, moment, row.found, handsOver);
    const { effects, change } = decideRow(view, row, { decision, by, at, holder, note, via }, contacts);
    if (change.to === 'pending_approval') done.skipped.push({ ...row.found.ref, reason: change.set.reason ?? '' });
    done.effects.push(...effects);
    done.changes.push(change);
  }
  return done;
}

type BulkDecided = { outcome: BulkOutcome; approved: ActionChange[] };

/** The events of a decision on rows, with what is told of it. `changed` are the rows that can't be decided any more. */
function decidedRows(
  view: View,
  moment: Moment,
  { same, changed }: { same: readonly Chosen[]; changed: readonly Skipped[] },
  args: BulkTerms,
): { events: Event[]; value: BulkDecided } {
  const { effects, changes, skipped } = changesOf(view, moment, same, args);
  const approved = changes.filter((change) => change.to === 'approved');
  const events: Event[] = changes.length > 0 ? [...mergeSaved(effects), { type: 'actions_changed', changes }] : [];
  const decided = changes.filter((change) => change.to !== 'pending_approval').length;
  return {
    events: provenEvents(view, args.by, events, { ...args, at: moment.at }),
    value: { outcome: { decided, skipped: [...changed, ...skipped] }, approved },
  };
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
    const chosen = same.map((found) => ({ found }));
    return decidedRows(view, moment, { same: chosen, changed }, { ...args, by });
  });
  if (approved.length > 0) startAttempts(house);
  return outcome;
}

/**
 * Decides exactly these rows, in one commit: each as it was shown, or as edited. Those that changed or were decided since, or
 * whose edit doesn't fit, are skipped with the reason; where no other is left, CONFLICT. With `signed`, only rows that were
 * signed are decided.
 */
export async function decideRefs(
  house: House,
  by: Author,
  rows: readonly RefRow[],
  args: Omit<BulkArgs, 'review_token'>,
): Promise<BulkOutcome> {
  if (args.via === 'signed' && rows.length > MOST_SIGNED)
    throw new AppError('LIMIT_EXCEEDED', `One signature is for at most ${MOST_SIGNED} rows. Nothing was decided.`);
  await expireDue(house);
  const offers = await offersForEdits(house, rows);
  const lookedAt = await lookInTurns(house, rows);
  await house.store.renew();
  const { outcome, approved } = await house.commit(by, (view, moment) => {
    const comparer = comparerOf(view);
    const [same, changed]: [Chosen[], Skipped[]] = [[], []];
    for (const [place, row] of rows.entries()) {
      const { run_id, contact_id, action_index } = row;
      const ref = { run_id, contact_id, action_index };
      const found = lookedAt(view, ref) ?? locateShown(view, ref, comparer);
      const chosen = found
        ? editedRow(view, moment, found, { ...row, offers: offers.get(place) })
        : 'it is gone since it was shown';
      if (typeof chosen === 'string') changed.push({ ...ref, reason: chosen });
      else same.push(chosen);
    }
    demandSome(same, changed);
    return decidedRows(view, moment, { same, changed }, { ...args, by });
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
  const level = LEVELS.findLast((known) => needed.includes(known)) ?? 'elicited';
  return `Skipped rows that the person decides on: ${needed.length}. Tell them to ${waysInWords(terms, level, { whose: 'their' })}.`;
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
