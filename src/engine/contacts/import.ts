import path from 'node:path';
import type { Author } from '../../domain/base/author.ts';
import { invalid } from '../../domain/base/errors.ts';
import { type ImportOutcome, mergeRows } from '../../domain/import/merge.ts';
import {
  decodeText,
  detectFormat,
  type FormatName,
  parseRows,
  type RawRow,
  rowsOfValues,
} from '../../domain/import/parse.ts';
import type { Event } from '../../domain/state/events.ts';
import { contactOf } from '../../domain/state/view.ts';
import { readAllowedFile } from '../../files/allowed-file.ts';
import type { House } from '../base/house.ts';

const MAX_FILE_BYTES = 256 << 20;

export type ImportArgs = {
  path?: string | undefined;
  csv?: string | undefined;
  contacts?: Record<string, unknown>[] | undefined;
  events?: Record<string, unknown>[] | undefined;
  mapping?: Record<string, string> | undefined;
  format?: FormatName | undefined;
  dry_run?: boolean | undefined;
};

/** Large imports take several commits: one of a million rows would be longer than a JavaScript string can be. */
const ROWS_PER_COMMIT = 50_000;

type Report = Omit<ImportOutcome, 'contacts' | 'aliases' | 'events'>;
type ImportSource = { rows: RawRow[]; columns: string[] };

function fileSource(house: House, wanted: string, format: FormatName | undefined): ImportSource {
  const text = decodeText(readAllowedFile(wanted, house.deps.env, process.cwd(), MAX_FILE_BYTES));
  return parseRows(text, format ?? detectFormat(text, path.basename(wanted)));
}

function sourcesOf(house: House, args: ImportArgs): ImportSource {
  const sources: ImportSource[] = [];
  if (args.path !== undefined) sources.push(fileSource(house, args.path, args.format));
  if (args.csv !== undefined) sources.push(parseRows(args.csv, args.format ?? 'csv'));
  if (args.contacts) sources.push({ rows: rowsOfValues(args.contacts, 'contact'), columns: [] });
  if (args.events) sources.push({ rows: rowsOfValues(args.events, 'event'), columns: [] });
  if (sources.length === 0)
    throw invalid('Nothing to import: give path, csv, contacts or events.', {
      path: 'one of path, csv, contacts, events is needed',
    });
  return { rows: sources.flatMap((source) => source.rows), columns: sources.flatMap((source) => source.columns) };
}

/** Merges rows into the newest state, and commits what changed; a dry run commits nothing. */
function importRows(house: House, by: Author, { rows, columns }: ImportSource, args: ImportArgs): Promise<Report> {
  return house.commit(by, (view, { now, newId }) => {
    const outcome = mergeRows(rows, {
      mapping: args.mapping,
      columns,
      state: {
        contact: (id) => contactOf(view, id),
        byEmail: view.contactAt,
        events: (id) => view.activity(id).events,
      },
      now,
      newId,
    });
    const { contacts, aliases, events, ...report } = outcome;
    const written: Event[] = [];
    if (contacts.length + aliases.length > 0) written.push({ type: 'contacts_saved', contacts, aliases });
    if (events.length > 0) written.push({ type: 'events_recorded', events });
    return { events: args.dry_run ? [] : written, value: report };
  });
}

function added(sum: Report, next: Report): Report {
  return {
    created: sum.created + next.created,
    updated: sum.updated + next.updated,
    unchanged: sum.unchanged + next.unchanged,
    kept_consent: sum.kept_consent + next.kept_consent,
    events_recorded: sum.events_recorded + next.events_recorded,
    error_count: sum.error_count + next.error_count,
    errors: [...sum.errors, ...next.errors].slice(0, 20),
    warnings: [...new Set([...sum.warnings, ...next.warnings])],
  };
}

/** Imports contacts and events. A bad row is reported, the others count. The same import again changes nothing. */
export async function importContacts(house: House, by: Author, args: ImportArgs): Promise<Record<string, unknown>> {
  const { rows, columns } = sourcesOf(house, args);
  // A dry run commits nothing, so all its rows go into one merge: a second merge wouldn't know the rows of the first.
  const step = args.dry_run ? Math.max(rows.length, 1) : ROWS_PER_COMMIT;
  let report = await importRows(house, by, { rows: rows.slice(0, step), columns }, args);
  for (let at = step; at < rows.length; at += step) {
    report = added(report, await importRows(house, by, { rows: rows.slice(at, at + step), columns }, args));
  }
  return { ...report, ...(args.dry_run ? { dry_run: true } : {}) };
}
