import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY } from '../base/json.ts';
import { OWN_TIMES } from '../contacts/contact.ts';
import { excerpt } from './raw-row.ts';

const FIELDS = [
  'id',
  'email',
  'firstname',
  'lastname',
  'phone',
  'company',
  'lifecycle_stage',
  'linkedin_url',
  'do_not_email',
  'do_not_contact',
] as const;
export type ContactField = (typeof FIELDS)[number];

/** Maps a contact's field to the column that fills it. */
export type Mapping = ReadonlyMap<string, string>;

/** Which field a column fills. It is the column's own name where that means none of `FIELDS`. */
export type ColumnStep = { column: string; field: string };
/** How rows with the same columns become contacts; `leftOut` are the columns that fill nothing. */
export type Plan = { steps: readonly ColumnStep[]; leftOut: readonly string[] };

const LISTED_COLUMNS = 50;
const OWN: readonly string[] = OWN_TIMES;

function normalized(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}

/** The field that a column's name means without regard to case, spaces, `_` and `-` (contract, section 3). */
export function fieldOf(name: string): ContactField | undefined {
  const wanted = normalized(name);
  return FIELDS.find((field) => normalized(field) === wanted);
}

/**
 * Reads the argument `mapping`. VALIDATION_ERROR for a field that an import may not set, one named twice, or a column
 * that isn't there. `columns` is called only where there is a mapping.
 */
export function readMapping(mapping: Record<string, string> | undefined, columns: () => ReadonlySet<string>): Mapping {
  const read = new Map<string, string>();
  const entries = Object.entries(mapping ?? {});
  if (entries.length === 0) return read;
  const known = columns();
  for (const [name, column] of entries) {
    const field = fieldOf(name) ?? name;
    refuseField(field, name);
    if (read.has(field)) throw invalid(`mapping names ${field} twice: keep one of its columns.`);
    const present = known.has(column) ? column : column.trim();
    if (!known.has(present)) {
      throw invalid(
        `mapping.${name} is ${excerpt(column)}, and there is no such column. The columns are: ${inOrder(known)}.`,
        {
          [`mapping.${name}`]: 'no such column',
        },
      );
    }
    read.set(field, present);
  }
  return read;
}

function refuseField(field: string, name: string): void {
  if (field === FORBIDDEN_KEY || field.trim() === '')
    throw invalid(`mapping can't name a field ${JSON.stringify(name)}: use another name.`);
  if (!OWN.includes(field)) return;
  throw invalid(`mapping.${name} can't be set: Countersign sets ${field} itself. Map the column to another name.`);
}

function inOrder(columns: ReadonlySet<string>): string {
  const names = [...columns];
  const shown = names.slice(0, LISTED_COLUMNS).map((name) => excerpt(name));
  const more = names.length - shown.length;
  if (names.length === 0) return 'none';
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** How rows with these columns become contacts. VALIDATION_ERROR where two columns would fill one field. */
export function planColumns(columns: readonly string[], mapping: Mapping): Plan {
  const steps: ColumnStep[] = [];
  const leftOut: string[] = [];
  const mapped = new Set(mapping.values());
  const taken = new Map<string, string>();
  const present = new Set(columns);
  for (const [field, column] of mapping) if (present.has(column)) steps.push({ column, field });
  for (const column of columns) {
    if (column === FORBIDDEN_KEY) throw invalid(`A column or key may not be named ${FORBIDDEN_KEY}: rename it.`);
    if (mapped.has(column)) continue;
    const match = fieldOf(column);
    const field = match && !mapping.has(match) ? match : column;
    if (OWN.includes(field) || mapping.has(field)) {
      leftOut.push(column);
      continue;
    }
    const other = taken.get(field);
    if (other !== undefined) throw ambiguous(field, other, column);
    taken.set(field, column);
    steps.push({ column, field });
  }
  return { steps, leftOut };
}

function ambiguous(field: string, one: string, other: string): Error {
  return invalid(
    `The columns ${excerpt(one)} and ${excerpt(other)} both mean ${field}: name the right one in mapping.${field}.`,
    { [`mapping.${field}`]: `${one} or ${other}` },
  );
}
