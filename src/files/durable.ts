import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../domain/base/errors.ts';

const ADVICE: Record<string, string> = {
  ENOSPC: 'The disk is full: free some space, then call again.',
  EDQUOT: 'The disk quota is used up: free some space, then call again.',
  EROFS: 'The file system is read-only: remount it writable, or set COUNTERSIGN_HOME to a folder that is.',
  EACCES:
    'Permission is missing: give this user read and write access to that path, or set COUNTERSIGN_HOME to another folder.',
  EPERM:
    'Permission is missing: give this user read and write access to that path, or set COUNTERSIGN_HOME to another folder.',
  ENOTDIR: 'A file stands where a folder should be: move it, or set COUNTERSIGN_HOME to another folder.',
  EEXIST: 'A file stands where a folder should be: move it, or set COUNTERSIGN_HOME to another folder.',
  ENOENT: 'No folder can be made at that path: set COUNTERSIGN_HOME to a folder on a local disk.',
  EIO: 'The disk reports a fault: check it before you go on, then call again.',
  EMFILE: 'Too many files are open: close some programs, then call again.',
};

/** The error for bytes that were written, where the disk didn't confirm that it keeps them. */
function unconfirmed(code: string): AppError {
  return new AppError(
    'STORE_ERROR',
    `The disk did not confirm a write (${code}), so the change may or may not be kept. Check the disk, then read before you repeat the call.`,
  );
}

/** The `code` of a file system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A STORE_ERROR for a file system error, with advice for the person. `doing` is what failed: `Writing a.json`. */
export function storeError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const code = errorCode(error);
  const advice = (code && ADVICE[code]) ?? 'Run `countersign doctor` to see what is wrong.';
  const where = error instanceof Error && 'path' in error ? ` at ${error.path}` : '';
  return new AppError(
    'STORE_ERROR',
    `${doing} failed (${code ?? String(error)}${where}). Nothing was changed. ${advice}`,
  );
}

function kindOf(stat: fs.Stats): string {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a pipe';
  if (stat.isDirectory()) return 'a folder';
  return stat.isFile() ? 'a file' : 'a device or socket';
}

function misplaced(place: string, stat: fs.Stats, wanted: 'file' | 'folder'): AppError {
  return new AppError(
    'STORE_ERROR',
    `${place} is ${kindOf(stat)} where Countersign keeps a ${wanted} of its own, so nothing was read or written through it. Move it away, put the true ${wanted} back if there is one, then run \`countersign doctor\`. To keep a home elsewhere, move it as a whole and set COUNTERSIGN_HOME.`,
    { file: place },
  );
}

/** Throws a STORE_ERROR where something else than a plain file stands in the place of one. */
function demandFile(file: string, found: fs.Stats): void {
  if (!found.isFile()) throw misplaced(file, found, 'file');
}

/** Opens a file of the home. A link in its place isn't followed, a pipe isn't waited for: both are a STORE_ERROR. */
export function openPlain(file: string, flags: number = fs.constants.O_RDONLY): number {
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  let fd: number;
  try {
    fd = fs.openSync(file, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    const found = fs.lstatSync(file, { throwIfNoEntry: false });
    if (found) demandFile(file, found);
    throw error;
  }
  try {
    demandFile(file, fs.fstatSync(fd));
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/**
 * Makes a folder and its parents, one after another. Node's `recursive: true` never returns where a folder can't be
 * made in its existing parent, as in /proc.
 */
export function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made the folder meanwhile.
    if (errorCode(error) !== 'EEXIST' || !fs.statSync(directory).isDirectory()) throw error;
  }
}

/** Whether a folder of the home is there. Something else in its place, such as a link, is a STORE_ERROR. */
export function isFolder(directory: string): boolean {
  const found = fs.lstatSync(directory, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw misplaced(directory, found, 'folder');
  return found !== undefined;
}

/** Makes a folder of the home unless it is there. */
export function makeFolder(directory: string): void {
  if (!isFolder(directory)) makeDirectory(directory);
}

/** Why no file can be made in a home's folder, with advice for the person; undefined where one can. A missing folder is made. */
export function unwritable(home: string): string | undefined {
  const probe = path.join(home, `.${randomUUID()}.tmp`);
  try {
    makeDirectory(home);
    fs.closeSync(fs.openSync(probe, 'wx', 0o600));
    fs.rmSync(probe);
    return undefined;
  } catch (error) {
    return storeError(error, `Writing in the home's folder ${home}`).message;
  }
}

/** The text of a file of the person's own; undefined where there is none. A link to a file elsewhere is followed. */
export function readOwnText(file: string): string | undefined {
  try {
    if (!fs.statSync(file).isFile()) throw new Error('not a file');
    return fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    const why = errorCode(error) ?? (error instanceof Error ? error.message : String(error));
    throw new AppError('STORE_ERROR', `${file} can't be read (${why}). Make it a readable file, or move it away.`);
  }
}

/** Makes an empty file, or sets the times of the file that is there to now. */
export function touch(file: string): void {
  const fd = openPlain(file, fs.constants.O_WRONLY | fs.constants.O_CREAT);
  try {
    const now = new Date();
    fs.futimesSync(fd, now, now);
  } finally {
    fs.closeSync(fd);
  }
}

/** The bytes of a file of the home. */
export function readPlain(file: string): Buffer {
  const fd = openPlain(file);
  try {
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Returns once what was written to a file is on disk; STORE_ERROR where the disk doesn't confirm that. */
export function makeDurable(fd: number): void {
  try {
    fs.fdatasyncSync(fd);
  } catch (error) {
    throw unconfirmed(errorCode(error) ?? String(error));
  }
}

/** Makes durable which files a directory holds: new, renamed and removed ones. */
export function syncDirectory(directory: string): void {
  // Windows can't do this for a directory, and needs no call: its file system keeps a journal of them.
  if (process.platform === 'win32') return;
  const fd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Replaces a file. A reader sees the whole old text or the whole new text, even where this process is killed. Without
 * `isDurable`, a power cut may lose the new text.
 */
export function replaceFile(file: string, text: string | Buffer, { isDurable = true, mode = 0o600 } = {}): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(fd, text);
      if (mode !== 0o600) fs.fchmodSync(fd, mode);
      if (isDurable) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  if (isDurable) syncDirectory(path.dirname(file));
}

/** Gives a file a second name, where nothing has that name; false where something has. */
export function linkOnce(file: string, name: string): boolean {
  try {
    fs.linkSync(file, name);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The bytes of a file of the home; undefined where there is no such file. */
export function readIfThere(file: string): Buffer | undefined {
  try {
    return readPlain(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
