import type { ColumnStep, Plan } from './columns.ts';
import type { RawRow } from './raw-row.ts';
import { isBlank, isTextField, Problem, readEmail, readFlag, readFree, readId, readText } from './values.ts';

/**
 * What a row says of a contact: `values` holds the value of each of `fields`, in the same order, without empty cells.
 */
export type ContactRow = { id: string | undefined; email: string | undefined; fields: string[]; values: unknown[] };

/** Reads a row's cells by the plan; returns the first problem where there is one. */
export function readContact(row: RawRow, plan: Plan): ContactRow | Problem {
  const read: ContactRow = { id: undefined, email: undefined, fields: [], values: [] };
  for (const step of plan.steps) {
    const cell = row.cells[step.column];
    if (isBlank(cell, row.text)) continue;
    const value = readCell(cell, step, row.text);
    if (value instanceof Problem) return value;
    if (value === undefined) continue;
    if (step.field === 'id' && typeof value === 'string') {
      read.id = value;
      continue;
    }
    if (step.field === 'email' && typeof value === 'string') read.email = value;
    read.fields.push(step.field);
    read.values.push(value);
  }
  return read.id === undefined && read.email === undefined ? new Problem(NO_KEY) : read;
}

const NO_KEY =
  'has neither id nor email: name the column that tells contacts apart in mapping.id, or fill in the id or email';

function readCell(cell: unknown, step: ColumnStep, text: boolean): unknown {
  const { field, column } = step;
  if (field === 'id') return readId(cell, column);
  if (field === 'email') return readEmail(cell, column);
  if (field === 'do_not_email' || field === 'do_not_contact') return readFlag(cell, column);
  return isTextField(field) ? readText(cell, column) : readFree(cell, column, text);
}
