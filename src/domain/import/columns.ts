import { invalid } from '../base/errors.ts';
import { FORBIDDEN_KEY } from '../base/json.ts';
import { BLOCKING_FLAGS, type BlockingFlag, OWN_FIELDS, TEXT_FIELDS } from '../contacts/contact.ts';
import { type FlagStep, guessedFlag, mappedFlag } from './flag-steps.ts';
import { Paths } from './nested-flags.ts';
import { excerpt } from './raw-row.ts';
import { takeAddress, takeProfile } from './taken-columns.ts';
import { namePart } from './words/column-names.ts';

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
  'bounced',
] as const;
export type ContactField = (typeof FIELDS)[number];

/** Maps a contact's field to the column that fills it. */
export type Mapping = ReadonlyMap<string, string>;
/** The argument `mapping`: null, for do_not_email alone, switches off the guess of objections. */
export type MappingArgument = Record<string, string | null>;

/** Which field a column fills. It is the column's own name where that means none of `FIELDS`. */
export type ColumnStep = {
  column: string;
  field: string;
  /** Other columns with addresses: the first that isn't empty counts where this one is empty. */
  otherwise?: readonly string[];
  /** Only the address of a profile fills the field; other cells stay under the column's name. */
  profilesOnly?: true;
  /** Whether a row of the import had a value here. Reading sets it. */
  filled: boolean;
};
/** A column with a whole name, and the parts of the name that no other column holds. */
export type NameStep = { column: string; fills: readonly ('firstname' | 'lastname')[] };
/** How rows with the same columns become contacts; `leftOut` are the columns that fill nothing. */
export type Plan = {
  steps: readonly ColumnStep[];
  flags: readonly FlagStep[];
  name: NameStep | undefined;
  leftOut: readonly string[];
  columns: readonly string[];
  /** What paths through nested values say. */
  paths: Paths;
};

const LISTED_COLUMNS = 50;
const OWN: readonly string[] = OWN_FIELDS;
const NO_STATUS: ReadonlySet<string> = new Set(['id', ...TEXT_FIELDS]);
/** Fields whose values aren't known as words, in any row. */
const KEYS: ReadonlySet<string> = new Set(['id', 'email']);
const FLAGS: readonly string[] = BLOCKING_FLAGS;

/**
 * A field's name as names are compared: without regard to case, spaces, `_` and `-` (contract, section 3), and to how
 * its letters are spelled: composed or not, full width, with letters between that can't be seen.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-\p{Default_Ignorable_Code_Point}]+/gu, '');
}

const BY_NAME: ReadonlyMap<string, ContactField> = new Map(FIELDS.map((field) => [nameKey(field), field]));

/** The field of every contact that a column's name means. */
export function fieldOf(name: string): ContactField | undefined {
  return BY_NAME.get(nameKey(name));
}

function isFlag(field: string): field is BlockingFlag {
  return FLAGS.includes(field);
}

/**
 * Reads the argument `mapping`. VALIDATION_ERROR for a field that an import may not set, one named twice, or a column
 * that isn't there. `columns` is called only where there is a mapping.
 */
export function readMapping(mapping: MappingArgument | undefined, columns: () => ReadonlySet<string>): Mapping {
  const read = new Map<string, string>();
  const entries = Object.entries(mapping ?? {});
  if (entries.length === 0) return read;
  const known = columns();
  for (const [name, column] of entries) {
    const field = fieldOf(name) ?? name;
    refuseField(field, name);
    if (column === null) {
      if (field === 'do_not_email') continue;
      throw invalid(
        `mapping.${name} is null: only do_not_email takes null, which switches off the guess of objections. Leave ${name} out.`,
      );
    }
    if (read.has(field)) throw invalid(`mapping names ${field} twice: keep one of its columns.`);
    const present = known.has(column) ? column : column.trim();
    if (!known.has(present)) {
      throw invalid(
        `mapping.${name} is ${excerpt(column)}, and there is no such column. The columns are: ${columnList([...known])}.`,
        { [`mapping.${name}`]: 'no such column' },
      );
    }
    read.set(field, present);
  }
  return read;
}

function waivedStep(column: string, field: string): FlagStep | undefined {
  const step = NO_STATUS.has(field) ? guessedFlag(column, false) : undefined;
  const how = KEYS.has(field) && step?.how === 'own' ? 'key' : step?.how;
  return step && how && { ...step, how, isWaived: true };
}

/** Whether a mapping may keep objections from being read: by null, or as it files such a column as another field. */
export function mayWaive(mapping: MappingArgument | undefined): boolean {
  return Object.entries(mapping ?? {}).some(
    ([name, column]) => column === null || waivedStep(column.trim(), fieldOf(name) ?? name) !== undefined,
  );
}

function refuseField(field: string, name: string): void {
  if (field === FORBIDDEN_KEY || field.trim() === '')
    throw invalid(`mapping can't name a field ${JSON.stringify(name)}: use another name.`);
  if (!OWN.includes(field)) return;
  throw invalid(`mapping.${name} can't be set: Countersign sets ${field} itself. Map the column to another name.`);
}

/** Columns as an error lists them. */
export function columnList(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_COLUMNS).map((name) => excerpt(name));
  const more = names.length - shown.length;
  if (names.length === 0) return 'none';
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Collects the plan of rows with the same columns, column by column. */
class Planning {
  readonly steps: ColumnStep[] = [];
  readonly flags: FlagStep[] = [];
  readonly leftOut: string[] = [];
  readonly #mapping: Mapping;
  readonly #taken = new Map<string, string>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
  }

  /** A column that mapping names for a field. */
  map(field: string, column: string): void {
    if (isFlag(field)) this.flags.push(mappedFlag(column, field));
    else this.steps.push({ column, field, filled: false });
    if (NO_STATUS.has(field)) this.#waive(column, field);
    else if (!isFlag(field)) this.guess(column, field);
  }

  /** A column that mapping files as a field without a word of consent, though its name looks like one. */
  #waive(column: string, field: string): void {
    if (FLAGS.some((flag) => this.#mapping.get(flag) === column)) return;
    const step = waivedStep(column, field);
    if (step) this.flags.push(step);
  }

  /** A column that mapping doesn't name. */
  take(column: string): void {
    const match = fieldOf(column);
    const field = match && !this.#mapping.has(match) ? match : column;
    if (OWN.includes(field) || this.#mapping.has(field)) {
      this.leftOut.push(column);
      if (match && isFlag(match)) this.guess(column, column);
      return;
    }
    const other = this.#taken.get(field);
    if (other !== undefined) throw ambiguous(field, other, column);
    this.#taken.set(field, column);
    if (isFlag(field)) this.flags.push({ column, flag: field, how: 'own', isGuess: false });
    else {
      this.steps.push({ column, field, filled: false });
      this.guess(column, field);
    }
  }

  guess(column: string, field: string): void {
    if (NO_STATUS.has(field)) return;
    const step = guessedFlag(column, field === 'lifecycle_stage');
    if (step) this.flags.push(step);
  }

  has(field: string): boolean {
    return this.steps.some((step) => step.field === field);
  }
}

/**
 * How rows with these columns become contacts. VALIDATION_ERROR where two columns would fill one field by name; of the
 * usual names of an address column the best one fills `email`.
 */
export function planColumns(columns: readonly string[], mapping: Mapping): Plan {
  const planning = new Planning(mapping);
  const mapped = new Set(mapping.values());
  const present = new Set(columns);
  for (const [field, column] of mapping) if (present.has(column)) planning.map(field, column);
  for (const column of columns) {
    if (column === FORBIDDEN_KEY) throw invalid(`A column or key may not be named ${FORBIDDEN_KEY}: rename it.`);
    if (!mapped.has(column)) planning.take(column);
  }
  if (!planning.has('email') && !mapping.has('email')) takeAddress(planning.steps);
  if (!planning.has('linkedin_url') && !mapping.has('linkedin_url')) takeProfile(planning.steps);
  const name = takeNames(planning);
  return { steps: planning.steps, flags: planning.flags, name, leftOut: planning.leftOut, columns, paths: new Paths() };
}

/** Has columns with names in other languages fill firstname and lastname, and a whole name what is then missing. */
function takeNames(planning: Planning): NameStep | undefined {
  let whole: string | undefined;
  for (const step of planning.steps) {
    const part = step.field === step.column ? namePart(step.column) : undefined;
    if (part === 'name') whole ??= step.column;
    else if ((part === 'firstname' || part === 'lastname') && !planning.has(part)) step.field = part;
  }
  for (const step of planning.steps) {
    const part = step.field === step.column ? namePart(step.column) : undefined;
    if (part !== 'first' && part !== 'last') continue;
    const [own, other] = part === 'first' ? (['firstname', 'lastname'] as const) : (['lastname', 'firstname'] as const);
    if (!planning.has(other)) whole ??= step.column;
    else if (!planning.has(own)) step.field = own;
  }
  const fills = (['firstname', 'lastname'] as const).filter((part) => !planning.has(part));
  return whole === undefined || fills.length === 0 ? undefined : { column: whole, fills };
}

function ambiguous(field: string, one: string, other: string): Error {
  return invalid(
    `The columns ${excerpt(one)} and ${excerpt(other)} both mean ${field}: name the right one in mapping.${field}.`,
    { [`mapping.${field}`]: `${one} or ${other}` },
  );
}
