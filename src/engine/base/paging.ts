import type { Page, Rows } from '../../domain/state/queries.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { tokensOf } from '../../domain/text/tokens.ts';

/** The most tokens that the rows of a page take: 8,000 for a result, less what stands around the rows. */
const PAGE_TOKENS = 7_200;

export type PageOf<T> = {
  rows: T[];
  total: number;
  limit: number;
  offset: number;
  has_next: boolean;
  truncated?: 'size';
};

/** One page as it is shown. It ends before it passes `most` tokens; a first row that alone passes them is shortened. */
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

/** One page of a list that is whole in memory. */
export function pageOf<S, T>(found: readonly S[], page: Page, show: (item: S) => T, most = PAGE_TOKENS): PageOf<T> {
  const rows = found.slice(page.offset, page.offset + page.limit);
  return shownPage({ rows, total: found.length }, page, show, most);
}
