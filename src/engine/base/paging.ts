import type { Page, Rows } from '../../domain/state/queries.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { fitsSurely, tokensOf } from '../../domain/text/tokens.ts';

/** The most tokens that the rows of a page take: 8,000 for a result, less what stands around the rows. */
export const PAGE_TOKENS = 7_200;

/** A page that is shown whole, however long it is: for readers that are no models. */
export const UNCUT = Number.POSITIVE_INFINITY;

/** A page that ends before it passes so many tokens: `PAGE_TOKENS` unless it says otherwise. */
export type SizedPage = Page & { tokens?: number };

export type PageOf<T> = {
  rows: T[];
  total: number;
  /** There may be more than `total`: a search through very many contacts doesn't count on for ever. */
  total_is?: 'at_least';
  limit: number;
  offset: number;
  has_next: boolean;
  truncated?: 'size';
};

/** The rows before the page passes `most` tokens, or the first row alone, shortened, if already that one passes them. */
function rowsWithin<T>(all: T[], most: number): T[] {
  if (most === UNCUT || fitsSurely(all, most)) return all;
  let tokens = 0;
  const end = all.findIndex((row) => {
    tokens += tokensOf(row);
    return tokens > most;
  });
  if (end === 0) return all.slice(0, 1).map((row) => fitting(row, most));
  return end < 0 ? all : all.slice(0, end);
}

/** One page as it is shown. It ends before it passes `most` tokens; a first row that alone passes them is shortened. */
export function shownPage<S, T>(
  found: Rows<S>,
  page: SizedPage,
  show: (item: S) => T,
  most = page.tokens ?? PAGE_TOKENS,
): PageOf<T> {
  const all = found.rows.map(show);
  const rows = rowsWithin(all, most);
  const truncated = rows.length < all.length || rows[0] !== all[0];
  const { limit, offset } = page;
  return {
    rows,
    total: found.total,
    ...(found.isAtLeast ? { total_is: 'at_least' as const } : {}),
    limit,
    offset,
    has_next: found.isAtLeast === true || offset + rows.length < found.total,
    ...(truncated ? { truncated: 'size' as const } : {}),
  };
}

/** One page of a list that is whole in memory. */
export function pageOf<S, T>(
  found: readonly S[],
  page: SizedPage,
  show: (item: S) => T,
  most = page.tokens ?? PAGE_TOKENS,
): PageOf<T> {
  const rows = found.slice(page.offset, page.offset + page.limit);
  return shownPage({ rows, total: found.length }, page, show, most);
}
