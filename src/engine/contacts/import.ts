import path from 'node:path';
import type { Author } from '../../domain/base/author.ts';
import { invalid } from '../../domain/base/errors.ts';
import { keptObjection, objectionDigest } from '../../domain/contacts/kept-objections.ts';
import { type MappingArgument, mayWaive } from '../../domain/import/columns.ts';
import { type ImportOutcome, mergeRows } from '../../domain/import/merging/merge.ts';
import type { ImportState } from '../../domain/import/merging/options.ts';
import { type ImportColumns, Tally } from '../../domain/import/merging/tally.ts';
import {
  decodeText,
  detectFormat,
  type FormatName,
  notUtf8,
  parseRows,
  type RawRows,
  rowsOfValues,
} from '../../domain/import/parse.ts';
import type { Event } from '../../domain/state/events.ts';
import { contactOf, type View } from '../../domain/state/view.ts';
import { readAllowedFile } from '../../files/allowed-file.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import type { ProofLevel } from '../gate/proof.ts';
import { overlooked, type WaivingImport, waivedBy, waivingImport } from './waived-objections.ts';

const MAX_FILE_BYTES = 256 << 20;

export type ImportArgs = {
  path?: string | undefined;
  csv?: string | undefined;
  contacts?: Record<string, unknown>[] | undefined;
  events?: Record<string, unknown>[] | undefined;
  mapping?: MappingArgument | undefined;
  format?: FormatName | undefined;
  dry_run?: boolean | undefined;
};

/** Large imports take several commits: one of a million rows would be longer than a JavaScript string can be. */
const ROWS_PER_COMMIT = 50_000;
/** The most columns of each kind that a result names. */
const MOST_COLUMNS = 200;

const ANSI =
  "The file isn't UTF-8, so it was read as windows-1252, as Excel and Outlook save CSV. Look at a name with an accent; if it is wrong, save the file as UTF-8 and import it again.";

type Counts = Omit<ImportOutcome, 'contacts' | 'aliases' | 'events' | 'melted' | 'left' | 'tally'>;
type Imported = { counts: Counts; tally: Tally };
type ImportSource = Required<RawRows> & { isAnsi: boolean };
type Job = { args: ImportArgs; import_id: string; columns: readonly string[] };
/** Some of an import's rows, and which of its commits writes them. */
type ImportPart = { rows: ImportSource['rows']; isFirst: boolean; isLast: boolean };

/** An import that was read, and not made yet. `waiving`: it needs a person, because its mapping overlooks objections. */
export type ReadImport = { job: Job; source: ImportSource; waiving: WaivingImport | undefined };
/** Who imports, and the proof that a person decided on what needs one. */
type Importer = { by: Author; via?: ProofLevel | undefined };

type FileRows = RawRows & { isAnsi: boolean };

function fileSource(house: House, wanted: string, named: FormatName | undefined): FileRows {
  const { env, home } = house.deps;
  const reading = { env, home, workingDirectory: process.cwd() };
  const { text, isAnsi } = decodeText(readAllowedFile(wanted, reading, MAX_FILE_BYTES));
  const format = named ?? detectFormat(text, path.basename(wanted));
  if (isAnsi && format !== 'csv') throw notUtf8();
  return { ...parseRows(text, format), isAnsi };
}

function sourcesOf(house: House, args: ImportArgs): ImportSource {
  const file = args.path === undefined ? undefined : fileSource(house, args.path, args.format);
  const sources: RawRows[] = file ? [file] : [];
  if (args.csv !== undefined) sources.push(parseRows(args.csv, args.format ?? 'csv'));
  if (args.contacts) sources.push({ rows: rowsOfValues(args.contacts, 'contact'), columns: [] });
  if (args.events) sources.push({ rows: rowsOfValues(args.events, 'event'), columns: [] });
  if (sources.length === 0)
    throw invalid('Nothing to import: give path, csv, contacts or events.', {
      path: 'one of path, csv, contacts, events is needed',
    });
  return {
    rows: sources.flatMap((source) => source.rows),
    columns: sources.flatMap((source) => source.columns),
    nameless: sources.flatMap((source) => source.nameless ?? []),
    isAnsi: file?.isAnsi ?? false,
  };
}

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

function merged(view: View, { now, newId }: Moment, rows: ImportSource['rows'], job: Job): ImportOutcome {
  const { columns, import_id, args } = job;
  return mergeRows(rows, { mapping: args.mapping, columns, state: stateOf(view), now, newId, import_id });
}

/** A stored contact that melted into another one goes like a deleted one: nothing of its id stays in the log. */
function goneEvent(view: View, contact_id: string, drawn: string): Event[] {
  const contact = view.contact(contact_id);
  if (!contact) return [];
  const { run_ids, agent_ids, thread_ids } = view.tracesOf(contact);
  const stand_in = view.standIn(contact_id, drawn);
  return [{ type: 'contact_deleted', contact_id, run_ids, agent_ids, thread_ids, stand_in }];
}

/** What addresses objected to that an import took from their contacts, by salted digests. */
function keptEvents(view: View, { newSalt }: Moment, left: ImportOutcome['left']): Event[] {
  if (left.length === 0) return [];
  const salt = view.erasures().objections?.salt ?? newSalt();
  const kept = left.map(([address, flags]) => ({ salt, digest: objectionDigest(salt, address), flags }));
  return [{ type: 'objections_kept', kept }];
}

function eventsOf(view: View, moment: Moment, { contacts, aliases, events, melted, left }: ImportOutcome): Event[] {
  const { newId } = moment;
  const written = melted.flatMap((id) => goneEvent(view, id, newId('erased')));
  if (contacts.length + aliases.length > 0) written.push({ type: 'contacts_saved', contacts, aliases });
  if (events.length > 0) written.push({ type: 'events_recorded', events });
  return [...written, ...keptEvents(view, moment, left)];
}

/** Merges rows into the newest state, and commits what changed; a dry run commits nothing. */
function importRows(
  house: House,
  { by, via }: Importer,
  { job, waiving }: ReadImport,
  { rows, isFirst, isLast }: ImportPart,
): Promise<Imported> {
  return house.commit(by, (view, moment) => {
    const allowed = waivedBy(view, moment, waiving, { by, via, isFirst, isLast });
    const outcome = merged(view, moment, rows, job);
    const { contacts, aliases, events, melted, left, tally, ...counts } = outcome;
    const written = job.args.dry_run ? [] : [...eventsOf(view, moment, outcome), ...allowed];
    return { events: written, value: { counts, tally } };
  });
}

/** Reads an import, and finds out whether its mapping overlooks objections, before anything of it is committed. */
export async function readImport(house: House, args: ImportArgs): Promise<ReadImport> {
  const source = sourcesOf(house, args);
  const job: Job = { args, columns: source.columns, import_id: house.deps.newId('imp') };
  if (!mayWaive(args.mapping) || args.dry_run) return { job, source, waiving: undefined };
  const waived = await house.read((view, moment) => merged(view, moment, source.rows, job).tally.waived);
  return { job, source, waiving: waivingImport(source.rows, args.mapping, waived) };
}

function added(sum: Counts, next: Counts): Counts {
  return {
    created: sum.created + next.created,
    updated: sum.updated + next.updated,
    unchanged: sum.unchanged + next.unchanged,
    kept_consent: sum.kept_consent + next.kept_consent,
    events_recorded: sum.events_recorded + next.events_recorded,
    error_count: sum.error_count + next.error_count,
    errors: [...sum.errors, ...next.errors].slice(0, 20),
  };
}

function shortened(names: readonly string[]): string[] {
  const more = names.length - MOST_COLUMNS;
  return more > 0 ? [...names.slice(0, MOST_COLUMNS), `and ${more} more`] : [...names];
}

function shownColumns({ taken, kept, left_out }: ImportColumns): ImportColumns {
  return { taken, kept: shortened(kept), left_out: shortened(left_out) };
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

/**
 * Makes an import. A bad row is reported, the others count. The same import again changes nothing.
 *
 * @throws AppError FORBIDDEN where its mapping overlooks objections, and no person allowed that
 */
export async function makeImport(house: House, importer: Importer, read: ReadImport): Promise<Record<string, unknown>> {
  const { job, source } = read;
  const { rows, nameless } = source;
  const { dry_run = false } = job.args;
  // A dry run commits nothing, so all its rows go into one merge: a second merge wouldn't know the rows of the first.
  const step = dry_run ? Math.max(rows.length, 1) : ROWS_PER_COMMIT;
  const part = (at: number): ImportPart => ({
    ...{ rows: rows.slice(at, at + step), isFirst: at === 0, isLast: at + step >= rows.length },
  });
  const first = await importRows(house, importer, read, part(0));
  let { counts } = first;
  const tally = new Tally();
  tally.add(first.tally);
  for (let at = step; at < rows.length; at += step) {
    const next = await importRows(house, importer, read, part(at));
    counts = added(counts, next.counts);
    tally.add(next.tally);
  }
  const { errors, ...numbers } = counts;
  const warnings = [...waivedWarnings(tally, dry_run), ...tally.warnings(), ...(source.isAnsi ? [ANSI] : [])];
  const shown = { warnings, columns: shownColumns(tally.columns(nameless)), errors };
  return { import_id: job.import_id, ...numbers, ...shown, ...(dry_run ? { dry_run } : {}) };
}
