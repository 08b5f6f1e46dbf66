import { type SizedPage, UNCUT } from '../../engine/base/paging.ts';
import { pageFields } from '../../mcp/pages.ts';

const MOST_ROWS = 200;
const USUAL_ROWS = 50;

/** The fields by which the page asks for a part of a list. */
export const screenPage = pageFields(MOST_ROWS);

/** The part of a list that is asked for. Its rows are shown whole: no model reads them. */
export function pageAsked({
  limit = USUAL_ROWS,
  offset = 0,
}: {
  limit?: number | undefined;
  offset?: number | undefined;
}): SizedPage {
  return { limit, offset, tokens: UNCUT };
}
