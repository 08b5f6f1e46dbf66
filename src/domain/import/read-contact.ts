import { wireAddress } from '../contacts/address.ts';
import { profileKey } from '../contacts/profile-url.ts';
import { type ColumnStep, columnList, type Plan } from './columns.ts';
import type { FlagSaid } from './flag-steps.ts';
import { contextTraits, setWithin } from './nested-flags.ts';
import { halvedProblem, type RawRow } from './raw-row.ts';
import { readFlags } from './read-flags.ts';
import { isBlank, isTextField, Problem, readEmail, readFree, readId, readText } from './values.ts';
import { splitName } from './words/column-names.ts';

/**
 * What a row says of a contact: `values` holds the value of each of `fields`, in the same order, without empty cells;
 * `said` is what its cells say of the flags.
 */
export type ContactRow = {
  id: string | undefined;
  email: string | undefined;
  fields: string[];
  values: unknown[];
  said: readonly FlagSaid[];
};

/** What a row says of the flags, by its columns and by what stands beside them. */
function saidIn(row: RawRow, plan: Plan): readonly FlagSaid[] {
  const said = readFlags(row, plan);
  return row.traits === undefined ? said : [...said, ...setWithin(contextTraits(), row.traits)];
}

/** Reads a row's cells by the plan; returns the first problem where there is one. */
export function readContact(row: RawRow, plan: Plan): ContactRow | Problem {
  const halved = halvedProblem(row);
  if (halved !== undefined) return new Problem(halved);
  const read: ContactRow = { id: undefined, email: undefined, fields: [], values: [], said: saidIn(row, plan) };
  for (const step of plan.steps) {
    const cell = step.otherwise === undefined ? row.cells[step.column] : cellOf(row, step);
    if (isBlank(cell, row.text)) continue;
    if (!step.filled) step.filled = true;
    const value = readCell(cell, step, row.text);
    if (value instanceof Problem) return value;
    if (value === undefined) continue;
    if (step.field === 'id' && typeof value === 'string') {
      read.id = value;
      continue;
    }
    if (step.field === 'email' && typeof value === 'string') read.email = value;
    add(read, step.profilesOnly && profileKey(value) === undefined ? step.column : step.field, value);
  }
  if (plan.name) addNames(row, plan, read);
  if (read.id === undefined && read.email === undefined) read.id = profileIn(read);
  if (read.id === undefined && read.email === undefined) return new Problem(noKey(plan));
  if (read.email === undefined && read.id !== undefined) addAddressOf(read, read.id);
  return read;
}

function add(read: ContactRow, field: string, value: unknown): void {
  read.fields.push(field);
  read.values.push(value);
}

/** The profile that a row gives, as a key: it stands for an id where a row has neither id nor address. */
export function profileIn({ fields, values }: Pick<ContactRow, 'fields' | 'values'>): string | undefined {
  return profileKey(values[fields.indexOf('linkedin_url')]);
}

/** The cell of a step; for an address that is missing, that of the first other column that has one. */
function cellOf({ cells, text }: RawRow, { column, otherwise }: ColumnStep): unknown {
  const cell = cells[column];
  if (otherwise === undefined || !isBlank(cell, text)) return cell;
  return otherwise.map((other) => cells[other]).find((other) => !isBlank(other, text));
}

/** An id that is an address is the contact's address too, where the row has no other. */
function addAddressOf(read: ContactRow, id: string): void {
  if (!id.includes('@') || wireAddress(id) !== id) return;
  read.email = id;
  add(read, 'email', id);
}

/** The parts of a whole name that no column has. Beside a first name, the rest of the whole name is the last name. */
function addNames({ cells, text }: RawRow, plan: Plan, read: ContactRow): void {
  const cell = plan.name && cells[plan.name.column];
  if (!plan.name || typeof cell !== 'string' || isBlank(cell, text)) return;
  const first = read.values[read.fields.indexOf('firstname')];
  const name = cell.trim();
  const isRest = typeof first === 'string' && !name.includes(',') && name !== first && !name.startsWith(`${first} `);
  const parts = isRest ? { lastname: name } : splitName(name);
  for (const part of plan.name.fills) {
    const value =
      typeof first === 'string' && name.startsWith(`${first} `) ? name.slice(first.length + 1) : parts[part];
    if (value !== undefined && value !== '') add(read, part, value);
  }
}

function noKey(plan: Plan): string {
  const what =
    'has neither id nor email: name the column that tells contacts apart in mapping.id, or the one with addresses in';
  return `${what} mapping.email, or fill in the cell. The columns are: ${columnList(plan.columns)}`;
}

function readCell(cell: unknown, step: ColumnStep, text: boolean): unknown {
  const { field, column } = step;
  if (field === 'id') return readId(cell, column);
  if (field === 'email') return readEmail(cell, column);
  return isTextField(field) ? readText(cell, column) : readFree(cell, column, text);
}
