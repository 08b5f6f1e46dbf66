import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../domain/base/errors.ts';

const ADVICE: Record<string, string> = {
  ENOSPC: 'The disk is full: free some space, then call again.',
  EDQUOT: 'The disk quota is used up: free some space, then call again.',
  EROFS: 'The file system is read-only: remount it writable, or set COUNTERSIGN_HOME to a folder that is.',
  EACCES:
    'Permission is missing: give this user read and write access to it, or set COUNTERSIGN_HOME to another folder.',
  EPERM:
    'Permission is missing: give this user read and write access to it, or set COUNTERSIGN_HOME to another folder.',
  ENOTDIR: 'A file stands where a folder should be: move it, or set COUNTERSIGN_HOME to another folder.',
  EEXIST: 'A file stands where a folder should be: move it, or set COUNTERSIGN_HOME to another folder.',
  ENOENT: 'No folder can be made there: set COUNTERSIGN_HOME to a folder on a local disk.',
  EIO: 'The disk reports a fault: check it before you go on, then call again.',
  EMFILE: 'Too many files are open: close some programs, then call again.',
};

/** The bytes were written, but the disk didn't say that they are kept. */
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

/** A file system error in words a person can act on. */
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

/** Refuses what isn't a plain file in the place of one. */
function demandFile(file: string, found: fs.Stats): void {
  if (!found.isFile()) throw misplaced(file, found, 'file');
}

/** Opens a file of the home. What someone put in its place, a link or a pipe, is neither followed nor waited for. */
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

/** One folder after another: Node's recursive way never ends where a parent answers ENOENT, as in /proc. */
export function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (errorCode(error) !== 'EEXIST' || !fs.statSync(directory).isDirectory()) throw error;
  }
}

/** Whether a folder of the home is there. A link in its place isn't followed. */
export function isFolder(directory: string): boolean {
  const found = fs.lstatSync(directory, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw misplaced(directory, found, 'folder');
  return found !== undefined;
}

/** Makes a folder of the home where it is missing. */
export function makeFolder(directory: string): void {
  if (!isFolder(directory)) makeDirectory(directory);
}

/** The text of a file that is the person's own, who may keep it elsewhere, by a link; undefined where there is none. */
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

/** Makes an empty file, or one that is there look as if it was made now. */
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

/** Returns once what was written is on disk. */
export function makeDurable(fd: number): void {
  try {
    fs.fdatasyncSync(fd);
  } catch (error) {
    throw unconfirmed(errorCode(error) ?? String(error));
  }
}

/** Makes a directory entry durable. */
export function syncDirectory(directory: string): void {
  // Windows has no such call, and journals its directories.
  if (process.platform === 'win32') return;
  const fd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Replaces a file so that a reader sees the old or the new text whole, whatever stops this process. One that isn't durable
 * may be gone after a power cut.
 */
export function replaceFile(file: string, text: string | Buffer, { isDurable = true } = {}): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.tmp`);
  try {
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(fd, text);
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

export function readIfThere(file: string): Buffer | undefined {
  try {
    return readPlain(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
