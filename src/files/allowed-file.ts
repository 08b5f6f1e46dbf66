import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppError, notFound } from '../domain/base/errors.ts';
import { errorCode } from './durable.ts';

const readFrom = promisify(fs.read);

type Env = Readonly<Record<string, string | undefined>>;

/** The folder where the server was started, unless that is a root or the home directory; over HTTP there is none. */
function startFolder(workingDirectory: string | undefined): string[] {
  if (workingDirectory === undefined) return [];
  const isTooWide = workingDirectory === path.parse(workingDirectory).root || workingDirectory === os.homedir();
  return isTooWide ? [] : [workingDirectory];
}

/**
 * The folders in which `import_contacts` may read files: those of COUNTERSIGN_ALLOW_DIRS, where `.` is the folder where the
 * server was started. Unset, it is that folder alone.
 */
function allowedFolders(env: Env, workingDirectory: string | undefined): string[] {
  const listed = env.COUNTERSIGN_ALLOW_DIRS;
  if (listed === undefined || listed === '') return startFolder(workingDirectory);
  const folders = listed.split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => (folder === '.' ? startFolder(workingDirectory) : [folder]));
}

function realpath(file: string): string | undefined {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

/** What somebody reads a file for. */
export type Sought = {
  /** What the file holds, as an error names it: "a file of contacts". */
  noun: string;
  /** The ends of names that may be read (contract, section 3); undefined where the bytes tell the kind. */
  kinds?: readonly string[];
  maxBytes: number;
  /** What to do with a file that is too large, and instead of naming one. */
  tooLarge: string;
  instead: string;
};

export const CONTACTS_FILE: Sought = {
  noun: 'a file of contacts',
  kinds: ['.csv', '.tsv', '.txt', '.json', '.jsonl', '.ndjson'],
  maxBytes: 256 << 20,
  tooLarge: 'an import takes at most 256 MB. Split the file and import the parts',
  instead: ', or give its text as csv',
};

export const AUDIO_FILE: Sought = {
  noun: 'a recording',
  maxBytes: 25 << 20,
  tooLarge: 'a recording has at most 25 MB. Make it shorter, or compress it',
  instead: '',
};

/** Whether a file lies in a folder, under whatever name: on many disks `home` and `HOME` are one folder. */
function liesBelow(file: string, folder: string): boolean {
  const isFolder = (other: string) => {
    const [one, two] = [folder, other].map((each) => fs.statSync(each, { bigint: true, throwIfNoEntry: false }));
    return one !== undefined && one.ino !== 0n && one.ino === two?.ino && one.dev === two.dev;
  };
  for (let at = file; ; at = path.dirname(at)) {
    if (at === folder || isFolder(at)) return true;
    if (at === path.dirname(at)) return false;
  }
}

/** Why a file isn't read although it lies in an allowed folder; undefined where it may be. */
function refusedFor(file: string, home: string | undefined, { kinds, noun }: Sought): string | undefined {
  if (kinds && !kinds.some((kind) => file.toLowerCase().endsWith(kind)))
    return `isn't ${noun}: only ${kinds.join(', ')} are read`;
  const hidden = file.split(path.sep).find((part) => part.startsWith('.') && part !== '.' && part !== '..');
  if (hidden !== undefined) return `has a hidden part in its path (${hidden}), and hidden files aren't read`;
  if (home !== undefined && liesBelow(file, path.resolve(home)))
    return 'lies below the home of Countersign, whose files are its own';
  return undefined;
}

/** Where a file may be read: which folders the environment allows, where a relative path starts, and the home. */
export type Reading = { env: Env; workingDirectory: string | undefined; home: string | undefined };

function leadsToFolder(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * The real path of a file, with links followed. FORBIDDEN where it lies outside the allowed folders, or is no file that
 * holds contacts.
 */
function readableFile(wanted: string, { env, workingDirectory, home }: Reading, sought: Sought): string {
  const folders = allowedFolders(env, workingDirectory);
  const { instead, noun } = sought;
  const howTo = `Move it to one of them${instead.replace(', or', ',')}, or set COUNTERSIGN_ALLOW_DIRS to its folder; countersign install CLIENT --allow-dir DIR does that.`;
  if (wanted.includes('\0'))
    throw new AppError('VALIDATION_ERROR', 'path holds a NUL character: remove it.', { path: 'NUL' });
  const start = workingDirectory ?? folders[0] ?? path.sep;
  const absolute = path.resolve(start, wanted);
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
    throw notFound(`There is no file ${absolute}. Check the path; a relative one starts at ${start}.`, {
      path: 'not found',
    });
  const refused = leadsToFolder(real)
    ? undefined
    : (refusedFor(absolute, home, sought) ?? refusedFor(real, home, sought));
  if (refused !== undefined)
    throw new AppError('FORBIDDEN', `${absolute} ${refused}. Copy what it holds to a file elsewhere${instead}.`, {
      path: `not ${noun}`,
    });
  return real;
}

/**
 * Opens a file whose path was checked. Should somebody have put a link or a pipe in its place since, the link isn't
 * followed and the pipe isn't waited for.
 */
function openedFile(file: string, { instead }: Sought): number {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const why = errorCode(error) ?? String(error);
    throw new AppError('FORBIDDEN', `${file} can't be opened (${why}). Make it readable for this process${instead}.`, {
      path: why,
    });
  }
}

/** The first `size` bytes of a file. They are read outside the loop of the process, which answers other calls meanwhile. */
async function firstBytesOf(handle: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (let count = 1; at < size && count > 0; at += count)
    count = (await readFrom(handle, { buffer: bytes, offset: at, length: size - at, position: at })).bytesRead;
  return bytes.subarray(0, at);
}

/** The content of a file in an allowed folder. LIMIT_EXCEEDED where it has more bytes than what is sought may have. */
export async function readAllowedFile(wanted: string, reading: Reading, sought: Sought): Promise<Buffer> {
  const file = readableFile(wanted, reading, sought);
  const handle = openedFile(file, sought);
  try {
    const found = fs.fstatSync(handle);
    if (!found.isFile())
      throw new AppError('VALIDATION_ERROR', `${file} isn't a file: give the path of a file.`, { path: 'not a file' });
    if (found.size > sought.maxBytes) {
      const words = `${file} has ${Math.ceil(found.size / 2 ** 20)} MB; ${sought.tooLarge}.`;
      throw new AppError('LIMIT_EXCEEDED', words, { path: 'too large' });
    }
    return await firstBytesOf(handle, found.size);
  } finally {
    fs.closeSync(handle);
  }
}
