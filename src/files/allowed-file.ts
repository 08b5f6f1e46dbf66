import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AppError, notFound } from '../domain/base/errors.ts';
import { errorCode } from './durable.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The folders in which `import_contacts` may read files: those of COUNTERSIGN_ALLOW_DIRS. Unset, it is the folder where
 * the server was started, unless that is a root or the home directory.
 */
function allowedFolders(env: Env, workingDirectory: string): string[] {
  const listed = env.COUNTERSIGN_ALLOW_DIRS;
  if (listed !== undefined && listed !== '') return listed.split(path.delimiter).filter((folder) => folder !== '');
  const isTooWide = workingDirectory === path.parse(workingDirectory).root || workingDirectory === os.homedir();
  return isTooWide ? [] : [workingDirectory];
}

function realpath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

/** The kinds of files that hold contacts, by the end of their names (contract, section 3). */
const KINDS = ['.csv', '.tsv', '.txt', '.json', '.jsonl', '.ndjson'] as const;

/** Why a file isn't read although it lies in an allowed folder; undefined where it may be. */
function refusedFor(file: string, home: string | undefined): string | undefined {
  if (!KINDS.some((kind) => file.toLowerCase().endsWith(kind)))
    return `isn't a file of contacts: only ${KINDS.join(', ')} are read`;
  const hidden = file.split(path.sep).find((part) => part.startsWith('.') && part !== '.' && part !== '..');
  if (hidden !== undefined) return `has a hidden part in its path (${hidden}), and hidden files aren't read`;
  const homes = home === undefined ? [] : [path.resolve(home), realpath(home) ?? path.resolve(home)];
  if (homes.some((folder) => file === folder || file.startsWith(folder + path.sep)))
    return 'lies below the home of Countersign, whose files are its own';
  return undefined;
}

/** Where a file may be read: which folders the environment allows, where a relative path starts, and the home. */
export type Reading = { env: Env; workingDirectory: string; home: string | undefined };

function leadsToFolder(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * The real path of a file, with links followed. FORBIDDEN where it lies outside the allowed folders, or is no file that
 * holds contacts.
 */
function readableFile(wanted: string, { env, workingDirectory, home }: Reading): string {
  const folders = allowedFolders(env, workingDirectory);
  const howTo = 'Set COUNTERSIGN_ALLOW_DIRS to the folder of the file, or give its text as csv.';
  if (wanted.includes('\0'))
    throw new AppError('VALIDATION_ERROR', 'path holds a NUL character: remove it.', { path: 'NUL' });
  const absolute = path.resolve(workingDirectory, wanted);
  const real = realpath(absolute);
  const roots = folders.flatMap((folder) => realpath(folder) ?? []);
  const isBelow = (file: string) =>
    roots.some((root) => file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep));
  if (!isBelow(real ?? absolute)) {
    throw new AppError(
      'FORBIDDEN',
      `${absolute} lies outside the folders that may be read (${folders.join(', ') || 'none'}). ${howTo}`,
      { path: 'outside the allowed folders' },
    );
  }
  if (real === undefined)
    throw notFound(`There is no file ${absolute}. Check the path; a relative one starts at ${workingDirectory}.`, {
      path: 'not found',
    });
  const refused = leadsToFolder(real) ? undefined : (refusedFor(absolute, home) ?? refusedFor(real, home));
  if (refused !== undefined)
    throw new AppError(
      'FORBIDDEN',
      `${absolute} ${refused}. Copy the contacts to a file elsewhere, or give its text as csv.`,
      {
        path: 'not a file of contacts',
      },
    );
  return real;
}

/**
 * Opens a file whose path was checked. Should somebody have put a link or a pipe in its place since, the link isn't
 * followed and the pipe isn't waited for.
 */
function openedFile(file: string): number {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const why = errorCode(error) ?? String(error);
    throw new AppError(
      'FORBIDDEN',
      `${file} can't be opened (${why}). Make it readable for this process, or give its text as csv.`,
      { path: why },
    );
  }
}

/** The content of a file in an allowed folder. LIMIT_EXCEEDED where it has more than `maxBytes` bytes. */
export function readAllowedFile(wanted: string, reading: Reading, maxBytes: number): Buffer {
  const file = readableFile(wanted, reading);
  const handle = openedFile(file);
  try {
    const found = fs.fstatSync(handle);
    if (!found.isFile())
      throw new AppError('VALIDATION_ERROR', `${file} isn't a file: give the path of a file.`, { path: 'not a file' });
    if (found.size > maxBytes) {
      const size = Math.ceil(found.size / 2 ** 20);
      const words = `${file} has ${size} MB; an import takes at most ${maxBytes / 2 ** 20} MB. Split the file and import the parts.`;
      throw new AppError('LIMIT_EXCEEDED', words, { path: 'too large' });
    }
    return fs.readFileSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
