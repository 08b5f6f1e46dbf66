import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../domain/base/errors.ts';
import { errorCode, makeDirectory, openPlain, replaceFile, syncDirectory } from './durable.ts';

/** No client's settings are larger. */
const MOST_BYTES = 64 * 2 ** 20;
const BOM = '\uFEFF';

/** A file of another program, as it was read. `text` lacks a byte order mark, which `bytes` and `mark` have. */
export type ClientFile = { bytes: Buffer; text: string; mark: string; mode: number };

/** An error that says why a file of another program is left as it is. */
function leftAlone(file: string, why: string): AppError {
  return new AppError('STORE_ERROR', `${file} is left as it is: ${why}.`, { file });
}

/** Whether somebody else than the user of this process owns a file. Windows has no such number. */
function isForeign(stat: fs.Stats): boolean {
  return process.getuid !== undefined && stat.uid !== process.getuid();
}

const FOREIGN = 'it belongs to another user. Run this as that user, without sudo';

/** Why a file that is there isn't touched; undefined where it may be. */
function whyAlone(stat: fs.Stats): string | undefined {
  if (stat.isSymbolicLink()) return 'it is a link. Add the server to the file that it leads to, by hand';
  if (!stat.isFile()) return 'it is no file';
  if (stat.nlink > 1) return 'it has a second name (a hard link), which a new file would lose. Add the server by hand';
  if (isForeign(stat)) return FOREIGN;
  if ((stat.mode & 0o200) === 0) return 'it is read-only. Make it writable first';
  return stat.size > MOST_BYTES ? 'it is too large for settings' : undefined;
}

/** The closest folder above a file that is there. */
function folderAbove(file: string): string {
  const folder = path.dirname(file);
  return folder === file || fs.existsSync(folder) ? folder : folderAbove(folder);
}

function demandOwnFolder(file: string): void {
  const folder = folderAbove(file);
  const stat = fs.statSync(folder);
  if (!stat.isDirectory()) throw leftAlone(file, `${folder} is no folder`);
  if (isForeign(stat)) throw leftAlone(file, `the folder ${folder} belongs to another user. Run this as that user`);
}

function textIn(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw leftAlone(file, 'it is no text in UTF-8');
  }
}

/**
 * Reads a file of another program; undefined where there is none. STORE_ERROR with the reason where it is a link, damaged,
 * unreadable or somebody else's: such a file isn't touched.
 */
export function readClientFile(file: string, { isText = true } = {}): ClientFile | undefined {
  try {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) {
      demandOwnFolder(file);
      return undefined;
    }
    const why = whyAlone(stat);
    if (why !== undefined) throw leftAlone(file, why);
    const fd = openPlain(file);
    try {
      const bytes = fs.readFileSync(fd);
      const whole = isText ? textIn(file, bytes) : '';
      const mark = whole.startsWith(BOM) ? BOM : '';
      return { bytes, text: whole.slice(mark.length), mark, mode: stat.mode & 0o777 };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw leftAlone(file, `it can't be read (${errorCode(error) ?? String(error)})`);
  }
}

/** Whether a file is still as it was read. Its program may have written it meanwhile. */
export function isAsRead(file: string, before: ClientFile | undefined): boolean {
  const now = readClientFile(file);
  return now === undefined || before === undefined ? now === before : now.bytes.equals(before.bytes);
}

/** Replaces a file of another program durably, by its own mode; a new one is for its user alone. */
export function writeClientFile(file: string, content: string | Buffer, before: ClientFile | undefined): void {
  try {
    makeDirectory(path.dirname(file));
    replaceFile(file, content, { mode: before?.mode ?? 0o600 });
  } catch (error) {
    throw leftAlone(file, `it can't be written (${errorCode(error) ?? String(error)})`);
  }
}

/** Keeps bytes in a new file, durably. What has its name already stays: STORE_ERROR, and nothing was written. */
export function keepClientFile(file: string, bytes: Buffer, mode: number): void {
  let fd: number;
  try {
    fd = fs.openSync(file, 'wx', mode);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw leftAlone(file, 'another program made it just now. Try again');
    throw leftAlone(file, `it can't be written (${errorCode(error) ?? String(error)})`);
  }
  try {
    fs.writeFileSync(fd, bytes);
    fs.fsyncSync(fd);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw leftAlone(file, `it can't be written (${errorCode(error) ?? String(error)})`);
  } finally {
    fs.closeSync(fd);
  }
  syncDirectory(path.dirname(file));
}

/** Removes a file, and the folders above it that are then empty, up to `root`, which stays. */
export function removeClientFile(file: string, root: string): void {
  fs.rmSync(file, { force: true });
  syncDirectory(path.dirname(file));
  for (let folder = path.dirname(file); folder.startsWith(root + path.sep); folder = path.dirname(folder)) {
    try {
      fs.rmdirSync(folder);
    } catch {
      return;
    }
  }
}

/** Whether anything stands at a path. */
export function isThere(place: string): boolean {
  return fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

/** The names in a folder; none where it can't be read. */
export function folderEntries(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** The path of a file with all links followed; the same path where that isn't known. */
export function realFile(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}

/** The text of a file that may be there; empty where it can't be read. */
export function readWords(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Copies the files of a folder, but not the folders in it. What is there by the same name is replaced. */
export function copyFiles(from: string, to: string, isWanted: (name: string) => boolean): void {
  makeDirectory(to);
  for (const name of folderEntries(from).filter(isWanted)) {
    const file = path.join(from, name);
    if (fs.statSync(file).isFile()) replaceFile(path.join(to, name), fs.readFileSync(file));
  }
}
