import type { Author } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { View } from '../../domain/state/view.ts';
import { shortLines } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { neededFor, type ProofLevel } from '../gate/proof.ts';
import { type ProofTerms, waysOf } from '../gate/ways.ts';
import { beyond, demandSome, type Skipped, sorted } from './bulk.ts';
import { BETWEEN, type FormRow, formRow, LAST_PLACE, MEANS, ROWS_ROOM, tooLong } from './bulk-row.ts';
import { staleness } from './demand.ts';
import { expireDue } from './expiry.ts';
import { type LocatedAction, locateShown } from './locate.ts';
import { nounOf, type Question } from './questions.ts';
import { type ShownRow, tokenFor } from './review-token.ts';

type Row = FormRow & { row: ShownRow; found: LocatedAction };

/** One form of a bulk decision: the rows that it shows whole, those that no form can show, and where the next begins. */
export type BulkForm = { question?: Question; rows: ShownRow[]; skipped: Skipped[]; next: number; total: number };

function refOf([run_id, contact_id, action_index]: ShownRow) {
  return { run_id, contact_id, action_index };
}

/** A row as a form shows it, or why no form can. */
function drawn(view: View, terms: Moment, row: ShownRow, place: [number, number]): Row | Skipped {
  try {
    const found = locateShown(view, refOf(row));
    const stale = found ? staleness(found, row[3]) : 'it is gone since it was shown';
    if (!found || stale !== undefined) return { ...refOf(row), reason: stale ?? '' };
    const short = beyond(view, terms, found, 'elicited');
    if (short) return short;
    const shown = formRow(view, found, place, terms.now);
    return shown ? { row, found, ...shown } : { ...refOf(row), ...tooLong(terms) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFLICT') return { ...refOf(row), reason: error.message };
    throw error;
  }
}

function questionOf(terms: ProofTerms, rows: readonly Row[], total: number): Question | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const nouns = [...new Set(rows.map(({ found }) => nounOf(found.action.type)))];
  const count = rows.length === total ? `all ${total}` : `these ${rows.length} of ${total}`;
  return {
    message: shortLines([
      `Approve ${count}, or reject them? ${nouns.join(', ')}`,
      rows.map(({ shown }) => shown.to).join('; '),
      rows.map(({ shown }) => shown.about).join('; '),
    ]),
    text: [...rows.map(({ text }) => text), MEANS].join(BETWEEN),
    binding: digest(rows.map(({ found }) => found.digest)),
    ways: waysOf(terms),
    needed: 'elicited',
  };
}

/** The most proof that a form can give and some row of a token needs: `client` where a plain call does for all. */
export function neededForRows(house: House, rows: readonly ShownRow[]): Promise<ProofLevel> {
  return house.read((view, { env }) => {
    const found = rows.map((row) => locateShown(view, refOf(row)));
    return found.some((each) => each && neededFor(view, env, each) !== 'client') ? 'elicited' : 'client';
  });
}

/**
 * The next form before the rows of a token are approved, from the row at `from` on: as many rows, each whole, as one
 * form has room for. Rows that changed or were decided since are skipped, with the reason; where the first form of a
 * call finds no other, CONFLICT.
 */
export async function nextBulkForm(house: House, rows: readonly ShownRow[], from: number): Promise<BulkForm> {
  await expireDue(house);
  return house.read((view, moment) => {
    if (from === 0) {
      const { same, changed } = sorted(view, rows);
      demandSome(same, changed);
    }
    const total = rows.length;
    const fitting: Row[] = [];
    const skipped: Skipped[] = [];
    let [room, next] = [ROWS_ROOM, from];
    for (const [place, row] of rows.entries()) {
      if (place < from) continue;
      const each = drawn(view, moment, row, [place + 1, total]);
      const taken = 'text' in each ? each.text.length + BETWEEN.length : 0;
      if (fitting.length > 0 && taken > room + BETWEEN.length) break;
      next = place + 1;
      room -= taken;
      if ('text' in each) fitting.push(each);
      else skipped.push(each);
    }
    const question = questionOf(moment, fitting, total);
    return { ...(question ? { question } : {}), rows: fitting.map(({ row }) => row), skipped, next, total };
  });
}

/** These rows, undecided for this reason, and a token of the caller for those that a form can show. */
export async function leftWaiting(
  house: House,
  by: Author,
  rows: readonly ShownRow[],
  why: string,
): Promise<{ review_token?: string; skipped: Skipped[] }> {
  const left = await house.read((view, moment) =>
    rows.map((row) => ({ row, each: drawn(view, moment, row, LAST_PLACE) })),
  );
  const open = left.filter(({ each }) => 'text' in each).map(({ row }) => row);
  return {
    ...(open.length > 0 ? await tokenFor(house, by, open) : {}),
    skipped: left.map(({ row, each }) => ('text' in each ? { ...refOf(row), reason: why } : each)),
  };
}
