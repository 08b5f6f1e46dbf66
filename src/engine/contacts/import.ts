import type { Author } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import { keptObjection } from '../../domain/contacts/kept-objections.ts';
import { mayWaive } from '../../domain/import/columns.ts';
import { firstErrors, type ImportOutcome, mergeRows } from '../../domain/import/merging/merge.ts';
import type { ImportState } from '../../domain/import/merging/options.ts';
import { type ImportColumns, Tally } from '../../domain/import/merging/tally.ts';
import type { RawRow } from '../../domain/import/raw-row.ts';
import { contactOf, type View, wholeOf } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import type { ProofLevel } from '../gate/proof.ts';
import type { OnProgress } from '../runs/read.ts';
import { Foreseen } from './foreseen.ts';
import { eventsOf } from './import-events.ts';
import { type ImportPart, importParts, isLarge } from './import-parts.ts';
import { type ImportArgs, type ImportSource, sourcesOf } from './import-source.ts';
import { keyColumns, loadAhead } from './load-ahead.ts';
import { overlooked, type WaivingImport, waivedBy, waivingImport } from './waived-objections.ts';

/** The most columns of each kind that a result names. */
const MOST_COLUMNS = 200;

const ANSI =
  "The file isn't UTF-8, so it was read as windows-1252, as Excel and Outlook save CSV. Look at a name with an accent; if it is wrong, save the file as UTF-8 and import it again.";

const DRY_AND_LARGE =
  'The dry run kept 100,000 new and changed records in mind. Where later rows say something of another record behind these, it may be counted more than once. The import itself counts right.';

type Counts = Omit<ImportOutcome, 'contacts' | 'aliases' | 'events' | 'melted' | 'left' | 'tally'>;
type Imported = { counts: Counts; tally: Tally };
type Job = { args: ImportArgs; import_id: string; columns: readonly string[]; given: Map<string, string> };

/** An import that was read, and not made yet. `waiving`: it needs a person, because its mapping overlooks objections. */
export type ReadImport = { job: Job; source: ImportSource; waiving: WaivingImport | undefined };
/** Who imports, and the proof that a person decided on what needs one. */
type Importer = { by: Author; via?: ProofLevel | undefined; onProgress?: OnProgress | undefined };

function stateOf(view: View): ImportState {
  const erasures = view.erasures();
  return {
    contact: (id) => contactOf(view, id),
    atAddress: view.contactsAt,
    events: (id) => view.activity(id).events,
    objected: (email) => keptObjection(erasures, email),
    hasHistory(contact) {
      const { results, thread_ids } = view.tracesOf(contact);
      const { notes } = view.activity(contact.id);
      return results + thread_ids.length + notes.length + view.ledger(contact.id).length > 0;
    },
  };
}

function merged(state: ImportState, { now, newId }: Moment, rows: readonly RawRow[], job: Job): ImportOutcome {
  const { args, ...same } = job;
  return mergeRows(rows, { ...same, mapping: args.mapping, state, now, newId });
}

function importedBy({ contacts, aliases, events, melted, left, tally, ...counts }: ImportOutcome): Imported {
  return { counts, tally };
}

/** Merges a part of the rows into the newest state, and commits what changed. */
function importPart(
  house: House,
  { by, via }: Importer,
  { job, waiving }: ReadImport,
  { rows, isFirst, isLast }: ImportPart,
): Promise<Imported> {
  return house.commit(by, (looker, moment) => {
    // Contacts belong to the home: what any agent did for one counts.
    const view = wholeOf(looker);
    const allowed = waivedBy(view, moment, waiving, { by, via, isFirst, isLast });
    const outcome = merged(stateOf(view), moment, rows, job);
    return { events: [...eventsOf(view, moment, outcome), ...allowed], value: importedBy(outcome) };
  });
}

/** Finds out what a part would change after those before it, which are kept in mind. */
async function foreseePart(
  house: House,
  foreseen: Foreseen,
  { job }: ReadImport,
  { rows }: ImportPart,
): Promise<Imported> {
  const outcome = await house.read((view, moment) => merged(foreseen.over(stateOf(wholeOf(view))), moment, rows, job));
  foreseen.take(outcome);
  return importedBy(outcome);
}

/** Reads an import, and finds out whether its mapping overlooks objections, before anything of it is committed. */
export async function readImport(house: House, args: ImportArgs): Promise<ReadImport> {
  const source = await sourcesOf(house, args);
  const import_id = house.deps.newId('imp');
  const job: Job = { args, columns: source.survey.columns, import_id, given: new Map() };
  if (!mayWaive(args.mapping) || args.dry_run) return { job, source, waiving: undefined };
  const tally = new Tally();
  // Whether a row objects doesn't depend on other rows, so each part can be asked by itself.
  for await (const { rows } of importParts(house, source.rows, source.survey))
    tally.add(await house.read((view, moment) => merged(stateOf(wholeOf(view)), moment, rows, job).tally));
  return { job, source, waiving: await waivingImport(source.rows, args.mapping, tally.waived) };
}

const NONE: Counts = {
  created: 0,
  updated: 0,
  unchanged: 0,
  kept_consent: 0,
  events_recorded: 0,
  error_count: 0,
  errors: [],
};

function added(sum: Counts, next: Counts): Counts {
  return {
    created: sum.created + next.created,
    updated: sum.updated + next.updated,
    unchanged: sum.unchanged + next.unchanged,
    kept_consent: sum.kept_consent + next.kept_consent,
    events_recorded: sum.events_recorded + next.events_recorded,
    error_count: sum.error_count + next.error_count,
    errors: firstErrors([...sum.errors, ...next.errors]),
  };
}

function firstColumns(names: readonly string[]): string[] {
  const more = names.length - MOST_COLUMNS;
  return more > 0 ? [...names.slice(0, MOST_COLUMNS), `and ${more} more`] : [...names];
}

function shownColumns({ taken, kept, left_out }: ImportColumns): ImportColumns {
  return { taken, kept: firstColumns(kept), left_out: firstColumns(left_out) };
}

/** What the mapping of an import overlooks, or would overlook in a dry run. */
function waivedWarnings({ waived }: Tally, isDry: boolean): string[] {
  if (waived.size === 0) return [];
  const then = isDry
    ? 'Such an import waits for a person’s yes'
    : 'A person allowed that, so these people may be written to';
  return [
    `The mapping keeps objections from being read, and these columns hold some: ${overlooked(Object.fromEntries(waived))}. ${then}.`,
  ];
}

/** Imports contacts and events, as the engine's own callers do. */
export async function importContacts(house: House, by: Author, args: ImportArgs): Promise<Record<string, unknown>> {
  return makeImport(house, { by }, await readImport(house, args));
}

/** The error of a part, with what the parts before it did already. */
function afterOthers(error: unknown, done: number): unknown {
  if (done === 0 || !(error instanceof AppError)) return error;
  const words = `${done} rows were imported before that, and stay: the corrected import changes nothing of them.`;
  return new AppError(error.code, `${error.message} ${words}`, error.details);
}

/** Makes an import part by part; other calls get their turn between them. */
async function makeParts(
  house: House,
  importer: Importer,
  read: ReadImport,
  foreseen: Foreseen | undefined,
): Promise<Imported> {
  const { rows, survey } = read.source;
  const tally = new Tally();
  let counts = NONE;
  let done = 0;
  const columns = keyColumns(survey.columns, read.job.args.mapping);
  for await (const part of importParts(house, rows, survey)) {
    await loadAhead(house, part.rows, columns);
    const making = foreseen ? foreseePart(house, foreseen, read, part) : importPart(house, importer, read, part);
    const made = await making.catch((error: unknown) => {
      throw afterOthers(error, foreseen ? 0 : done);
    });
    counts = added(counts, made.counts);
    tally.add(made.tally);
    done = part.done;
    if (!part.isLast) importer.onProgress?.(done, survey.contacts + survey.events, 'rows imported');
  }
  return { counts, tally };
}

/**
 * Makes an import. A bad row is reported, the others count. The same import again changes nothing.
 *
 * @throws AppError FORBIDDEN where its mapping overlooks objections, and no person allowed that
 */
export async function makeImport(house: House, importer: Importer, read: ReadImport): Promise<Record<string, unknown>> {
  const { job, source } = read;
  const { dry_run = false } = job.args;
  const foreseen = dry_run ? new Foreseen() : undefined;
  const { counts, tally } = await makeParts(house, importer, read, foreseen);
  if (!dry_run && isLarge(source.survey)) await house.store.settle();
  const { errors, ...numbers } = counts;
  const warnings = [
    ...waivedWarnings(tally, dry_run),
    ...tally.warnings(),
    ...(foreseen?.isFull ? [DRY_AND_LARGE] : []),
    ...(source.isAnsi ? [ANSI] : []),
  ];
  const shown = {
    warnings,
    columns: shownColumns(tally.columns(source.nameless)),
    errors: errors.map(({ row, message }) => ({ row, message })),
  };
  return { import_id: job.import_id, ...numbers, ...shown, ...(dry_run ? { dry_run } : {}) };
}
