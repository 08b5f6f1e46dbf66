import { AppError } from '../base/errors.ts';
import { HALF_A_CHARACTER, halvedAt } from '../base/json.ts';

export type RowKind = 'contact' | 'event';

/**
 * A row as read: numbered from 1 after the header (CSV), by position (JSON) or by line (JSON lines). `text`: the values
 * are CSV cells, whose types are still to be found. `problem`: why the row can't be read.
 */
export type RawRow = {
  row: number;
  kind: RowKind;
  cells: Record<string, unknown>;
  text: boolean;
  problem?: string;
  /** The cells of a row that has too many, counted from its end: `cells` has them counted from its front. */
  shifted?: Record<string, unknown>;
  /** The address that a call gives beside the event itself, in its context. */
  address?: unknown;
  /** A text that this row is of holds half a character somewhere. Rows of JSON may do so anyway. */
  suspect?: true;
  /** The anonymousId that a call gives beside its userId: both are one contact. */
  anonymous?: string;
};

/** Rows and the names of the contacts' columns, in order of appearance; `nameless` tells the columns without a name. */
export type RawRows = { rows: RawRow[]; columns: string[]; nameless?: string[] };

/** The most rows one import may bring (contract, section 2). */
export const MAX_ROWS = 1_000_000;

/** Throws LIMIT_EXCEEDED beyond `MAX_ROWS`. */
export function refuseTooManyRows(count: number): void {
  if (count <= MAX_ROWS) return;
  throw new AppError(
    'LIMIT_EXCEEDED',
    `The import has more than ${MAX_ROWS.toLocaleString('en-US')} rows, the most one import may bring: split it and import the parts one after another.`,
    { max_rows: MAX_ROWS },
  );
}

/** Why a row can't be kept, where it holds half a character; undefined where it doesn't. Names the column. */
export function halvedProblem({ cells, text, suspect }: RawRow): string | undefined {
  const column = text && !suspect ? undefined : halvedAt(cells, '');
  return column === undefined ? undefined : `${column.slice(0, 80) || 'the name of a field'} ${HALF_A_CHARACTER}`;
}

/** Every key of the contact rows, in order of appearance. */
export function columnsOf(rows: readonly RawRow[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) {
    if (row.kind === 'contact') for (const key of Object.keys(row.cells)) columns.add(key);
  }
  return [...columns];
}

/** A value as error messages show it, cut to 80 characters. Arrays and objects are named as such, never shown. */
export function excerpt(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
