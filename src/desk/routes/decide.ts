import { z } from 'zod';
import type { Person } from '../../domain/base/author.ts';
import { AppError, conflict, invalid } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import type { House } from '../../engine/base/house.ts';
import type { ActionAsShown } from '../../engine/base/shown/action.ts';
import { type BulkArgs, type BulkOutcome, decideRefs, type Skipped } from '../../engine/review/bulk.ts';
import { checkedEdit } from '../../engine/review/edit.ts';
import { locateShown } from '../../engine/review/locate.ts';
import { shownDecidable } from '../../engine/review/row.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute } from '../entry/desk-route.ts';
import { shownAs } from '../queue/row-to-decide.ts';
import { assertionBody, pageProof } from './proven.ts';
import { editedParams, refFields, typedWords } from './refs.ts';

/** The most rows of one decision. */
const MOST_ROWS = 1_000;
/** The most decided actions that an answer shows. */
const MOST_SHOWN = 200;

const rowBody = z.strictObject({
  ...refFields,
  digest: z.string(),
  nonce: z.string(),
  params: editedParams.exactOptional(),
});
type DecidedRow = z.infer<typeof rowBody>;

const decideBody = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  rows: z.array(rowBody).min(1).max(MOST_ROWS),
  reason: typedWords.exactOptional(),
  assertion: assertionBody.exactOptional(),
});
type DecideBody = z.infer<typeof decideBody>;
/** A row with what its nonce may stand for: the row as it is, or the edit of it that was checked. */
type AskedRow = { row: DecidedRow; shown: string[] };

function addressOf({ run_id, contact_id, action_index }: ActionRef): ActionRef {
  return { run_id, contact_id, action_index };
}

/** Refuses a body that can't be meant: the same row twice, or the rejection of an edit. */
function demandSound({ decision, rows }: DecideBody): void {
  const keys = new Set(rows.map(refKey));
  if (keys.size < rows.length)
    throw invalid('A row is named twice. Name each row once.', { rows: 'one is named twice' });
  if (decision === 'reject' && rows.some(({ params }) => params !== undefined))
    throw invalid('Only what is approved can be edited.', { 'rows[].params': 'only for approve' });
}

/**
 * A row as it is decided: an edited one by the digest of its edit. The nonce of the row itself counts for an edit of it, too:
 * who was shown a text may write another one over it, as long as it is that text still.
 */
async function askedRow(house: House, row: DecidedRow): Promise<AskedRow> {
  const { digest, params } = row;
  const asSent = { row, shown: [shownAs(row, digest, params)] };
  if (params === undefined) return asSent;
  try {
    const { found, digest: edit } = await checkedEdit(house, addressOf(row), params);
    const isOfRow = digest === found.digest || digest === edit;
    if (!isOfRow) return asSent;
    return { row: { ...row, digest: edit }, shown: [...asSent.shown, shownAs(row, found.digest)] };
  } catch (error) {
    // What is wrong with the edit is told where the row is skipped.
    if (error instanceof AppError) return asSent;
    throw error;
  }
}

/** Decides on the rows that the page was shown as they are. Where none is left, all of them are told as skipped. */
async function decideShownRows(
  house: House,
  by: Person,
  rows: readonly DecidedRow[],
  how: Omit<BulkArgs, 'review_token'>,
): Promise<BulkOutcome> {
  if (rows.length === 0) return { decided: 0, skipped: [] };
  try {
    return await decideRefs(house, by, rows, { ...how, handsOver: true });
  } catch (error) {
    const skipped = error instanceof AppError && error.code === 'CONFLICT' ? error.details?.skipped : undefined;
    if (!Array.isArray(skipped)) throw error;
    return { decided: 0, skipped };
  }
}

/** Why nothing was decided: the rows changed or were decided since, or all of them need another proof. */
function nothingDecided(skipped: readonly Skipped[]): AppError {
  const message = `Nothing was decided: ${skipped[0]?.reason ?? 'no row was left'}.`;
  const needed = skipped[0]?.needed;
  const isShort = needed !== undefined && skipped.every((row) => row.needed !== undefined);
  return isShort ? new AppError('FORBIDDEN', message, { needed, skipped }) : conflict(message, { skipped });
}

/** The actions as they are after a decision. */
function actionsNow(house: House, rows: readonly ActionRef[]): Promise<(ActionRef & ActionAsShown)[]> {
  return house.read((view) =>
    rows.slice(0, MOST_SHOWN).flatMap((row) => {
      const found = locateShown(view, row);
      return found ? [{ ...found.ref, ...shownDecidable(found) }] : [];
    }),
  );
}

/** A person's decision on the rows that they were shown: `POST /desk/decide`. */
export function decideRoutes(parts: DeskParts): DeskRoute[] {
  const { nonces } = parts;
  return [
    acting({
      path: '/decide',
      scopes: ['agents:approve'],
      body: decideBody,
      async handle({ house, by, session, body }) {
        demandSound(body);
        const { decision, reason, assertion } = body;
        const asked: AskedRow[] = [];
        for (const row of body.rows) asked.push(await askedRow(house, row));
        const signing = { decision, digests: asked.map(({ row }) => row.digest) };
        const proof = await pageProof(parts, { house, by, session }, assertion, signing);
        const unshown: Skipped[] = [];
        const shown: DecidedRow[] = [];
        for (const { row, shown: standsFor } of asked) {
          const whys = standsFor.map((one) => nonces.take(row.nonce, session, one));
          if (whys.includes(undefined)) shown.push(row);
          else unshown.push({ ...addressOf(row), reason: whys.at(-1) ?? '' });
        }
        const outcome = await decideShownRows(house, by, shown, { decision, reason, ...proof });
        const skipped = [...unshown, ...outcome.skipped];
        if (outcome.decided === 0) throw nothingDecided(skipped);
        const left = new Set(skipped.map(refKey));
        const actions = await actionsNow(
          house,
          shown.filter((row) => !left.has(refKey(row))),
        );
        return { decided: outcome.decided, skipped, actions };
      },
    }),
  ];
}
