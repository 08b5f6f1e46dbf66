import { BLOCKING_FLAGS, type BlockingFlag, type Contact, OWN_FIELDS, TEXT_FIELDS } from '../contacts/contact.ts';
import type { Plan } from './columns.ts';
import { cellSays, type FlagSaid, guessedFlag, sets } from './flag-steps.ts';
import { isSaidWithin, isTree, Paths, saidWithin } from './nested-flags.ts';
import type { RawRow } from './raw-row.ts';
import { isBlank } from './values.ts';

/** A flag, and whether it is set. */
export type FlagValue = readonly [flag: BlockingFlag, value: boolean];

const NOTHING: readonly FlagSaid[] = [];
const NO_FLAGS: readonly FlagValue[] = [];

/** What a row says of consent and bounces, by the columns of its plan; empty where it says nothing. */
export function readFlags(row: RawRow, plan: Plan): readonly FlagSaid[] {
  let said: FlagSaid[] | undefined;
  for (const step of plan.flags) {
    const cell = row.cells[step.column];
    if (isBlank(cell, row.text)) continue;
    step.filled = true;
    const one = isTree(cell) && isSaidWithin(plan.paths.at(step.column), cell) ? undefined : cellSays(step, cell);
    if (one === undefined) continue;
    said ??= [];
    said.push(one);
  }
  const nested = row.text ? NOTHING : saidInTrees(row, plan);
  return said === undefined || nested.length === 0 ? (said ?? nested) : [...said, ...nested];
}

/** What nested traits say, such as `{"preferences": {"unsubscribed": true}}`. */
function saidInTrees({ cells }: RawRow, { columns, leftOut, paths }: Plan): readonly FlagSaid[] {
  let said: FlagSaid[] | undefined;
  for (const column of columns) {
    const cell = cells[column];
    if (!isTree(cell) || leftOut.includes(column)) continue;
    said ??= [];
    said.push(...saidWithin(paths.at(column), cell));
  }
  return said ?? NOTHING;
}

/** The flags that what a row said sets, and those to which it says no: a flag that one cell sets is set. */
export function flagsIn(said: readonly FlagSaid[]): readonly FlagValue[] {
  if (said.length === 0) return NO_FLAGS;
  const found: FlagValue[] = [];
  for (const flag of BLOCKING_FLAGS) {
    let value: boolean | undefined;
    for (const one of said)
      if (one.flag === flag) value = sets(one) || (one.what === 'clear' ? (value ?? false) : value);
    if (value !== undefined) found.push([flag, value]);
  }
  return found;
}

/** What a contact's own columns don't include. */
const KEPT_APART: ReadonlySet<string> = new Set(['id', ...TEXT_FIELDS, ...BLOCKING_FLAGS, ...OWN_FIELDS]);

/** The name of the import, as a flag's source has it, where a home of before held the objection in a plain column. */
const OF_BEFORE = 'before';

/**
 * A contact of a home of before with the flags that its own columns set by the rules of imports; undefined where they
 * set none. To be asked once for every stored contact when a home of format 1 is raised to 2 (contract, section 5). `at`
 * is the time of the raising.
 */
export function withFlagsOfColumns(contact: Contact, at: string): Contact | undefined {
  const columns = Object.keys(contact).filter((name) => !KEPT_APART.has(name));
  const flags = columns.flatMap((column) => guessedFlag(column, column === 'lifecycle_stage') ?? []);
  const steps = columns.map((column) => ({ column, field: column, filled: false }));
  const plan: Plan = { steps, flags, name: undefined, leftOut: [], columns, paths: new Paths() };
  const said = readFlags({ row: 0, at: 0, kind: 'contact', cells: contact, text: false }, plan).filter(sets);
  const added = said.filter(({ flag }) => !contact[flag]);
  if (added.length === 0) return undefined;
  return { ...contact, ...withSources(contact, added, { import_id: OF_BEFORE, at }), updated_at: at };
}

/**
 * The fields that what a row said changes in a contact: the flags, where each comes from, and when the address bounced.
 * A flag that is set without a source keeps none, because what set it isn't known.
 */
export function withSources(
  contact: Partial<Contact>,
  said: readonly Pick<FlagSaid, 'flag' | 'column' | 'value'>[],
  { import_id, at }: { import_id: string; at: string },
): Partial<Contact> {
  const sources = [...(contact.consent_sources ?? [])];
  const changes: Partial<Contact> = {};
  for (const { flag, column, value } of said) {
    const isUnknown = contact[flag] === true && !sources.some((source) => source.flag === flag);
    const isThere = sources.some((one) => one.flag === flag && one.column === column && one.value === value);
    if (isUnknown || isThere) continue;
    sources.push({ flag, column, value, import_id, at });
    changes.consent_sources = sources;
    if (contact[flag]) continue;
    changes[flag] = true;
    if (flag === 'bounced') changes.bounced_at = at;
  }
  return changes;
}
