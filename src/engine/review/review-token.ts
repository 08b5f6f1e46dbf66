import { type Author, callerOf } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { House } from '../base/house.ts';

/** A row as it was shown: the address of an action, and its digest. */
export type ShownRow = [run_id: string, contact_id: string, action_index: number, digest: string];

/** What a token stands for: these rows, for the caller that they were shown to. */
type KeptRows = { caller: string; rows: ShownRow[] };

/**
 * A token that stands for rows as they were shown to a caller. It is made of both: the resource `pending` then equals
 * the result of list_pending_actions for the same caller. Every process of the home takes it, from any client of this
 * caller. Nothing where it can't be kept.
 */
export async function tokenFor(
  house: House,
  by: Author,
  rows: readonly ShownRow[],
): Promise<{ review_token?: string }> {
  const caller = callerOf(by);
  const review_token = `rev_${Buffer.from(digest([caller, rows]), 'base64url').toString('hex')}`;
  try {
    await house.store.keep(review_token, JSON.stringify({ caller, rows }));
    return { review_token };
  } catch (error) {
    // The rows can be read without a token. Where the token can't be written, a decision couldn't be either.
    house.deps.log.warn({ error: String(error) }, 'a review token could not be kept');
    return {};
  }
}

/**
 * The rows that a review token stands for. VALIDATION_ERROR where it stands for none, or for those that somebody else
 * was shown. A token of an earlier build names no caller: nobody can use it.
 */
export async function tokenRows(house: House, by: Author, token: string): Promise<ShownRow[]> {
  const text = await house.store.recall(token);
  const kept: Partial<KeptRows> = text === undefined ? {} : JSON.parse(text);
  if (kept.rows === undefined || kept.caller !== callerOf(by)) {
    throw invalid(
      'review_token is unknown, older than a day, or was given to somebody else. Call list_pending_actions for the rows as they are now; its review_token stands for exactly those, for whoever was shown them.',
      { review_token: 'unknown' },
    );
  }
  return kept.rows;
}
