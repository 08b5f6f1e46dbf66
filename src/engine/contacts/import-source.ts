import path from 'node:path';
import { invalid } from '../../domain/base/errors.ts';
import type { MappingArgument } from '../../domain/import/columns.ts';
import {
  decodeText,
  detectFormat,
  type FormatName,
  notUtf8,
  type RowSource,
  rowsOfText,
  rowsOfValues,
  textOfString,
} from '../../domain/import/parse.ts';
import { joinedSource, refuseTooManyRows, remembering, type Survey, surveyOf } from '../../domain/import/raw-row.ts';
import { CONTACTS_FILE, readAllowedFile } from '../../files/allowed-file.ts';
import { endInTurns } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { MOST_IN_ONE } from './import-parts.ts';

export type ImportArgs = {
  path?: string | undefined;
  csv?: string | undefined;
  /** A file's text that somebody gave whole, and its name: the format is found out, as for a file. */
  text?: { content: string; name: string | undefined } | undefined;
  contacts?: Record<string, unknown>[] | undefined;
  events?: Record<string, unknown>[] | undefined;
  mapping?: MappingArgument | undefined;
  format?: FormatName | undefined;
  dry_run?: boolean | undefined;
};

/** The rows of an import, which were all gone through once. `isAnsi`: its file is in windows-1252. */
export type ImportSource = { rows: RowSource; survey: Survey; nameless: readonly string[]; isAnsi: boolean };

type FileRows = RowSource & { isAnsi: boolean };

async function fileSource(house: House, wanted: string, named: FormatName | undefined): Promise<FileRows> {
  const { env, home, workingDirectory } = house.deps;
  const reading = { env, home, workingDirectory };
  const { text, isAnsi } = decodeText(await readAllowedFile(wanted, reading, CONTACTS_FILE));
  const format = named ?? detectFormat(text, path.basename(wanted));
  if (isAnsi && format !== 'csv') throw notUtf8();
  return { ...rowsOfText(text, format), isAnsi };
}

/** Reads what an import brings. VALIDATION_ERROR, LIMIT_EXCEEDED where it can't be read to its end. */
export async function sourcesOf(house: House, args: ImportArgs): Promise<ImportSource> {
  const file = args.path === undefined ? undefined : await fileSource(house, args.path, args.format);
  const given: RowSource[] = file ? [file] : [];
  if (args.csv !== undefined) given.push(rowsOfText(textOfString(args.csv), args.format ?? 'csv'));
  if (args.text !== undefined) {
    const text = textOfString(args.text.content);
    given.push(rowsOfText(text, args.format ?? detectFormat(text, args.text.name)));
  }
  if (args.contacts) given.push(rowsOfValues(args.contacts, 'contact'));
  if (args.events) given.push(rowsOfValues(args.events, 'event'));
  if (given.length === 0)
    throw invalid('Nothing to import: give path, csv, contacts or events.', {
      path: 'one of path, csv, contacts, events is needed',
    });
  const sources = given.map((source) => remembering(source, MOST_IN_ONE));
  return {
    rows: joinedSource(sources),
    survey: await surveyed(sources),
    nameless: sources.flatMap((source) => source.nameless ?? []),
    isAnsi: file?.isAnsi ?? false,
  };
}

/** Goes through all rows once, so that an import that can't be read to its end changes nothing. */
async function surveyed(sources: readonly RowSource[]): Promise<Survey> {
  let sum: Survey = { contacts: 0, events: 0, columns: [] };
  for (const source of sources) {
    const { contacts, events, columns } = await endInTurns(surveyOf(source));
    sum = {
      contacts: sum.contacts + contacts,
      events: sum.events + events,
      columns: [...sum.columns, ...columns],
    };
    refuseTooManyRows(sum.contacts + sum.events);
  }
  return sum;
}
