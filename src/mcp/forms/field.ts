import type { Author } from '../../domain/base/author.ts';
import { inRows } from '../../domain/text/rows.ts';
import { CHOICES } from './prove.ts';

/** The name of a form's one field. */
export const FIELD = 'decision';

/**
 * Clients that cut a field's description without a way to the rest, and scroll its choices. Claude Code shows one row of
 * the description; Codex as many as the terminal has room for, and no sign that there are more. docs/clients.md has what
 * was seen of each.
 */
const SHOW_LISTS = ['claude-code', 'codex-mcp-client'];
/** The columns of a row: Claude Code shows 48 of a choice, of which the margin takes two, and quotes may take two. */
const COLUMNS = 44;
/** Stands before each row of the text, so that no row can be taken for an answer. */
const MARGIN = '│';
const HINT = 'Read down the list. The answers approve and reject are at its end.';

function showsLists(by: Author): boolean {
  return typeof by !== 'string' && SHOW_LISTS.includes(by.client?.split(' ')[0] ?? '');
}

/** Choices that hold the text, row by row, before `approve`: whoever goes down to it has passed all of the text. */
function listed(text: string) {
  const rows = inRows(text.replace(/^ {2}/gm, ''), COLUMNS);
  const [leave, ...others] = CHOICES;
  return {
    enum: [leave, ...rows.map((_, index) => `row ${index + 1} of the text`), ...others],
    enumNames: [leave, ...rows.map((row) => `${MARGIN} ${row}`.trimEnd()), ...others],
  };
}

/**
 * The schema of a form for a client. Clients cut the message above a form, so its one field holds everything: in the
 * description, which clients show whole, or in the list of choices where a client is known to cut the description. There
 * is no default, and no field that may stay empty, which some clients can't send.
 */
export function formSchema(text: string, by: Author) {
  const shown = showsLists(by) ? { description: HINT, ...listed(text) } : { description: text, enum: [...CHOICES] };
  const decision = { type: 'string' as const, title: 'Decision', ...shown };
  return { type: 'object' as const, properties: { [FIELD]: decision }, required: [FIELD] };
}
