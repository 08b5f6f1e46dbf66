import { AppError } from '../base/errors.ts';
import { HALF_A_CHARACTER, halvedAt } from '../base/json.ts';

export type RowKind = 'contact' | 'event';

/**
 * A row's number, from 1 after the header (CSV), by position (JSON) or by line (JSON lines); and where the row stands among
 * all of its import. `at` rises from one line or value to the next one, and the rows of one line share it.
 */
export type Spot = { row: number; at: number };

/**
 * A row as read. `text`: the values are CSV cells, whose types are still to be found. `problem`: why the row can't be read.
 */
export type RawRow = Spot & {
  kind: RowKind;
  cells: Record<string, unknown>;
  text: boolean;
  problem?: string;
  /** The cells of a row that has too many, counted from its end: `cells` has them counted from its front. */
  shifted?: Record<string, unknown>;
  /** The address that a call gives beside the event itself, in its context. */
  address?: unknown;
  /** What a call's context says of the user. It sets no field, but an objection in it counts. */
  traits?: Record<string, unknown>;
  /** A text that this row is of holds half a character somewhere. Rows of JSON may do so anyway. */
  suspect?: true;
  /** The anonymousId that a call gives beside its userId: both are one contact. */
  anonymous?: string;
};

/**
 * Rows that can be gone through again and again, some at a time: all of them may be more than the memory holds.
 * `columns` are those that a header names, `nameless` tells those without a name. The rows of JSON have no header.
 */
export type RowSource = {
  /** From the first row on. Each step takes little time, and may bring no row. */
  batches: () => Generator<readonly RawRow[]>;
  /** Reads the rows again that stand at one spot, and no others. A source without it has no events. */
  again?: (spot: Spot) => readonly RawRow[];
  /** Every row's `at` is below it. */
  end: number;
  columns?: readonly string[];
  nameless?: readonly string[];
};

/** The same rows. Where there are at most so many, they are kept once they were gone through, and not read again. */
export function remembering(source: RowSource, most: number): RowSource {
  let kept: readonly (readonly RawRow[])[] | undefined;
  return {
    ...source,
    *batches() {
      if (kept) {
        yield* kept;
        return;
      }
      const seen: (readonly RawRow[])[] = [];
      let count = 0;
      for (const batch of source.batches()) {
        count += batch.length;
        if (count <= most) seen.push(batch);
        yield batch;
      }
      if (count <= most) kept = seen;
    },
  };
}

/** The rows of several sources, one after another. */
export function joinedSource(sources: readonly RowSource[]): RowSource {
  let end = 0;
  const shifted = sources.map((source) => {
    const from = end;
    end += source.end;
    return from === 0 ? source : shiftedBy(from, source);
  });
  return {
    *batches() {
      for (const source of shifted) yield* source.batches();
    },
    again: (spot) => shifted.find((source) => spot.at < source.end)?.again?.(spot) ?? [],
    end,
  };
}

/** The rows of a source that stands behind others. */
function shiftedBy(from: number, { batches, again, end }: RowSource): RowSource {
  const shift = (rows: readonly RawRow[]) => rows.map((row) => ({ ...row, at: row.at + from }));
  return {
    *batches() {
      for (const rows of batches()) yield shift(rows);
    },
    again: ({ row, at }) => shift(again?.({ row, at: at - from }) ?? []),
    end: from + end,
  };
}

/**
 * What going through all rows once tells: how many are of each kind, and the contacts' columns in order of appearance.
 */
export type Survey = { contacts: number; events: number; columns: readonly string[] };

/** The keys by which an event names its contact: the first one that it has counts. */
export const WHOSE_KEYS = ['contact_id', 'userId', 'user_id', 'anonymousId', 'anonymous_id'] as const;

/** What stands where an id should, as a text; empty where that is neither text nor number, and so no id. */
export function idText(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
}

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

/**
 * Goes through all rows once, a batch with each step, and keeps none. VALIDATION_ERROR and LIMIT_EXCEEDED where they
 * can't be read to their end, before anything is made of the first one.
 */
export function* surveyOf({ batches, columns: named }: RowSource): Generator<undefined, Survey> {
  const columns = new Set(named);
  let [contacts, events] = [0, 0];
  for (const batch of batches()) {
    for (const row of batch) {
      if (row.kind === 'contact') contacts++;
      else events++;
      if (row.kind === 'contact' && named === undefined) for (const key of Object.keys(row.cells)) columns.add(key);
    }
    refuseTooManyRows(contacts + events);
    yield;
  }
  return { contacts, events, columns: [...columns] };
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
