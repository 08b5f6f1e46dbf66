import type { Page, Rows } from '../../domain/state/queries.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { tokensOf } from '../../domain/text/tokens.ts';

/** A result page stays below this many tokens, with room for what stands around it. */
const PAGE_TOKENS = 7_200;

export type PageOf<T> = {
  rows: T[];
  total: number;
  limit: number;
  offset: number;
  has_next: boolean;
  truncated?: 'size';
};

/** One page as it is shown, cut short where it would pass what a client takes; a row that would by itself is cut. */
export function shownPage<S, T>(found: Rows<S>, page: Page, show: (item: S) => T, most = PAGE_TOKENS): PageOf<T> {
  const rows: T[] = [];
  let tokens = 0;
  let truncated = false;
  for (const item of found.rows) {
    const row = show(item);
    tokens += tokensOf(row);
    truncated = tokens > most;
    if (truncated && rows.length > 0) break;
    rows.push(truncated ? fitting(row, most) : row);
    if (truncated) break;
  }
  const { limit, offset } = page;
  return {
    rows,
    total: found.total,
    limit,
    offset,
    has_next: offset + rows.length < found.total,
    ...(truncated ? { truncated: 'size' as const } : {}),
  };
}

/** One page of a list that is there as a whole. */
export function pageOf<S, T>(found: readonly S[], page: Page, show: (item: S) => T, most = PAGE_TOKENS): PageOf<T> {
  const rows = found.slice(page.offset, page.offset + page.limit);
  return shownPage({ rows, total: found.length }, page, show, most);
}
