import { AppError } from '../../domain/base/errors.ts';
import { type BulkArgs, type BulkOutcome, decideRows, decideShown } from '../../engine/review/bulk.ts';
import { leftWaiting, neededForRows, nextBulkForm } from '../../engine/review/bulk-forms.ts';
import { type ShownRow, tokenRows } from '../../engine/review/review-token.ts';
import { type Asker, asksByForm, prove, type Verdict } from './prove.ts';

/** The most forms that one call shows, one after the other. */
const MOST_FORMS = 5;

/** What came of the forms of a call so far; `next` is the row with which the next form begins. */
type Progress = { forms: number; next: number } & BulkOutcome;
/** A call, with the rows that its token stands for. */
type BulkCall = BulkArgs & { rows: readonly ShownRow[] };
/** What came of a call, with a token for the rows that another call can show. */
export type Outcome = { review_token?: string } & BulkOutcome;

const NOTHING: Progress = { forms: 0, next: 0, decided: 0, skipped: [] };

async function progressOf({ house, asking }: Asker): Promise<Progress> {
  const id = asking.answer?.state.progress;
  if (id === undefined) return NOTHING;
  const text = await house.store.recall(id);
  if (text === undefined) throw new AppError('FORBIDDEN', 'This form is too old. Call list_pending_actions again.');
  const progress: Progress = JSON.parse(text);
  return progress;
}

/** Keeps what came of earlier forms until the next one is answered. */
async function keepProgress({ house, asking }: Asker, progress: Progress): Promise<string | undefined> {
  if (progress.forms === 0 || asking.answer) return asking.answer?.state.progress;
  const id = house.deps.newId('forms');
  await house.store.keep(id, JSON.stringify(progress));
  return id;
}

async function ended(
  { house, by }: Asker,
  { rows }: BulkCall,
  { next, decided, skipped }: Progress,
  why: string,
): Promise<Outcome> {
  const { skipped: left, ...token } = await leftWaiting(house, by, rows.slice(next), why);
  return { ...token, decided, skipped: [...skipped, ...left] };
}

/** What ends a call whose earlier forms were decided; any other error is thrown on. */
function reasonToEnd(error: unknown, progress: Progress): string {
  const isAnswered = error instanceof AppError && error.details?.form !== 'used';
  if (progress.forms === 0 || !isAnswered || (error.code !== 'FORBIDDEN' && error.code !== 'CONFLICT')) throw error;
  return error.message;
}

/**
 * Approves the rows of a review token. Where the client can show forms, the person decides on every row that a form
 * has room for; what doesn't fit comes in the next form of the same call. What each form decides is done at once, so
 * that a later form without an answer takes nothing back.
 */
export async function approveByForms(asker: Asker, args: BulkArgs): Promise<Outcome> {
  const { house, by, asking } = asker;
  const rows = await tokenRows(house, by, args.review_token);
  const isAsked = asksByForm(asker) || (asking.canAsk && (await neededForRows(house, rows)) !== 'client');
  if (!isAsked) return decideShown(house, by, args);
  return decideForm(asker, { ...args, rows }, await progressOf(asker));
}

async function decideForm(asker: Asker, args: BulkCall, progress: Progress): Promise<Outcome> {
  const { house, by, signal } = asker;
  const form = await nextBulkForm(house, args.rows, progress.next);
  if (!form.question) return { decided: progress.decided, skipped: [...progress.skipped, ...form.skipped] };
  let outcome: BulkOutcome;
  try {
    const verdict: Verdict = await prove(asker, form.question, await keepProgress(asker, progress));
    // The reason came with a call to approve: it isn't why the person said no.
    const reason = verdict.decision === 'approve' ? args.reason : undefined;
    outcome = await decideRows(house, by, form.rows, { ...args, ...verdict, reason });
  } catch (error) {
    return ended(asker, args, progress, reasonToEnd(error, progress));
  }
  const after: Progress = {
    forms: progress.forms + 1,
    next: form.next,
    decided: progress.decided + outcome.decided,
    skipped: [...progress.skipped, ...form.skipped, ...outcome.skipped],
  };
  if (after.next >= form.total) return { decided: after.decided, skipped: after.skipped };
  if (after.forms >= MOST_FORMS) return ended(asker, args, after, 'no room in the forms of this call: decide it next');
  const { canAsk, tool, args: given } = asker.asking;
  return decideForm({ house, by, signal, asking: { canAsk, tool, args: given } }, args, after);
}
